"""Faults 14 and 16, at the service and as rows: what cannot be a job is refused by name, or fails and says why."""

from __future__ import annotations

import json
import resource
import time
from typing import Any

import pytest
from django.db import connection

from queues import service
from queues.config import QueueConfig
from queues.errors import InvalidJobData, UnknownQueue
from queues.ids import uuid7
from queues.models import Job
from queues.testing import Declare, StartWorker, broker, wait_for
from tests.queues.oracle import Caller


def deep(levels: int) -> dict[str, Any]:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return {"field": value}


BAD: list[tuple[str, Any, str]] = [
    ("10 MB", {"field": "x" * 10_000_000}, "data"),
    ("100,000 deep", deep(100_000), "data.field"),
    ("NUL", {"field": "a\x00b"}, "data.field"),
    ("NUL in a key", {"fi\x00eld": 1}, "data"),
    ("lone surrogate", {"field": "\ud800"}, "data.field"),
    ("NaN", {"field": float("nan")}, "data.field"),
    ("infinity", {"field": [1, float("inf")]}, "data.field[1]"),
    ("2^63", {"field": 2**63}, "data.field"),
    ("-2^63 - 1", {"field": -(2**63) - 1}, "data.field"),
    ("bytes", {"field": b"x"}, "data.field"),
    ("an object", {"field": object()}, "data.field"),
    ("a key that is no text", {1: 1}, "data"),
    ("a list", [1], "data"),
    ("none", None, "data"),
    ("text", "x", "data"),
]


@pytest.mark.fault(14)
@pytest.mark.parametrize(("data", "field"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_data_that_cannot_be_stored_is_refused_by_the_fields_name(declare: Declare, data: Any, field: str) -> None:
    queue = declare(QueueConfig("parcels", actor="deliver"))
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    with pytest.raises(InvalidJobData) as refused:
        service.add_job(queue, data)
    assert any(name.startswith(field) for name in refused.value.errors), refused.value.errors
    assert len(str(refused.value)) < 1000
    assert time.monotonic() - began < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000  # kilobytes
    with pytest.raises(InvalidJobData):
        service.add_jobs(queue, [{"field": 1}, data])
    assert not Job.objects.exists()


@pytest.mark.fault(16)
@pytest.mark.parametrize(
    ("how", "field"),
    [
        ({"delay": "5"}, "delay"), ({"delay": -1}, "delay"), ({"delay": True}, "delay"), ({"delay": 10**18}, "delay"),
        ({"priority": 9}, "priority"), ({"priority": "urgent"}, "priority"), ({"attempts": 0}, "attempts"),
        ({"attempts": 1.5}, "attempts"), ({"attempts": "3"}, "attempts"), ({"expires_at": "tomorrow"}, "expires_at"),
        ({"unique_key": ""}, "unique_key"), ({"unique_key": "a\x00"}, "unique_key"), ({"unique_key": 7}, "unique_key"),
    ],
)  # fmt: skip
def test_options_of_the_wrong_type_are_refused_by_name(declare: Declare, how: dict[str, Any], field: str) -> None:
    queue = declare(QueueConfig("parcels", actor="deliver"))
    with pytest.raises(InvalidJobData) as refused:
        service.add_job(queue, {}, **how)
    assert list(refused.value.errors) == [field]
    assert not Job.objects.exists()


@pytest.mark.fault(16)
@pytest.mark.parametrize("queue", ["no-such-queue", "", None, 7, "parcels; DROP TABLE queues_job", "x" * 10_000])
def test_an_unknown_queue_is_refused_and_those_that_there_are_named(declare: Declare, queue: Any) -> None:
    declare(QueueConfig("parcels", actor="deliver"))
    with pytest.raises(UnknownQueue, match="parcels") as refused:
        service.add_job(queue, {})
    assert len(str(refused.value)) < 1000


def _row(data: Any, options: Any = None, actor: str = "plain") -> Any:
    """Write a job's row as somebody with a database client would."""
    job = uuid7()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO queues_job (id, queue, actor, tenant, priority, state, data, options, subjects, run,"
            " attempts_made, max_attempts, stalled, suspect, alone, cancel_requested, due_at, run_at, worker,"
            " error_class, error, reason) VALUES (%s, 'parcels', %s, '', 2, 'waiting', %s, %s, '{}', 1, 0, 2, 0, false,"
            " false, false, now(), now(), '', '', '', '')",
            [job, actor, json.dumps(data), json.dumps({} if options is None else options)],
        )
    return job


@pytest.mark.fault(16)
def test_a_row_that_is_no_call_of_its_actor_fails_and_says_so(
    declare: Declare, worker: StartWorker, caller: Caller
) -> None:
    """A row was written by hand. Its worker could make no message of it, held it, and renewed its lease for ever."""
    import dramatiq  # noqa: PLC0415

    declare(QueueConfig("parcels"))
    ran: list[Any] = []
    dramatiq.actor(ran.append, actor_name="plain", queue_name="parcels", min_backoff=20)
    worker(threads=1)
    rows = {
        "list": _row([1]), "text": _row("x"), "null": _row(None), "number": _row({"args": 5}),
        "options": _row({"args": [1]}, [1]), "too many": _row({"args": [1, 2]}), "kwargs": _row({"kwargs": [1]}),
        "unknown": _row({"args": [1]}, actor="nobody"), "nameless": _row({"args": [1]}, actor=""),
        "good": _row({"args": [42]}),
    }  # fmt: skip
    caller.added.update(dict.fromkeys(rows.values(), "parcels"))
    caller.wait_all_ended()
    states = {name: service.get_job("parcels", job) for name, job in rows.items()}
    assert states.pop("good").state == "completed"
    assert ran == [42]
    assert {name: row.state for name, row in states.items()} == dict.fromkeys(states, "failed")
    assert all(row.error and row.error_class for row in states.values())
    assert "'nobody'" in states["unknown"].error
    assert "not a call of its actor" in states["list"].error
    caller.assert_oracle()


@pytest.mark.fault(16)
def test_a_row_of_a_queue_that_nobody_declares_is_not_passed_over_in_silence(
    declare: Declare, worker: StartWorker, caller: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    declare(QueueConfig("parcels", actor="deliver"), lambda _: None)
    job = _row({})
    Job.objects.filter(pk=job).update(queue="no-such-queue")
    worker(threads=1)
    wait_for(lambda: "queue_unknown" in caplog.text, 15)
    assert "no-such-queue" in caplog.text
    assert "no-such-queue" not in broker().queues
