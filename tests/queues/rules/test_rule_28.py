"""Rule 28: one bad outcome does not block the rest."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from queues import service
from queues.broker.outcome import TRACEBACK_LIMIT
from queues.config import Backoff, QueueConfig
from queues.models import JobAttempt
from queues.testing import Declare, StartWorker, wait_for
from tests.queues.holding import refusing
from tests.queues.locks import holding_rows
from tests.queues.oracle import Caller

pytestmark = pytest.mark.rule(28)

PARCELS = QueueConfig("parcels", actor="deliver", attempts=1, backoff=Backoff(20))


def test_an_error_that_no_database_can_store_is_stored_cleaned(
    declare: Declare, worker: StartWorker, caller: Caller
) -> None:
    """A provider answered with a NUL in its text.

    The commit of the whole batch failed, for ever: 256 jobs that were done stayed active, and everything behind them.
    """
    texts = {"nul": "bad\x00thing", "surrogate": "bad\ud800thing", "long": "x" * 20_000_000, "good": ""}

    def deliver(data: dict[str, str]) -> None:
        if text := texts[data["text"]]:
            raise ValueError(text)

    queue = declare(PARCELS, deliver)
    jobs = {name: caller.add(queue, {"text": name}, delay=300) for name in texts}
    worker(threads=4)
    caller.wait_all_ended()
    rows = {name: service.get_job(queue, job) for name, job in jobs.items()}
    assert {name: row.state for name, row in rows.items()} == {
        "nul": "failed", "surrogate": "failed", "long": "failed", "good": "completed",
    }  # fmt: skip
    assert rows["nul"].error == rows["surrogate"].error == "bad\ufffdthing"
    assert len(rows["long"].error) <= 2000
    stacks = JobAttempt.objects.filter(job_id=jobs["long"]).values_list("traceback", flat=True)
    assert [len(stack) <= TRACEBACK_LIMIT for stack in stacks] == [True]
    caller.assert_oracle()


def test_an_outcome_that_cannot_be_stored_is_told_apart_and_ends_as_failed(
    declare: Declare, worker: StartWorker, caller: Caller
) -> None:
    """Whatever else is wrong with one outcome of a batch: the batch is cut in halves until the culprit stands alone."""
    go, done = threading.Event(), list[int]()

    def deliver(data: dict[str, int]) -> None:
        if data["number"] == 0:
            assert go.wait(5)
        done.append(data["number"])

    queue = declare(PARCELS, deliver)
    worker(threads=2)
    first = caller.add(queue, {"number": 0})
    wait_for(lambda: service.get_job(queue, first).state == "active")
    # Given one outcome that is refused, for whatever reason.
    with refusing("new.data ->> 'number' = '31' AND new.state = 'completed'"):
        with holding_rows(first):
            # And a commit that waits for a row which somebody holds, so that outcomes gather behind it.
            go.set()
            wait_for(lambda: done == [0])
            jobs = caller.add_many(queue, [{"number": number} for number in range(1, 61)])
            wait_for(lambda: len(done) == 61)
            culprit = jobs[30]
        # When the row is free.
        caller.wait_all_ended()
    row = service.get_job(queue, culprit)
    assert (row.state, row.error_class) == ("failed", "UnstorableOutcome")
    assert "could not be stored" in row.error
    assert [service.get_job(queue, job).state for job in jobs].count("completed") == 59
    caller.assert_oracle()


@pytest.mark.parametrize("sqlstate", ["40P01", "40001"])
def test_a_deadlock_or_a_serialization_failure_is_tried_again(
    declare: Declare, worker: StartWorker, caller: Caller, sqlstate: str
) -> None:
    queue = declare(PARCELS, _nothing)
    worker(threads=1)
    with refusing("new.state = 'completed'", sqlstate, times=3):
        job = caller.add(queue)
        caller.wait_all_ended()
    assert service.get_job(queue, job).state == "completed"
    caller.assert_oracle()


def _nothing(data: Any) -> None:
    """Do nothing."""
