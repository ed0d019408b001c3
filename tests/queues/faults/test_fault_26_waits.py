"""Faults 26 and 27, and the waits of every queue: never early, hardly late."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import pairwise
from statistics import quantiles
from typing import Any

import pytest
from django.conf import settings

from engagement.queues import DEFAULTS, QueueName
from queues import jobs as making
from queues import service
from queues.config import Backoff, QueueConfig
from queues.ledger import sql
from queues.models import JobAttempt
from queues.testing import Declare, StartWorker, wait_for
from tests.queues.chores.queues import CHORES
from tests.queues.fleet import Fleet
from tests.queues.oracle import Caller

#: Seconds.
P95_LATE, MOST_LATE = 0.25, 1.0
#: The seed's table: total attempts, and the wait before each retry, seconds.
SEED: dict[str, tuple[int, list[int]]] = {
    QueueName.APPOINTMENT_REMINDER.value: (5, [1, 2, 4, 8]),
    QueueName.FOLLOW_UP_MONITOR.value: (3, [5, 10]),
    QueueName.MEDICATION_REMINDER.value: (4, [2, 4, 8]),
    QueueName.ADHERENCE_CHECK.value: (3, [3, 6]),
    QueueName.APPOINTMENT_STATUS.value: (3, [2, 4]),
    # What names none of its own.
    "names-none": (4, [2, 4, 8]),
}


def judge(late: list[float]) -> str:
    """Fail if a start was early, or too many were late; say how late they were."""
    assert min(late) >= 0, f"{-min(late):.3f} s early"
    p50, p95, most = quantiles(late, n=2)[0], quantiles(late, n=20)[-1], max(late)
    said = f"{len(late)} retries: p50 {p50 * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms, most {most * 1000:.0f} ms late"
    print(said)  # noqa: T201
    assert p95 <= P95_LATE, said
    assert most <= MOST_LATE, said
    return said


@pytest.mark.timeout(90)
def test_the_waits_of_every_queue_are_the_seeds(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    """Each declared queue under a name of the test's own, with an actor that fails; attempts and waits unchanged."""
    configs = [*DEFAULTS, QueueConfig("names-none", attempts=settings.QUEUES.retry_attempts + 1,
                                      backoff=Backoff(settings.QUEUES.retry_delay_ms))]  # fmt: skip
    jobs = {}
    for config in configs:

        def fail(data: dict[str, Any]) -> None:
            raise ValueError("no")

        ours = replace(config, name=f"waits-{config.name}", actor=f"fail_{config.name}", schema=None, schedule=None,
                       tenant=lambda _: "", subjects=lambda _: ())  # fmt: skip
        queue = declare(ours, fail)
        jobs[config.name] = [caller.add(queue) for _ in range(5)]
    assert set(jobs) == set(SEED)
    worker(threads=8)
    caller.wait_all_ended(60)
    late = []
    for name, (attempts, waits) in SEED.items():
        for job in jobs[name]:
            rows = list(JobAttempt.objects.filter(job_id=job).order_by("id"))
            assert [row.outcome for row in rows] == ["retry"] * (attempts - 1) + ["failed"], name
            assert [row.wait_ms for row in rows[:-1]] == [wait * 1000 for wait in waits], name
            for before, after in pairwise(rows):
                assert before.wait_ms is not None
                assert after.started_at is not None
                late.append((after.started_at - before.finished_at).total_seconds() - before.wait_ms / 1000)
    judge(late)
    caller.assert_oracle()


@pytest.mark.fault(27)
@pytest.mark.timeout(90)
def test_a_hundred_failing_jobs_wait_two_four_and_eight_seconds(fleet: Fleet) -> None:
    fleet.start(2, threads=4)
    jobs = fleet.caller.add_many("chores", [{"do": "fail"} for _ in range(100)])
    fleet.caller.wait_all_ended(60)
    assert set(fleet.caller.states().values()) == {"failed"}
    assert set(fleet.runs().values()) == {4}
    rows = sql.rows(
        "SELECT before.wait_ms, date_part('epoch', ran.at - before.finished_at) FROM queues_jobattempt AS before"
        " JOIN chore_run AS ran ON ran.job_id = before.job_id AND ran.attempt = before.number + 1"
        " WHERE before.job_id = ANY(%s) AND before.outcome = 'retry' ORDER BY before.id",
        [jobs],
    )
    assert sorted({wait for wait, _ in rows}) == [2000, 4000, 8000]
    assert len(rows) == 300
    judge([after - wait / 1000 for wait, after in rows])
    fleet.assert_oracle()


@pytest.mark.fault(26)
@pytest.mark.timeout(90)
def test_a_job_due_soon_is_not_behind_those_that_are_due_later(fleet: Fleet) -> None:
    """Stock Dramatiq holds delayed messages in its workers' memory.

    With 20,000 an hour ahead, one that was due in a second had not run after forty.
    """
    fleet.start(2, threads=3)
    # Given one process that is full of long jobs.
    long = fleet.caller.add_many("errands", [{"s": 6} for _ in range(3)])
    wait_for(lambda: len(fleet.running()) == 3, 10, "long jobs run")
    later = making.store_all([making.new_job(CHORES, {}, delay=3_600_000) for _ in range(20_000)])
    assert len(later) == 20_000
    began = time.monotonic()
    soon = [fleet.caller.add("chores", {}, delay=1000) for _ in range(3)]
    wait_for(lambda: all(service.get_job("chores", job).state == "completed" for job in soon), 10)
    assert time.monotonic() - began < 5
    late = [row[0] for row in sql.rows(
        "SELECT date_part('epoch', at - due_at) FROM chore_run JOIN queues_job AS job ON job.id = job_id"
        " WHERE job_id = ANY(%s)", [soon])]  # fmt: skip
    assert all(0 <= seconds <= 0.5 for seconds in late), late
    print(f"late by {[round(seconds * 1000) for seconds in late]} ms")  # noqa: T201
    wait_for(lambda: all(service.get_job("errands", job).state == "completed" for job in long), 20)
    assert set(fleet.runs().values()) == {1}
    assert sql.rows("SELECT count(*) FROM queues_job WHERE state = 'delayed'", []) == [(20_000,)]
