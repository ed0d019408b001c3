"""Bull's counts: true after every transition, folded or not, for everyone and for one tenant."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from queues.counts.fold import fold_all
from queues.errors import UnknownQueue
from queues.inspection.facts import OLDEST
from queues.inspection.stats import STATS, QueueStats, get_all_queue_stats, get_queue_stats
from queues.models import Job, Queue, QueueTenant
from tests.queues.rows import make_job, make_jobs

pytestmark = pytest.mark.django_db
AHEAD = -timedelta(hours=1)


def test_stats_are_true_after_every_transition() -> None:
    job = make_job("delayed", ago=AHEAD)
    steps = [
        ("delayed", QueueStats(delayed=1)),
        ("waiting", QueueStats(waiting=1)),
        ("active", QueueStats(active=1)),
        ("failed", QueueStats(failed=1)),
        ("waiting", QueueStats(waiting=1)),
        ("active", QueueStats(active=1)),
        ("completed", QueueStats(completed=1)),
        ("cancelled", QueueStats()),
    ]
    for number, (state, expected) in enumerate(steps):
        Job.objects.filter(id=job.id).update(state=state, delayed_until=job.delayed_until if number == 0 else None)
        if number % 2:
            fold_all()
        assert get_queue_stats("parcels") == expected, state
    Job.objects.all().delete()
    assert get_queue_stats("parcels") == QueueStats()


def test_a_delayed_job_whose_time_has_come_is_waiting() -> None:
    make_job("delayed", ago=timedelta(seconds=1))
    make_job("delayed", ago=AHEAD)

    assert get_queue_stats("parcels") == QueueStats(waiting=1, delayed=1)
    assert get_queue_stats("parcels", "north") == QueueStats(waiting=1, delayed=1)
    assert get_queue_stats("parcels", "south") == QueueStats()


@pytest.mark.parametrize("folded", [False, True])
def test_a_tenant_is_counted_by_itself(folded: bool) -> None:  # noqa: FBT001  pytest's parameter
    make_jobs(3, tenant="north")
    make_jobs(2, tenant="south")
    make_jobs(4, tenant="east")
    if folded:
        fold_all()

    assert get_queue_stats("parcels").waiting == 9
    assert get_queue_stats("parcels", "south").waiting == 2
    assert get_queue_stats("parcels", tenants=frozenset({"north", "south"})).waiting == 5
    assert get_queue_stats("parcels", "north", tenants=frozenset({"south"})).waiting == 0
    assert get_queue_stats("parcels", tenants=frozenset()).waiting == 0
    assert get_queue_stats("parcels", "*").waiting == 0
    assert get_queue_stats("parcels", tenants=frozenset({"*"})).waiting == 0


def test_paused_is_the_queue_s_or_the_tenant_s_that_was_asked_for() -> None:
    QueueTenant.objects.create(queue="parcels", tenant="north", paused=True)
    assert not get_queue_stats("parcels").paused
    assert get_queue_stats("parcels", "north").paused
    assert not get_queue_stats("parcels", "south").paused

    Queue.objects.update_or_create(name="parcels", defaults={"paused": True})
    assert get_queue_stats("parcels").paused
    assert get_queue_stats("parcels", "south").paused


def test_all_queues_cost_as_many_statements_as_one() -> None:
    for number in range(12):
        make_job(queue=f"plain-{number}")
    make_job()

    with CaptureQueriesContext(
        connection,
    ) as asked:
        stats = get_all_queue_stats()

    assert len(asked) == 2
    assert stats["parcels"].waiting == 1
    assert stats["letters"] == QueueStats()
    assert stats["plain-3"].waiting == 1


def test_jobs_far_ahead_are_not_read() -> None:
    """With 100,000 reminders weeks ahead, counting those that are due must not read them all."""
    make_jobs(3000, "delayed", ago=AHEAD)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE queues_job")
        asked: dict[str, Any] = {"queues": ["parcels"], "tenants": ["*"], "everyone": True, "tenant": None}
        cursor.execute(f"EXPLAIN {STATS}", asked)
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute(f"EXPLAIN {OLDEST}", asked)
        oldest = "\n".join(line for (line,) in cursor.fetchall())

    assert re.search(r"job_delayed.*\n.*Index Cond: .*delayed_until <= ", plan), plan
    assert re.search(r"job_open.*\n.*Index Cond: .*run_at <= ", oldest), oldest


def test_an_undeclared_queue_is_refused_by_its_name() -> None:
    with pytest.raises(UnknownQueue, match="no-such-queue"):
        get_queue_stats("no-such-queue")
