"""Rule 23: handing an outcome over is one put; a thread that is lost takes its process with it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from dramatiq.middleware import Middleware, TimeLimitExceeded

from queues import service
from queues.broker import renewer
from queues.conf import QueueSettings
from queues.config import QueueConfig
from queues.models import JobAttempt
from queues.testing import Declare, StartWorker, wait_for
from tests.queues.holding import hooked
from tests.queues.oracle import Caller


class LateInAck(Middleware):
    """Dramatiq's TimeLimit, striking while an outcome is handed over: the thread dies, unacknowledged."""

    def __init__(self) -> None:
        self.struck = 0

    def before_ack(self, broker: Any, message: Any) -> None:
        self.struck += 1
        raise TimeLimitExceeded


class LateInHook(Middleware):
    """The same after the outcome was handed over: the job is done, the thread is not there any more."""

    def after_ack(self, broker: Any, message: Any) -> None:
        raise TimeLimitExceeded


@pytest.mark.rule(23)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_died_unacknowledged_ends_its_process_and_its_job_runs_again(
    declare: Declare, worker: StartWorker, caller: Caller, tuned: Callable[..., QueueSettings]
) -> None:
    """A time limit struck inside `ack`.

    Both threads of the process were dead, it went on leasing, and the jobs it held were renewed for ever: a reminder
    that nobody would ever send, and nobody would ever miss.
    """
    tuned(lock_duration_ms=2000, stalled_interval_ms=300)
    runs: list[str] = []
    queue = declare(QueueConfig("parcels", actor="deliver"), lambda _: runs.append("ran"))
    running = worker(threads=1)
    # Given a thread that dies while it acknowledges.
    with hooked(late := LateInAck()):
        job = caller.add(queue)
        # Then the process gives up on itself, and claims nothing more.
        wait_for(lambda: running.given_up, 5)
    assert late.struck == 1
    assert running.given_up == [f"the thread of job {job} died"]
    assert running.process.stopping
    assert service.get_job(queue, job).state == "active"
    running.stop(1)
    # When another process is started, then it takes the job over, once the lease has ended.
    worker(threads=1)
    caller.wait_all_ended()
    caller.assert_oracle()
    assert runs == ["ran", "ran"]
    assert [attempt.outcome for attempt in JobAttempt.objects.filter(job_id=job)] == ["stalled", "completed"]


@pytest.mark.rule(23)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_died_with_nothing_in_hand_is_missed_too(
    declare: Declare, worker: StartWorker, caller: Caller
) -> None:
    """The interrupt came a moment later, after the outcome was handed over.

    Every job was in order, and the process did one less at a time from then on, until it did none.
    """
    queue = declare(QueueConfig("parcels", actor="deliver"), lambda _: None)
    running = worker(threads=2)
    with hooked(LateInHook()):
        caller.add(queue)
        wait_for(lambda: running.given_up, 5)
    assert running.given_up == ["one of its threads died"]
    caller.wait_all_ended()
    running.stop(1)
    caller.assert_oracle()


@pytest.mark.rule(23)
def test_an_attempt_that_ignores_its_time_limit_is_lost(
    declare: Declare, worker: StartWorker, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A C library hung in a call that no exception reaches. Its thread lives, so its lease was renewed for ever."""
    monkeypatch.setattr(renewer, "GRACE_S", 0.3)
    release = time.monotonic() + 3

    def hang(data: dict[str, Any]) -> None:
        time.sleep(max(release - time.monotonic(), 0))  # one call: the interrupt has to wait until it returns

    queue = declare(QueueConfig("parcels", actor="deliver", time_limit_ms=200, attempts=1), hang)
    running = worker(threads=1)
    caller.add(queue)
    wait_for(lambda: running.given_up, 2.5)
    assert "ignores its time limit" in running.given_up[0]
    caller.wait_all_ended()
    running.stop()
    caller.assert_oracle()
