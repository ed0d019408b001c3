"""Rule 25: what an attempt came to is computed from facts, each outcome by its own clause."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import dramatiq
import pytest
from dramatiq.middleware import Middleware, Retries, SkipMessage, TimeLimitExceeded

from queues import service
from queues.config import Backoff, QueueConfig
from queues.errors import PermanentJobError, Postpone
from queues.models import Job, JobAttempt
from queues.testing import Declare, StartWorker, broker, wait_for
from tests.queues.holding import hooked
from tests.queues.oracle import Caller

pytestmark = pytest.mark.rule(25)

PARCELS = QueueConfig("parcels", actor="deliver", attempts=3, backoff=Backoff(60_000))
LATER = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=3)


def deliver(data: dict[str, Any]) -> None:
    errors: dict[str, BaseException] = {
        "raises": ValueError("no"),
        "permanent": PermanentJobError("no such address"),
        "postpone": Postpone(LATER, "quiet hours"),
        "retry": dramatiq.Retry("soon", delay=30_000),
    }
    if data["then"] in errors:
        raise errors[data["then"]]


@pytest.mark.parametrize(
    ("then", "state", "attempts", "outcomes"),
    [
        ("returns", "completed", 1, []),
        ("raises", "delayed", 1, ["retry"]),
        ("retry", "delayed", 1, ["retry"]),
        ("permanent", "failed", 1, ["failed"]),
        ("postpone", "delayed", 0, ["postponed"]),
    ],
)
def test_each_end_of_a_body_has_its_outcome(
    declare: Declare, worker: StartWorker, caller: Caller, then: str, state: str, attempts: int, outcomes: list[str]
) -> None:
    queue = declare(PARCELS, deliver)
    worker(threads=1)
    job = caller.add(queue, {"then": then})
    wait_for(lambda: service.get_job(queue, job).state == state)
    row = service.get_job(queue, job)
    assert row.attempts_made == attempts
    assert [attempt.outcome for attempt in JobAttempt.objects.filter(job_id=job)] == outcomes
    if then == "postpone":
        assert (row.run_at, row.reason) == (LATER, "quiet hours")


def test_the_last_attempt_fails_for_good(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    queue = declare(PARCELS, deliver)
    worker(threads=1)
    job = caller.add(queue, {"then": "raises"}, attempts=1)
    caller.wait_all_ended()
    row = service.get_job(queue, job)
    assert (row.state, row.attempts_made, row.error_class) == ("failed", 1, "ValueError")
    caller.assert_oracle()


def test_postponing_at_the_last_attempt_does_not_fail(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    """Quiet hours began while the last attempt of a reminder ran. It was counted as exhausted, and never sent."""
    queue = declare(PARCELS, deliver)
    worker(threads=1)
    job = caller.add(queue, {"then": "postpone"}, attempts=1)
    wait_for(lambda: service.get_job(queue, job).state == "delayed")


def test_an_exception_that_no_hook_recorded_is_not_taken_for_success(
    declare: Declare, worker: StartWorker, caller: Caller
) -> None:
    """Without a hook that decides (it was left out, or raised itself), Dramatiq acknowledges what raised.

    The job counted as done.
    """
    queue = declare(PARCELS, deliver)
    worker(threads=1)
    hooks = broker().middleware
    place = next(index for index, hook in enumerate(hooks) if isinstance(hook, Retries))
    retries = hooks.pop(place)
    try:
        job = caller.add(queue, {"then": "raises"})
        wait_for(lambda: service.get_job(queue, job).state == "delayed")
        last = caller.add(queue, {"then": "raises"}, attempts=1)
        wait_for(lambda: service.get_job(queue, last).state == "failed")
    finally:
        hooks.insert(place, retries)


def test_a_hook_that_raises_leaves_the_decision_to_the_policy(
    declare: Declare, worker: StartWorker, caller: Caller
) -> None:
    class Broken(Middleware):
        def after_process_message(self, broker: Any, message: Any, **_: Any) -> None:
            raise RuntimeError("a hook of somebody's")

        before_process_message = after_process_message

    queue = declare(PARCELS, deliver)
    worker(threads=1)
    with hooked(Broken(), at=0):
        good, bad = caller.add(queue, {"then": "returns"}), caller.add(queue, {"then": "raises"})
        wait_for(lambda: service.get_job(queue, good).state == "completed")
        wait_for(lambda: service.get_job(queue, bad).state == "delayed")


def test_what_a_hook_skips_is_completed_with_the_reason(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    class Skip(Middleware):
        def before_process_message(self, broker: Any, message: Any) -> None:
            raise SkipMessage("not today")

    queue = declare(PARCELS, deliver)
    worker(threads=1)
    with hooked(Skip()):
        job = caller.add(queue, {"then": "raises"})
        caller.wait_all_ended()
    row = service.get_job(queue, job)
    assert (row.state, row.reason) == ("completed", "skipped")


def test_a_shutdown_gives_the_attempt_back(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    """Each deploy in the middle of a provider's bad hour cost every job in hand one of its three attempts."""
    begun = threading.Event()

    def wait(data: dict[str, Any]) -> None:
        begun.set()
        while True:
            time.sleep(0.01)

    queue = declare(PARCELS, wait, notify_shutdown=True)
    running = worker(threads=1)
    job = caller.add(queue)
    assert begun.wait(5)
    running.stop()
    row = service.get_job(queue, job)
    assert (row.state, row.attempts_made, row.token) == ("waiting", 0, None)
    assert [attempt.outcome for attempt in JobAttempt.objects.filter(job_id=job)] == ["released"]


def test_a_time_limit_that_strikes_after_the_body_returned_changes_nothing(
    declare: Declare, worker: StartWorker, caller: Caller
) -> None:
    """With limits of 5 ms and bodies of 2 ms, jobs whose message was sent were recorded as failed, and sent again."""

    class Late(Middleware):
        def __init__(self) -> None:
            self.armed = True

        def after_process_message(self, broker: Any, message: Any, **_: Any) -> None:
            if self.armed:
                self.armed = False
                raise TimeLimitExceeded

    done: list[str] = []
    queue = declare(PARCELS, lambda _: done.append("sent"))
    worker(threads=1)
    with hooked(late := Late()):
        job = caller.add(queue)
        caller.wait_all_ended()
    assert not late.armed
    assert service.get_job(queue, job).state == "completed"
    assert done == ["sent"]
    caller.assert_oracle()


def test_an_end_that_cannot_be_judged_is_a_failure_and_not_held_for_ever(
    declare: Declare, worker: StartWorker, caller: Caller
) -> None:
    """An actor asked for a retry after "soon".

    Judging that raised inside `ack`: the attempt was renewed until the end of days, and the job neither ended nor ran
    again.
    """

    def soon(data: dict[str, Any]) -> None:
        raise dramatiq.Retry("later", delay="soon")  # type: ignore[arg-type]

    queue = declare(PARCELS, soon)
    worker(threads=1)
    job = caller.add(queue)
    caller.wait_all_ended()
    row = service.get_job(queue, job)
    assert (row.state, row.error_class) == ("failed", "UnjudgedOutcome")
    assert "see the worker's log" in row.error
    caller.assert_oracle()


def test_a_real_time_limit_fails_the_attempt(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    def hang(data: dict[str, Any]) -> None:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            time.sleep(0.01)

    queue = declare(QueueConfig("parcels", actor="deliver", attempts=1, time_limit_ms=300), hang)
    worker(threads=1)
    broker().emit_after("process_boot")  # what Dramatiq's process says once, and what starts the clock of limits
    job = caller.add(queue)
    caller.wait_all_ended()
    row = Job.objects.get(pk=job)
    assert (row.state, row.error_class) == ("failed", "dramatiq.middleware.time_limit.TimeLimitExceeded")
    caller.assert_oracle()
