"""A reminder from booking to outbox, through the real queue: rows, Redis, worker threads, retries."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engagement import actors
from engagement.models import Appointment, FollowUpTask, OutboxMessage, Reminder
from engagement.queues import UPKEEP, QueueName
from engagement.services import booking
from queues import service
from queues.models import Job, JobAttempt
from queues.testing import StartWorker, declare, queue_servers, wait_for, worker
from tests.engagement.factories import clinic, data_of, patient

pytestmark = pytest.mark.django_db(transaction=True)

__all__ = ["declare", "queue_servers", "worker"]


@pytest.fixture(autouse=True)
def _running(worker: StartWorker) -> None:
    """A worker in this process, for the clinic's actors."""
    worker(threads=4, queues=[config.name for config in (*actors.CONFIGS.values(), UPKEEP) if config.actor])


def book_due_in(seconds: float, **workplace: Any) -> Appointment:
    """A visit in 24 hours and a bit, so that its first reminder is due soon; email only, so at any hour."""
    now = datetime.now(UTC)
    who = patient(clinic(**workplace), preferred_channels=["email"])
    start = now + timedelta(hours=24, seconds=seconds)
    return booking.book(workplace=who.workplace, patient=who, start=start, end=start + timedelta(minutes=30), now=now)


def first_job(visit: Appointment) -> Job:
    job_id = visit.reminders.earliest("planned_for").job_id
    assert job_id is not None
    return Job.objects.get(id=job_id)


def test_a_booked_visit_is_announced_when_the_reminder_is_due() -> None:
    # Given
    visit = book_due_in(1.5)

    # When
    wait_for(lambda: first_job(visit).state == "completed", 30)

    # Then
    reminder = visit.reminders.earliest("planned_for")
    assert reminder.status == "done"
    message = OutboxMessage.objects.get()
    assert message.created_at >= reminder.planned_for
    assert message.idempotency_key == f"appt:{visit.id}:1:24h:email"
    assert Job.objects.filter(state="delayed").count() == 2


def test_a_failing_provider_costs_the_attempts_then_staff_retry() -> None:
    # Given a provider that fails five times
    visit = book_due_in(0.5, providers={"email": {"adapter": "failing", "mode": "transient", "times": 5}})

    # When
    wait_for(lambda: first_job(visit).state == "failed", 30)

    # Then
    job = first_job(visit)
    waits = list(JobAttempt.objects.filter(job_id=job.id).order_by("number").values_list("wait_ms", flat=True))
    assert waits[:4] == [1000, 2000, 4000, 8000]
    assert job.attempts_made == 5
    assert "email demo-503" in job.error
    assert FollowUpTask.objects.get().reason == "phone-patient"

    # When
    service.retry_job(QueueName.APPOINTMENT_REMINDER, job.id)
    wait_for(lambda: first_job(visit).state == "completed", 30)

    # Then
    assert OutboxMessage.objects.count() == 1
    assert FollowUpTask.objects.get().status == "cancelled"


def test_what_waits_for_the_morning_spends_no_attempt() -> None:
    # Given a channel whose provider is set up wrongly
    visit = book_due_in(0.5, providers={"email": {"adapter": "unheard-of"}})

    # When
    wait_for(lambda: first_job(visit).reason == "channel on hold", 30)

    # Then
    job = first_job(visit)
    assert (job.state, job.attempts_made) == ("delayed", 0)
    assert job.run_at > datetime.now(UTC) + timedelta(seconds=40)


def test_an_object_that_is_not_there_fails_at_once_and_alike() -> None:
    # Given a job about a visit of another workplace, and one about none
    visit = book_due_in(3600)
    data = data_of(visit.reminders.earliest("planned_for")).wire()
    foreign = service.add_job(QueueName.APPOINTMENT_REMINDER, {**data, "workplaceId": str(clinic().id)})
    missing = service.add_job(QueueName.APPOINTMENT_REMINDER, {**data, "appointmentId": str(foreign.id)})

    # When
    wait_for(lambda: Job.objects.filter(state="failed").count() == 2, 30)

    # Then
    errors = {
        (job.error_class, job.error, job.attempts_made) for job in Job.objects.filter(id__in=[foreign.id, missing.id])
    }
    assert len(errors) == 1
    assert errors.pop()[2] == 1
    assert not OutboxMessage.objects.exists()


def test_a_job_added_by_hand_sends_once_and_the_planned_one_finds_it_done() -> None:
    # Given
    visit = book_due_in(3600)
    planned = visit.reminders.earliest("planned_for")

    # When
    by_hand = service.add_job(QueueName.APPOINTMENT_REMINDER, data_of(planned).wire())
    wait_for(lambda: Job.objects.get(id=by_hand.id).state == "completed", 30)
    service.promote_job(QueueName.APPOINTMENT_REMINDER, planned.job_id)
    wait_for(lambda: first_job(visit).state == "completed", 30)

    # Then
    assert OutboxMessage.objects.count() == 1
    assert Reminder.objects.get(id=planned.id).status == "done"


def test_upkeep_prunes_the_outbox() -> None:
    # Given a message of eight days ago and one of six
    workplace = clinic()
    for days in (8, 6):
        kept = OutboxMessage.objects.create(
            workplace=workplace, channel="sms", idempotency_key=str(days), recipient="x", body="y", language="en"
        )
        OutboxMessage.objects.filter(id=kept.id).update(created_at=datetime.now(UTC) - timedelta(days=days))

    # When
    job = service.add_job("clinic-upkeep", {})
    wait_for(lambda: Job.objects.get(id=job.id).state == "completed", 30)

    # Then
    assert OutboxMessage.objects.get().idempotency_key == "6"
