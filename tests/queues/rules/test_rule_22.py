"""Rule 22: times are PostgreSQL's clock as of the statement, durations are monotonic."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from queues import service
from queues.config import Backoff, QueueConfig
from queues.errors import Postpone
from queues.ledger.finish import Kind
from queues.models import Job, JobAttempt
from queues.order.client import OrderClient
from queues.testing import Declare, StartWorker
from tests.queues import hands
from tests.queues.oracle import Caller

pytestmark = pytest.mark.rule(22)


def test_a_long_transaction_does_not_date_its_jobs_back(declare: Declare, queue_servers: None) -> None:
    """An import runs for an hour in one transaction. By now() its last jobs would be an hour old, and first in line."""
    queue = declare(QueueConfig("letters"))
    with transaction.atomic():
        service.add_job(queue, {})
        time.sleep(0.3)
        began = datetime.now(UTC)
        job = service.add_job(queue, {}, delay=10_000)

    assert job.created_at >= began
    assert job.run_at >= began + timedelta(seconds=10)


def test_every_time_of_a_job_is_the_statements(declare: Declare, order: OrderClient) -> None:
    """A commit that gathers many outcomes must not date them all alike, nor before they began."""
    queue = declare(QueueConfig("letters"))
    hands.make_ready(order, queue)
    hands.waiting(order, queue, 3)
    hand = hands.take(order, queue, 3)
    with transaction.atomic():
        time.sleep(0.2)
        claimed_from = datetime.now(UTC)
        hands.claim_hand(queue, hand)
        time.sleep(0.2)
        ended_from = datetime.now(UTC)
        done, failed, again = hand.ids
        hands.end(hand, Kind.COMPLETED, [done])
        hands.end(hand, Kind.FAILED, [failed], error_class="Gone")
        hands.end(hand, Kind.RETRY, [again], wait_ms=1000)

    jobs = {job.id: job for job in Job.objects.all()}
    assert all(job.started_at is not None and job.started_at >= claimed_from for job in jobs.values())
    assert all(when and when >= ended_from for when in (jobs[done].finished_at, jobs[failed].failed_at))
    assert jobs[again].run_at >= ended_from + timedelta(seconds=1)
    assert all(attempt.finished_at >= ended_from for attempt in JobAttempt.objects.all())


@pytest.mark.parametrize("skew_s", [-3600, -50, 50, 3600])
def test_a_worker_whose_clock_is_off_keeps_its_times(
    declare: Declare, worker: StartWorker, caller: Caller, monkeypatch: pytest.MonkeyPatch, skew_s: float
) -> None:
    """The clock of one worker's machine is off. Retries and postponed jobs must start when they should all the same."""
    # Given an actor that fails once and one that postpones once, by the right time
    real = time.time
    starts: dict[str, list[float]] = {"fails": [], "postpones": []}

    def body(data: dict[str, Any]) -> None:
        kind = data["kind"]
        starts[kind].append(real())
        if len(starts[kind]) == 1 and kind == "fails":
            raise ConnectionError
        if len(starts[kind]) == 1:
            raise Postpone(datetime.fromtimestamp(real() + 1.0, UTC), "quiet hours")

    queue = declare(QueueConfig("letters", actor="letter", backoff=Backoff(1000)), body)
    worker()
    monkeypatch.setattr(time, "time", lambda: real() + skew_s)

    # When they run on a machine whose clock is off
    caller.add(queue, {"kind": "fails"})
    caller.add(queue, {"kind": "postpones"})
    caller.wait_all_ended(10)

    # Then the second start is a second after the first, within what the sweep allows at the most
    for kind, (first, second) in starts.items():
        assert 1.0 <= second - first < 1.0 + (0.5 if kind == "fails" else 2.5), kind
    assert all(0 <= attempt.finished_at.timestamp() - real() + 60 < 60.1 for attempt in JobAttempt.objects.all())
    caller.assert_oracle()
