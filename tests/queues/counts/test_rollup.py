"""Rollups: what each minute brought, once, and never less than before."""

from datetime import UTC, datetime, timedelta

import pytest

from queues.counts import histogram
from queues.counts.rollup import Rollup, compute
from queues.models import Job, JobAttempt, JobRollup
from tests.queues.rows import make_job, make_jobs

pytestmark = pytest.mark.django_db

MINUTE = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)


def row(tenant: str = "*", minute: datetime = MINUTE) -> JobRollup:
    return JobRollup.objects.get(queue="parcels", tenant=tenant, minute=minute)


def test_a_minute_is_its_own_jobs_for_each_tenant_and_for_all() -> None:
    # Given jobs that ended in the minute, and one just before and one just after
    make_job("completed", at=MINUTE, took=timedelta(seconds=2), tenant="north")
    make_job("completed", at=MINUTE + timedelta(seconds=59.999999), tenant="south")
    make_job("failed", at=MINUTE + timedelta(seconds=1), tenant="south")
    make_job("cancelled", at=MINUTE + timedelta(seconds=1), tenant="south")
    make_job("completed", at=MINUTE - timedelta(microseconds=1))
    make_job("completed", at=MINUTE + timedelta(seconds=60))

    # When the minute is computed
    written = compute(MINUTE)

    # Then it holds its own, by tenant and in all
    assert written == 3
    assert (row().completed, row().failed, row().cancelled) == (2, 1, 1)
    assert (row("north").completed, row("north").failed) == (1, 0)
    assert (row("south").completed, row("south").failed, row("south").cancelled) == (1, 1, 1)
    assert sum(row().run_histogram) == 3
    assert row("north").run_histogram[histogram.bucket(2000)] == 1


def test_waits_are_from_due_to_started() -> None:
    make_job("completed", at=MINUTE, run_at=MINUTE - timedelta(seconds=3), started_at=MINUTE - timedelta(seconds=1))

    compute(MINUTE)

    assert row().wait_histogram[histogram.bucket(2000)] == 1
    assert row().run_histogram[histogram.bucket(1000)] == 1


def test_computing_again_changes_nothing() -> None:
    make_jobs(5, "completed", at=MINUTE)
    compute(MINUTE)
    before = JobRollup.objects.values().get(tenant="*")

    compute(MINUTE)

    assert JobRollup.objects.values().get(tenant="*") == before


def test_what_is_retried_or_removed_stays_in_the_history_of_its_minute() -> None:
    make_jobs(3, "completed", at=MINUTE, took=timedelta(seconds=1))
    compute(MINUTE)
    Job.objects.all().delete()
    make_job("completed", at=MINUTE)

    compute(MINUTE)

    assert row().completed == 3
    assert sum(row().run_histogram) == 3


def test_attempts_that_did_not_succeed_are_counted() -> None:
    # Given a job that was lost once, failed once, and failed for good
    job = make_job("failed", at=MINUTE)
    other = make_job("waiting", run=2)
    for owner, outcome in ((job, "stalled"), (job, "retry"), (job, "failed"), (job, "postponed"), (other, "failed")):
        JobAttempt.objects.create(job_id=owner.id, run=1, number=1, outcome=outcome, finished_at=MINUTE)

    compute(MINUTE)

    # Then the failure that staff have retried since counts too, and a postponement does not
    assert (row().attempts_failed, row().stalled, row().failed) == (4, 1, 2)


def test_the_leader_computes_what_was_missed_and_the_current_minute_now_and_then() -> None:
    # Given minutes that ended while nobody led
    now = datetime.now(UTC)
    hour_ago = (now - timedelta(hours=1)).replace(second=0, microsecond=0)
    make_job("completed", at=hour_ago)
    make_job("completed", at=hour_ago + timedelta(minutes=7))
    rollup = Rollup()

    # When the leader steps in
    while rollup.step(100.0):
        pass

    # Then both are there
    assert row(minute=hour_ago).completed == 1
    assert row(minute=hour_ago + timedelta(minutes=7)).completed == 1

    # And the current minute is looked at again only after a while
    make_job("completed")
    rollup.step(101.0)
    assert JobRollup.objects.filter(tenant="*").count() == 2
    rollup.step(200.0)
    assert JobRollup.objects.filter(tenant="*").count() == 3


def test_a_new_leader_goes_on_where_the_last_one_stopped() -> None:
    minute = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=10)
    JobRollup.objects.create(queue="parcels", tenant="*", minute=minute, completed=1)
    make_jobs(2, "completed", at=minute)
    make_jobs(4, "completed", at=minute - timedelta(minutes=1))

    rollup = Rollup()
    while rollup.step(0.0):
        pass

    assert row(minute=minute).completed == 2
    assert not JobRollup.objects.filter(minute__lt=minute).exists()
