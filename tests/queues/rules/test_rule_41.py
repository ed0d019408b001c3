"""Rule 41: join waits for rows, flush is for tests, groups and pipelines work, what does not is refused and says so."""

from __future__ import annotations

import threading
from typing import Any

import dramatiq
import pytest
from django.db import connection
from dramatiq.errors import QueueJoinTimeout

from queues.broker.messages import GroupCallbacksUnsupported
from queues.config import QueueConfig
from queues.errors import QueueError
from queues.ledger import sql
from queues.models import Job
from queues.testing import Declare, StartWorker, broker, wait_for
from tests.queues.oracle import Caller

pytestmark = pytest.mark.rule(41)


def plain(fn: Any, name: str = "deliver") -> Any:
    return dramatiq.actor(fn, actor_name=name, queue_name="parcels")


def test_join_waits_for_open_rows(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    """Task counts of one process said that all was done; the job ran in another."""
    declare(QueueConfig("parcels"))
    go = threading.Event()
    actor = plain(lambda: go.wait(5) and None)
    worker(threads=1)
    actor.send()
    with pytest.raises(QueueJoinTimeout):
        broker().join("parcels", timeout=200)
    threading.Timer(0.2, go.set).start()
    broker().join("parcels", timeout=5000)
    assert Job.objects.get().state == "completed"


def test_flush_removes_open_jobs_of_a_test_database_only(declare: Declare, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody called `broker.flush_all()` in a shell of production, as Dramatiq's own guide to tests shows it."""
    declare(QueueConfig("parcels"))
    actor = plain(lambda: None)
    actor.send()
    broker().flush_all()
    assert not Job.objects.exists()
    # Given a database that is not one of tests.
    actor.send()
    real = sql.rows
    monkeypatch.setattr(
        sql, "rows", lambda statement, *a: [("clinic",)] if "current_database" in statement else real(statement, *a)
    )
    with pytest.raises(QueueError, match="flush is for tests"):
        broker().flush("parcels")
    assert Job.objects.count() == 1


def test_groups_and_pipelines_work(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    declare(QueueConfig("parcels"))
    got: list[int] = []
    double, keep = plain(lambda number: number * 2, "double"), plain(got.append, "keep")
    worker(threads=2)
    dramatiq.group([keep.message(number) for number in range(5)]).run()
    (double.message(10) | double.message() | keep.message()).run()
    wait_for(lambda: sorted(got) == [0, 1, 2, 3, 4, 40])
    broker().join("parcels", timeout=5000)


def test_group_callbacks_are_refused_by_name(declare: Declare) -> None:
    """They count how often members ran, not how many completed: with one tried twice, the callback came early."""
    declare(QueueConfig("parcels"))
    message = plain(lambda: None).message()
    with pytest.raises(GroupCallbacksUnsupported, match="Group callbacks are not supported"):
        broker().enqueue(message.copy(options={"group_completion_uuid": "x", "group_completion_callbacks": []}))
    assert not Job.objects.exists()


def test_a_message_id_that_is_no_uuid_is_refused(declare: Declare) -> None:
    declare(QueueConfig("parcels"))
    message = plain(lambda: None).message().copy(message_id="not-a-uuid")
    with pytest.raises(QueueError, match="must be a UUID, not 'not-a-uuid'"):
        broker().enqueue(message)
    assert not Job.objects.exists()
    assert connection.in_atomic_block is False
