"""Counts: every writer counts, whatever folds, however often and at once."""

from collections import Counter
from functools import partial

import pytest
from django.db import connection, transaction
from django.db.models import F

from queues.counts.fold import fold, fold_all
from queues.inspection.stats import stats_of
from queues.models import Job, JobCount, JobCountDelta
from tests.queues.rows import make_job, make_jobs
from tests.queues.threads import at_once, beside

pytestmark = pytest.mark.django_db(transaction=True)


def counted() -> dict[tuple[str, str], int]:
    rows = JobCount.objects.exclude(jobs=0).values_list("tenant", "state", "jobs")
    return {(tenant, state): jobs for tenant, state, jobs in rows}


def test_folding_sums_each_tenant_and_all() -> None:
    # Given jobs of two tenants
    make_jobs(3, tenant="north")
    make_jobs(2, "failed", tenant="south")

    # When the deltas are folded
    fold_all()

    # Then each tenant and the sum are counted, and no delta is left
    assert counted() == {("north", "waiting"): 3, ("*", "waiting"): 3, ("south", "failed"): 2, ("*", "failed"): 2}
    assert not JobCountDelta.objects.exists()


def test_folding_twice_counts_once() -> None:
    make_jobs(4)
    fold_all()
    before = counted()

    assert fold() == 0
    assert counted() == before


def test_one_call_is_bounded() -> None:
    for _ in range(5):
        make_job()

    assert [fold(2), fold(2), fold(2)] == [2, 2, 1]
    assert counted()["*", "waiting"] == 5


@pytest.mark.rule(44)
def test_every_writer_counts_raw_sql_too() -> None:
    """Staff delete rows in the admin, an engineer repairs some by hand: the counts must still be true."""
    jobs = make_jobs(6)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE queues_job SET state = 'active' WHERE id = ANY (%s)", [[job.id for job in jobs[:4]]])
    Job.objects.filter(state="active", id=jobs[0].id).delete()
    Job.objects.filter(id=jobs[1].id).update(tenant="south")
    fold_all()

    assert counted() == {
        ("north", "waiting"): 2,
        ("north", "active"): 2,
        ("south", "active"): 1,
        ("*", "waiting"): 2,
        ("*", "active"): 3,
    }


def test_a_rollback_takes_its_counts_with_it() -> None:
    make_job()
    with transaction.atomic():
        make_jobs(10)
        transaction.set_rollback(True)

    assert stats_of(["parcels"])["parcels"].waiting == 1


def test_an_update_that_changes_no_state_writes_no_delta() -> None:
    make_job()
    fold_all()

    Job.objects.update(attempts_made=F("attempts_made") + 1)

    assert not JobCountDelta.objects.exists()


@pytest.mark.rule(44)
def test_writers_and_folders_at_once_lose_nothing() -> None:
    """A counter row that everyone updates is a lock that everyone waits for; deltas are not, and must still add up."""
    # Given four writers that add jobs and move them on, and two folders that compete
    rounds = 25

    def write(tenant: str) -> None:
        for turn in range(rounds):
            with transaction.atomic():
                jobs = make_jobs(3, tenant=tenant)
                Job.objects.filter(id=jobs[0].id).update(state="active")
                if turn % 5 == 4:
                    transaction.set_rollback(True)

    # When they are done and the rest is folded
    with beside(lambda: fold(7), lambda: fold(7)):
        at_once(*(partial(write, f"t{number % 2}") for number in range(4)))
    fold_all()

    # Then the counts are what the jobs say
    truth: Counter[tuple[str, str]] = Counter()
    for tenant, state in Job.objects.values_list("tenant", "state"):
        truth[tenant, state] += 1
        truth["*", state] += 1
    assert counted() == dict(truth)
    assert truth["*", "waiting"] + truth["*", "active"] == 4 * rounds * 3 * 4 // 5
    assert not JobCountDelta.objects.exists()
