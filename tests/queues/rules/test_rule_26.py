"""Rule 26: Retries says whether, by a flag; the ledger says when. The hook adds no job and touches no server."""

from __future__ import annotations

import dramatiq
import pytest
from dramatiq.middleware import CurrentMessage

from queues import service
from queues.config import Backoff, QueueConfig
from queues.models import Job, JobAttempt
from queues.testing import Declare, StartWorker, broker, wait_for
from tests.queues.locks import holding_rows
from tests.queues.oracle import Caller

pytestmark = pytest.mark.rule(26)


def waits(job: object) -> list[int | None]:
    return list(JobAttempt.objects.filter(job_id=job, outcome="retry").order_by("id").values_list("wait_ms", flat=True))


def fail(*_: object) -> None:
    raise ValueError("no")


def test_a_job_runs_as_often_as_its_attempts_say_and_waits_as_its_policy_says(
    declare: Declare, worker: StartWorker, caller: Caller
) -> None:
    """Retries waits between once and twice what it is told, at random, and re-adds the message itself.

    With Redis away the retry was lost, inside a hook whose errors nobody sees.
    """
    queue = declare(QueueConfig("parcels", actor="deliver", attempts=4, backoff=Backoff(20)), fail)
    worker(threads=1)
    job = caller.add(queue)
    caller.wait_all_ended()
    assert service.get_job(queue, job).attempts_made == 4
    assert waits(job) == [20, 40, 80]
    assert Job.objects.count() == 1
    caller.assert_oracle()


def test_the_policy_of_a_plain_actor_is_its_own_without_jitter(
    declare: Declare, worker: StartWorker, caller: Caller
) -> None:
    queue = declare(QueueConfig("parcels"))
    actor = dramatiq.actor(fail, actor_name="plain", queue_name=queue, max_retries=3, min_backoff=30, max_backoff=50)
    worker(threads=1)
    message = actor.send(1, 2)
    wait_for(lambda: Job.objects.get(pk=message.message_id).state == "failed")
    assert waits(message.message_id) == [30, 50, 50]
    assert Job.objects.get().attempts_made == 4


def test_a_message_may_have_a_policy_of_its_own(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    queue = declare(QueueConfig("parcels"))
    actor = dramatiq.actor(fail, actor_name="plain", queue_name=queue, max_retries=9)
    worker(threads=1)
    message = actor.send_with_options(args=(1,), max_retries=1, min_backoff=25)
    wait_for(lambda: Job.objects.get(pk=message.message_id).state == "failed")
    assert waits(message.message_id) == [25]


def test_a_retry_with_a_delay_waits_exactly_that(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    def again(data: object) -> None:
        raise dramatiq.Retry("soon", delay=70)

    queue = declare(QueueConfig("parcels", actor="deliver", attempts=2, backoff=Backoff(60_000)), again)
    worker(threads=1)
    job = caller.add(queue)
    caller.wait_all_ended()
    assert waits(job) == [70]


def test_a_failing_thread_waits_for_nothing(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    """The retry was written inside the hook, and the row was locked: each thread that failed stood still."""
    ran: list[str] = []

    def deliver(data: dict[str, str]) -> None:
        ran.append(data["to"])
        if data["to"] == "first":
            wait_for(lambda: len(ran) > 1 or held, 5)
            raise ValueError("no")

    held: list[bool] = []
    queue = declare(QueueConfig("parcels", actor="deliver", attempts=2, backoff=Backoff(10)), deliver)
    worker(threads=1)
    first = caller.add(queue, {"to": "first"})
    wait_for(lambda: service.get_job(queue, first).state == "active")
    with holding_rows(first):
        held.append(True)
        caller.add(queue, {"to": "second"})
        wait_for(lambda: ran[:2] == ["first", "second"])
    caller.wait_all_ended()
    caller.assert_oracle()


def test_without_an_exception_the_same_call_is_a_users_again(
    declare: Declare, worker: StartWorker, caller: Caller
) -> None:
    """An actor puts its own message on the queue once more. That is a new job, not another attempt of this one."""
    ran: list[str] = []

    def twice(data: dict[str, str]) -> None:
        message = CurrentMessage.get_current_message()
        assert message is not None
        ran.append(message.message_id)
        if len(ran) == 1:
            broker().enqueue(message)

    queue = declare(QueueConfig("parcels", actor="deliver"), twice)
    worker(threads=1)
    job = caller.add(queue)
    wait_for(lambda: Job.objects.filter(state="completed").count() == 2)
    assert ran[0] == str(job)
    assert ran[1] != str(job)
    caller.assert_oracle(others=1)
