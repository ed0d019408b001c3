"""Between Dramatiq's messages and rows, by the broker's own door."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import dramatiq
import pytest
from dramatiq.errors import QueueNotFound
from pydantic import BaseModel

from queues import service
from queues.actors import current_job, queue_actor
from queues.config import QueueConfig
from queues.errors import InvalidJobData, QueueError
from queues.models import Job, JobLog
from queues.priorities import JobPriority
from queues.testing import Declare, StartWorker, broker, wait_for
from tests.queues.oracle import Caller


class Parcel(BaseModel):
    depot: str


PARCELS = QueueConfig(
    "parcels", schema=Parcel, actor="deliver", attempts=7, priority=JobPriority.LOW,
    tenant=lambda parcel: parcel.depot, subjects=lambda parcel: (f"depot:{parcel.depot}",),
)  # fmt: skip


def nothing(*_: Any, **__: Any) -> None:
    """Do nothing."""


def test_a_message_of_a_declared_queue_is_a_job_like_any_other(declare: Declare) -> None:
    declare(PARCELS, nothing)
    broker().actors["deliver"].send({"depot": "north"})
    job = Job.objects.get()
    assert (job.tenant, job.subjects, job.priority, job.max_attempts, job.data) == (
        "north", ["depot:north"], 3, 7, {"depot": "north"},
    )  # fmt: skip


def test_data_that_does_not_fit_is_refused_at_send(declare: Declare) -> None:
    declare(PARCELS, nothing)
    actor = broker().actors["deliver"]
    with pytest.raises(InvalidJobData, match="depot"):
        actor.send({"dept": 1})
    with pytest.raises(InvalidJobData, match="one argument"):
        actor.send({"depot": "north"}, 2)
    with pytest.raises(InvalidJobData, match="one argument"):
        actor.send(data={"depot": "north"})
    assert not Job.objects.exists()


def test_options_of_a_message(declare: Declare) -> None:
    declare(QueueConfig("parcels"))
    actor = dramatiq.actor(nothing, actor_name="plain", queue_name="parcels")
    first = actor.send_with_options(args=(1,), delay=60_000, priority=JobPriority.HIGH, unique_key="one")
    again = actor.send_with_options(args=(2,), unique_key="one")
    # The second add finds the first one's job, and says so.
    assert again.message_id == first.message_id
    job = Job.objects.get()
    assert (job.state, job.priority, job.unique_key, job.data) == (
        "delayed", 1, "one", {"args": [1], "kwargs": {}},
    )  # fmt: skip
    with pytest.raises(InvalidJobData, match="priority"):
        actor.send_with_options(priority=17)


def test_async_actors_run(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    declare(QueueConfig("parcels"))
    seen: list[tuple[int, str]] = []

    async def walk(number: int) -> None:
        seen.append((number, current_job().queue))

    actor = dramatiq.actor(walk, actor_name="plain", queue_name="parcels")
    worker(threads=1)
    actor.send(3)
    wait_for(lambda: Job.objects.filter(state="completed").exists())
    assert seen == [(3, "parcels")]


def test_what_an_actor_may_know_and_say(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    known: list[Any] = []

    def deliver(data: dict[str, Any]) -> None:
        job = current_job()
        job.progress(1, 2, note="half")
        job.log("half way", level="warning")
        known.extend([job.id, job.queue, job.attempt, job.attempts, job.run, job.tenant, job.is_last_attempt])
        known.append((job.deadline - datetime.now(UTC)).total_seconds())

    config = QueueConfig("parcels", schema=Parcel, actor="deliver", attempts=1, time_limit_ms=30_000,
                         tenant=lambda parcel: parcel.depot)  # fmt: skip
    queue = declare(config, deliver)
    worker(threads=1)
    job = caller.add(queue, {"depot": "north"})
    caller.wait_all_ended()
    assert known[:7] == [job, "parcels", 1, 1, 1, "north", True]
    assert 25 < known[7] <= 30
    progress = service.get_job(queue, job).progress
    assert progress is not None
    assert (progress["done"], progress["total"], progress["note"]) == (1, 2, "half")
    assert list(JobLog.objects.values_list("text", "level", "attempt")) == [("half way", "warning", 1)]


def test_outside_a_job_there_is_none(declare: Declare) -> None:
    with pytest.raises(QueueError, match="does not run in an actor"):
        current_job()


def test_a_queue_without_an_actors_name_takes_no_actor() -> None:
    with pytest.raises(ValueError, match="names no actor"):
        queue_actor(QueueConfig("parcels"))


def test_only_a_worker_consumes(declare: Declare) -> None:
    declare(QueueConfig("parcels"))
    with pytest.raises(QueueError, match="Only a worker consumes"):
        broker().consume("parcels")
    with pytest.raises(QueueNotFound):
        broker().consume("no-such-queue")
