"""Retention: exactly what is too old, with all that belongs to it, and nothing that somebody holds."""

import re
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.models import F

from queues import registry
from queues.config import QueueConfig, Retention
from queues.ledger.finish import Ended, Kind, finish
from queues.models import Job, JobAttempt, JobLog, JobRollup, JobSubject, Tick, Worker
from queues.retention import Retention as Loop
from queues.retention import prune_once
from queues.retention.jobs import BEGINNING, PRUNE
from queues.retention.periods import keep_s, lanes
from tests.queues.rows import job_row, make_job, make_jobs

DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def short_queue() -> Iterator[QueueConfig]:
    """A queue that keeps its completed jobs for a minute."""
    yield registry.register(QueueConfig("letters", retention=Retention(completed_s=60)))
    registry.forget("letters")


def prune_all() -> int:
    loop, total, more = Loop(), 0, True
    while more:
        removed, more = loop.step()
        total += removed
    return total


@pytest.mark.rule(45)
def test_each_state_is_kept_as_long_as_its_period_and_no_longer() -> None:
    second = timedelta(seconds=5)
    kept = [
        make_job("completed", ago=DAY - second),
        make_job("failed", ago=7 * DAY - second),
        make_job("cancelled", ago=7 * DAY - second),
        make_job("waiting", ago=90 * DAY),
        make_job("active", ago=90 * DAY),
    ]
    for state, period in (("completed", DAY), ("failed", 7 * DAY), ("cancelled", 7 * DAY)):
        make_job(state, ago=period + second)

    assert prune_all() == 3
    assert set(Job.objects.values_list("id", flat=True)) == {job.id for job in kept}


def test_a_queue_s_own_period_wins(short_queue: QueueConfig) -> None:
    make_job("completed", queue="letters", ago=timedelta(minutes=2))
    kept = [
        make_job("completed", queue="letters", ago=timedelta(seconds=30)),
        make_job("completed", queue="parcels", ago=timedelta(minutes=2)),
        make_job("failed", queue="letters", ago=2 * DAY),
    ]

    prune_all()

    assert set(Job.objects.values_list("id", flat=True)) == {job.id for job in kept}


def test_settings_decide_where_the_declaration_is_silent(short_queue: QueueConfig, settings: Any) -> None:
    periods = replace(settings.QUEUES.retention, completed_s=None, failed_s=30)
    settings.QUEUES = replace(settings.QUEUES, retention=periods)

    assert keep_s("letters", "completed") == 60
    assert keep_s("letters", "failed") == 30
    assert keep_s("parcels", "completed") is None
    assert {(lane.state, lane.keep_s) for lane in lanes() if "letters" in lane.queues} == {("completed", 60)}


def test_what_belongs_to_a_job_goes_with_it() -> None:
    gone = make_job("failed", ago=8 * DAY, subjects=["patient:1", "appointment:2"])
    kept = make_job("failed", ago=DAY, subjects=["patient:1"])
    for job in (gone, kept):
        JobAttempt.objects.create(job_id=job.id, run=1, number=1, outcome="failed")
        JobLog.objects.create(job_id=job.id, text="called the courier")

    prune_all()

    for model in (JobSubject, JobAttempt, JobLog):
        assert [row.job_id for row in model._default_manager.all()] == [kept.id]


def test_ticks_rollups_and_silent_processes_go_too() -> None:
    tick = {"recurring_job_id": 1, "outcome": "ran"}
    now = datetime.now(UTC)
    for age in (29, 31):
        Tick.objects.create(**tick, scheduled_for=now - age * DAY, created_at=now - age * DAY)
        JobRollup.objects.create(queue="parcels", tenant="*", minute=now - age * DAY)
    for hours in (23, 25):
        Worker.objects.create(id=str(hours), kind="worker", host="h", pid=1, heartbeat_at=now - hours * DAY / 24)

    assert prune_all() == 3
    assert Tick.objects.get().created_at == now - 29 * DAY
    assert JobRollup.objects.get().minute == now - 29 * DAY
    assert Worker.objects.get().id == "23"


def test_one_call_takes_one_batch() -> None:
    make_jobs(5, "completed", ago=2 * DAY)
    loop = Loop(batch=2)

    assert [loop.step() for _ in range(3)] == [(2, True), (2, True), (1, False)]
    assert not Job.objects.exists()


@pytest.mark.rule(45)
def test_no_more_than_a_thousand_go_at_once() -> None:
    """One statement that removes a week's jobs holds their locks for minutes and lets replicas fall behind."""
    make_jobs(1001, "completed", ago=2 * DAY)

    assert [prune_once(), prune_once()] == [1000, 1]


def test_jobs_that_ended_in_the_same_instant_are_not_passed_over() -> None:
    end = datetime.now(UTC) - 2 * DAY
    make_jobs(7, "completed", at=end)

    loop = Loop(batch=3)
    assert sum(loop.step()[0] for _ in range(4)) == 7


@pytest.mark.django_db(transaction=True)
@pytest.mark.rule(45)
def test_a_job_that_somebody_holds_is_left_and_nobody_waits() -> None:
    """Staff retry a failed job in the second in which it expires: neither may wait for the other."""
    jobs = make_jobs(3, "failed", ago=8 * DAY)
    locked, release = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Job.objects.select_for_update().get(id=jobs[1].id)
            locked.set()
            release.wait(30)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert locked.wait(10)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
        assert Loop().step()[0] == 2
    finally:
        release.set()
        holder.join()
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
    assert Job.objects.get().id == jobs[1].id


@pytest.mark.django_db(transaction=True)
@pytest.mark.rule(45)
def test_pruning_is_faster_than_finishing() -> None:
    """A retention slower than the workers lets the table grow until it stops them."""
    # Given jobs that workers finish in batches, on the same machine under the same load
    jobs = [job_row("active", token=uuid4(), tenant=f"t{number % 20}") for number in range(10_000)]
    Job.objects.bulk_create(jobs, batch_size=5000)
    outcomes = [Ended(job.id, job.token, Kind.COMPLETED) for job in jobs if job.token is not None]
    began = time.monotonic()
    for start in range(0, len(outcomes), 64):
        with transaction.atomic():
            finish(outcomes[start : start + 64], connection)
    finishing = time.monotonic() - began

    # When all of them have become too old and are pruned
    Job.objects.update(finished_at=F("finished_at") - 2 * DAY)
    began = time.monotonic()
    removed = prune_all()
    pruning = time.monotonic() - began

    # Then pruning takes no longer than finishing did
    assert removed == len(jobs)
    assert pruning < finishing, f"finished in {finishing:.2f} s, pruned in {pruning:.2f} s"


@pytest.mark.rule(45)
def test_what_is_kept_is_not_read(many_kept: None) -> None:
    """Each step of the leader read a million kept jobs to find none that is old, and pruned 1,700 jobs/s."""
    for lane in lanes():
        asked: dict[str, Any] = {
            "after": BEGINNING,
            "keep_s": lane.keep_s,
            "state": lane.state,
            "queues": [],
            "others": True,
            "limit": 9,
        }
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {PRUNE}", asked)
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert re.search(r"Index Cond: .*finished_at > .*finished_at < ", plan), plan


@pytest.fixture
def many_kept() -> None:
    make_jobs(5000, "completed", ago=DAY / 2)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE queues_job")


def test_rows_are_kept_for_ever_where_no_period_is_set(settings: Any) -> None:
    periods = replace(settings.QUEUES.retention, completed_s=None, failed_s=None, cancelled_s=None, ticks_s=None)
    settings.QUEUES = replace(settings.QUEUES, retention=periods)
    make_job("completed", ago=900 * DAY)
    now = datetime.now(UTC)
    Tick.objects.create(recurring_job_id=1, outcome="ran", scheduled_for=now, created_at=now - 900 * DAY)

    assert lanes() == []
    assert prune_all() == 0
