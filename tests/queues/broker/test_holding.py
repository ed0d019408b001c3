"""What a process holds: every attempt is ended by its own outcome and by nothing else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import connection

from queues import service
from queues.broker.attempt import Attempt
from queues.broker.process import WorkerProcess
from queues.conf import QueueSettings
from queues.config import QueueConfig
from queues.ledger.claim import Claimed
from queues.models import Job, JobAttempt
from queues.order.client import OrderClient
from queues.testing import Declare, StartWorker, wait_for
from tests.queues import hands
from tests.queues.oracle import Caller


def attempt_of(job_id: Any) -> Attempt:
    """Return an attempt of a job under a token of its own."""
    claimed = Claimed(job_id, "letter", "", 2, "{}", "{}", 1, 0, 3, suspect=False)
    return Attempt(claimed, "letters", uuid4(), f"1|2|{job_id}|", alone=False)


def test_the_late_end_of_a_lost_attempt_does_not_let_go_of_the_next_one(declare: Declare) -> None:
    """A process froze, its job was taken back and claimed again by the same process.

    The end of the first attempt took the second out of what is renewed: its lease ran out and it was run a third time.
    """
    process = WorkerProcess(1, ["letters"])
    job_id = uuid4()
    first, second = attempt_of(job_id), attempt_of(job_id)
    process.hold([first])
    process.hold([second])

    process._settled([first])

    assert process.held == {str(job_id): second}
    process._settled([second])
    assert process.held == {}


def test_a_row_that_no_message_can_be_made_of_ends_as_failed_whatever_is_wrong_with_it(
    declare: Declare, worker: StartWorker, caller: Caller
) -> None:
    """Data nested a thousand deep, written by hand, raised RecursionError.

    The job, and all that had been claimed with it, was renewed for ever and never run.
    """
    ran: list[int] = []
    queue = declare(QueueConfig("letters", actor="letter"), lambda data: ran.append(data["n"]))
    odd = caller.add(queue, {"n": 0})
    with connection.cursor() as cursor:
        deep = '{"n": 0, "deep": ' + "[" * 2000 + "]" * 2000 + "}"
        cursor.execute("UPDATE queues_job SET data = %s::jsonb WHERE id = %s", [deep, odd])
    others = caller.add_many(queue, [{"n": number} for number in range(1, 4)])
    worker(threads=4)

    wait_for(lambda: Job.objects.filter(pk=odd, state="failed").exists(), 5)
    wait_for(lambda: Job.objects.filter(pk__in=others, state="completed").count() == 3, 5)
    assert sorted(ran) == [1, 2, 3]


def test_a_job_whose_id_in_redis_is_of_an_earlier_time_is_run_once(
    declare: Declare, worker: StartWorker, caller: Caller, tuned: Callable[..., QueueSettings]
) -> None:
    """A waiting job was given another time; its old id was handed out first, and leased.

    The sweep looked for a lease under the row's new id, found none, and had the job taken from its living worker.
    """
    tuned(lock_duration_ms=1500)
    runs: list[float] = []
    go = threading.Event()

    def letter(data: dict[str, Any]) -> None:
        runs.append(time.monotonic())
        go.wait(20)

    queue = declare(QueueConfig("letters", actor="letter"), letter)
    job = caller.add(queue)
    service.reschedule_job(queue, job, datetime.now(UTC) + timedelta(milliseconds=50))
    time.sleep(0.1)
    worker(threads=2)
    wait_for(lambda: runs)

    deadline = time.monotonic() + 6
    while time.monotonic() < deadline:
        assert service.get_job(queue, job).state == "active"
        assert len(runs) == 1
        time.sleep(0.05)
    go.set()
    caller.wait_all_ended()
    assert not JobAttempt.objects.exists()
    caller.assert_oracle()


def test_a_job_that_was_given_another_time_leaves_no_lease_under_its_old_one(
    declare: Declare, worker: StartWorker, caller: Caller, order: OrderClient
) -> None:
    queue = declare(QueueConfig("letters", actor="letter"), lambda _: None)
    job = caller.add(queue)
    service.reschedule_job(queue, job, datetime.now(UTC) + timedelta(milliseconds=50))
    time.sleep(0.1)
    worker(threads=1)
    caller.wait_all_ended()

    wait_for(lambda: order.command("ZCARD", "q:{letters}:leases") == 0, 3)
    assert hands.take(order, queue, 4).members == ()
