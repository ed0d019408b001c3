"""Rule 40: an actor that is unknown here is retried within its attempts, then failed with its name."""

from __future__ import annotations

import dramatiq
import pytest

from queues import service
from queues.config import Backoff, QueueConfig
from queues.models import JobAttempt
from queues.testing import Declare, StartWorker, broker, wait_for
from tests.queues.oracle import Caller

pytestmark = pytest.mark.rule(40)

PARCELS = QueueConfig("parcels", actor="deliver", attempts=3, backoff=Backoff(40))


def test_an_actor_that_nobody_declares_ends_as_a_failure_that_names_it(
    declare: Declare, worker: StartWorker, caller: Caller
) -> None:
    queue = declare(PARCELS)
    worker(threads=1)
    job = caller.add(queue)
    caller.wait_all_ended()
    row = service.get_job(queue, job)
    assert (row.state, row.attempts_made) == ("failed", 3)
    assert "'deliver'" in row.error
    assert "Deploy it, or remove the job" in row.error
    assert [attempt.outcome for attempt in JobAttempt.objects.all()] == ["retry", "retry", "failed"]
    caller.assert_oracle()


def test_a_rolling_deploy_costs_an_attempt_and_no_job(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    """Half of the workers had the new code. The old ones took the new jobs and threw them away."""
    queue = declare(PARCELS)
    worker(threads=1)
    job = caller.add(queue)
    wait_for(lambda: service.get_job(queue, job).attempts_made == 1)
    ran: list[str] = []
    dramatiq.actor(lambda _: ran.append("ran"), actor_name="deliver", queue_name=queue)
    caller.wait_all_ended()
    assert (service.get_job(queue, job).state, ran) == ("completed", ["ran"])
    assert "deliver" in broker().actors
    caller.assert_oracle()
