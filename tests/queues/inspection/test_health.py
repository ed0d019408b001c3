"""Health: each threshold, and a sentence that says what to do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from structlog.testing import capture_logs

from queues.inspection.health import HealthWatch, get_all_queue_health, get_queue_health
from queues.models import JobRollup, Queue, QueueTenant, Worker
from tests.queues.rows import make_job, make_jobs

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("alive")]


def errors(queue: str = "parcels", **asked: Any) -> str:
    health = get_queue_health(queue, **asked)
    assert health.is_healthy == (not health.errors)
    return " ".join(health.errors)


def test_a_queue_that_does_its_work_is_healthy() -> None:
    make_jobs(3)
    make_jobs(2, "active")

    health = get_queue_health("parcels")

    assert (health.name, health.is_healthy, health.errors) == ("parcels", True, [])
    assert (health.stats.waiting, health.stats.active) == (3, 2)


@pytest.mark.parametrize(("failed", "healthy"), [(10, True), (11, False)])
def test_too_many_failures(failed: int, healthy: bool) -> None:  # noqa: FBT001  pytest's parameter
    minute = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=5)
    JobRollup.objects.create(queue="parcels", tenant="*", minute=minute, completed=100 - failed, failed=failed)
    old = minute - timedelta(hours=2)
    JobRollup.objects.create(queue="parcels", tenant="*", minute=old, completed=0, failed=500)

    assert get_queue_health("parcels").is_healthy is healthy
    if not healthy:
        assert "11 of 100 jobs failed" in errors()


def test_few_failures_say_nothing_yet() -> None:
    minute = datetime.now(UTC).replace(second=0, microsecond=0)
    JobRollup.objects.create(queue="parcels", tenant="*", minute=minute, completed=0, failed=19)

    assert errors() == ""


def test_too_many_at_once(settings: Any) -> None:
    settings.QUEUES = replace(settings.QUEUES, health=replace(settings.QUEUES.health, active=2))
    make_jobs(3, "active")

    assert "3 jobs are running at once, at most 2" in errors()


def test_a_job_that_waits_too_long() -> None:
    make_job("waiting", ago=timedelta(minutes=6), tenant="north")
    make_job("active", ago=timedelta(hours=6))
    make_job("delayed", ago=-timedelta(hours=6))

    assert "has been due for 6" in errors()
    assert "min" in errors()
    assert "has been due" in errors(tenant="north")
    assert errors(tenant="south") == ""


def test_a_delayed_job_that_nobody_starts_waits_too() -> None:
    make_job("delayed", ago=timedelta(minutes=10))

    assert "has been due for 10" in errors()


def test_a_paused_queue_says_who_and_why_and_not_that_its_jobs_wait() -> None:
    make_job("waiting", ago=timedelta(hours=6))
    Queue.objects.update_or_create(
        name="parcels",
        defaults={"paused": True, "paused_by": "ann", "paused_reason": "storm", "paused_at": datetime.now(UTC)},
    )

    assert "paused by ann since" in errors()
    assert "(storm). Resume it" in errors()
    assert "has been due" not in errors()


def test_a_paused_tenant_is_named_to_those_who_may_see_it() -> None:
    QueueTenant.objects.create(queue="parcels", tenant="north", paused=True)

    assert "paused for north" in errors()
    assert "paused for north" in errors(tenant="north")
    assert errors(tenant="south") == ""
    assert errors(tenants=frozenset({"south"})) == ""


def test_processes_that_are_gone() -> None:
    Worker.objects.update(heartbeat_at=datetime.now(UTC) - timedelta(seconds=31))

    said = errors()

    assert "No live worker" in said
    assert "No scheduler" in said
    assert "No relay" in said


def test_a_worker_of_other_queues_does_not_count() -> None:
    Worker.objects.filter(id="w1").update(queues=["letters"])

    assert "No live worker" in errors()


def test_a_queue_without_an_actor_says_so_once_jobs_wait() -> None:
    assert errors("letters") == ""

    make_job(queue="letters")

    assert "has no actor, so nothing runs its 1 waiting jobs" in errors("letters")
    assert "No live worker" not in errors("letters")


def test_all_queues_cost_a_constant_number_of_statements() -> None:
    make_job()
    with CaptureQueriesContext(connection) as few:
        get_all_queue_health()
    for number in range(8):
        make_job(queue=f"plain-{number}")
    with CaptureQueriesContext(connection) as many:
        found = get_all_queue_health()

    assert len(few) == len(many) <= 8
    assert "plain-3" in found


def test_unhealthy_and_healthy_again_are_logged_once_each() -> None:
    watch = HealthWatch()
    with capture_logs() as logs:
        for healthy in (True, True, False, False, True, True, False):
            Worker.objects.filter(id="w1").update(queues=["parcels"] if healthy else [])
            watch.step()

    said = [(entry["log_level"], entry["event"]) for entry in logs if entry["queue"] == "parcels"]
    unhealthy, healthy_again = ("warning", "queue is unhealthy"), ("info", "queue is healthy again")
    assert said == [unhealthy, healthy_again, unhealthy]
