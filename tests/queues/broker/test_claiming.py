"""A consumer when its servers are not as it thinks they are."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from queues import service
from queues.conf import QueueSettings
from queues.config import QueueConfig
from queues.ledger import claim as ledger
from queues.ledger import sql
from queues.models import Job
from queues.testing import Declare, StartWorker, wait_for
from tests.queues.holding import refusing
from tests.queues.oracle import Caller


def nothing(_: object) -> None:
    """Do nothing."""


def test_a_consumer_that_is_wrong_about_rediss_clock_asks_anew(
    declare: Declare, worker: StartWorker, caller: Caller
) -> None:
    """A machine slept for an hour; to its consumers every fetch was late from then on, and they fetched for ever."""
    queue = declare(QueueConfig("parcels", actor="deliver"), nothing)
    running = worker(threads=1)
    consumer: Any = running._worker.consumers[queue].consumer
    consumer._client._offset_ms -= 3_600_000
    caller.add(queue)
    caller.wait_all_ended(5)
    caller.assert_oracle()


def test_the_claims_session_is_replaced_when_it_was_ended(
    declare: Declare, worker: StartWorker, caller: Caller
) -> None:
    """An administrator ended idle sessions: the next claim finds its own closed, and uses another."""
    queue = declare(QueueConfig("parcels", actor="deliver"), nothing)
    worker(threads=1)
    for _ in range(3):
        caller.add(queue)
        caller.wait_all_ended()
        sql.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'queues-claim'"
            " AND datname = current_database()", [])  # fmt: skip
    caller.add(queue)
    caller.wait_all_ended()
    caller.assert_oracle()


def test_a_claim_whose_answer_came_late_is_taken_back(
    declare: Declare, worker: StartWorker, caller: Caller, tuned: Callable[..., QueueSettings],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The network held the claim's answer for more than half the lease: another may hold the job soon."""
    tuned(lock_duration_ms=1200)
    claim, slow = ledger.claim, [True]

    def held_up(*args: Any, **kwargs: Any) -> Any:
        answer = claim(*args, **kwargs)
        if slow:
            slow.clear()
            time.sleep(0.8)
        return answer

    monkeypatch.setattr(ledger, "claim", held_up)
    ran: list[int] = []
    queue = declare(QueueConfig("parcels", actor="deliver"), lambda _: ran.append(1))
    worker(threads=1)
    caller.add(queue)
    caller.wait_all_ended()
    assert ran == [1]
    assert Job.objects.get().attempts_made == 1
    caller.assert_oracle()


def test_a_claim_that_the_database_refuses_for_long_gives_the_ids_back(
    declare: Declare, worker: StartWorker, caller: Caller, tuned: Callable[..., QueueSettings]
) -> None:
    """The database starts up, and refuses for longer than half a lease; nothing is lost, no attempt is spent."""
    tuned(lock_duration_ms=1200)
    queue = declare(QueueConfig("parcels", actor="deliver"), nothing)
    running = worker(threads=2)
    with refusing("new.state = 'active'", "57P03", times=7):
        caller.add(queue)
        caller.wait_all_ended()
    wait_for(lambda: running.process.gate.held == 0)
    assert Job.objects.get().attempts_made == 1
    caller.assert_oracle()


def test_an_error_that_nobody_expects_costs_no_grant(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    """Each such error kept the grants of its fetch: after some of them the process claimed nothing any more."""
    queue = declare(QueueConfig("parcels", actor="deliver"), nothing)
    running = worker(threads=1)
    with refusing("new.state = 'active'", "P0001", times=1):
        caller.add(queue)
        wait_for(lambda: sql.rows("SELECT is_called FROM refusals", []) == [(True,)])
        wait_for(lambda: running.process.gate.held == 0, 5)
        # Dramatiq makes another consumer after three seconds; the lease of the lost fetch ends by itself.
        again = caller.add(queue)
        wait_for(lambda: service.get_job(queue, again).state == "completed", 8)
