"""The leader's chores: each at its interval, and none in another's way."""

from datetime import timedelta

import pytest
from django.db import connection
from structlog.testing import capture_logs

from queues.housekeeping import CHECK_EVERY_S, FOLD_EVERY_S, Housekeeping
from queues.models import Job, JobCount, JobCountDelta, JobRollup
from queues.retention import prune_once
from tests.queues.rows import make_job, make_jobs

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_new_leader_folds_rolls_up_what_was_missed_and_prunes() -> None:
    make_job("completed", ago=timedelta(minutes=3), tenant="north")
    make_job("completed", ago=timedelta(days=2))

    keeping, now = Housekeeping(now=0.0), 0.0
    while now < 15.0 and not JobRollup.objects.exists():
        now += keeping.step(now)

    assert JobCount.objects.get(tenant="*", state="completed").jobs >= 1
    assert JobRollup.objects.get(tenant="*").completed == 1
    assert Job.objects.count() == 1


def test_chores_come_again_at_their_interval() -> None:
    keeping = Housekeeping(now=0.0)
    keeping.step(0.0)
    make_job()

    keeping.step(FOLD_EVERY_S / 2)
    assert JobCountDelta.objects.exists()
    keeping.step(FOLD_EVERY_S)
    assert not JobCountDelta.objects.exists()


def test_retention_goes_on_at_once_while_there_is_more() -> None:
    make_jobs(2500, "completed", ago=timedelta(days=2))
    keeping, now = Housekeeping(now=0.0), 0.0

    for _ in range(3):
        wait = keeping.step(now)
        now += wait + 0.001

    assert now - wait < FOLD_EVERY_S
    assert not Job.objects.exists()


def test_a_chore_that_fails_does_not_stop_the_others() -> None:
    """A lock time-out in one chore must not leave counts unfolded and history growing for ever."""
    make_job("completed", ago=timedelta(minutes=2))
    keeping = Housekeeping(now=0.0)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE queues_jobcountdelta RENAME TO elsewhere")
        cursor.execute("CREATE VIEW queues_jobcountdelta AS SELECT 1 / 0 AS id")
    try:
        with capture_logs() as logs:
            keeping.step(0.0)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP VIEW queues_jobcountdelta")
            cursor.execute("ALTER TABLE elsewhere RENAME TO queues_jobcountdelta")

    assert [entry["chore"] for entry in logs if entry["log_level"] == "error"] == ["fold", "retention"]
    assert JobRollup.objects.exists()
    keeping.step(2 * CHECK_EVERY_S)
    assert JobCount.objects.get(tenant="*").jobs == 1


def test_pruning_once_says_how_much_went() -> None:
    make_jobs(3, "completed", ago=timedelta(days=2))

    assert prune_once() == 3
    assert prune_once() == 0
