"""Booking, moving and cancelling, with the reminders in the same transaction."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from engagement.errors import InvalidBooking
from engagement.models import Appointment, Reminder
from engagement.services import booking
from engagement.terms import AppointmentStatus, ReminderStatus
from queues.models import Job
from tests.engagement.factories import NOON, clinic, patient, send

pytestmark = pytest.mark.django_db

HALF_AN_HOUR = timedelta(minutes=30)


def book(start: datetime = NOON, *, days_ahead: float = 10, **who: Any) -> Appointment:
    somebody = patient(clinic(), **who)
    return booking.book(
        workplace=somebody.workplace,
        patient=somebody,
        start=start,
        end=start + HALF_AN_HOUR,
        now=start - timedelta(days=days_ahead),
    )


def reminders(visit: Appointment, status: str = "planned") -> list[Reminder]:
    return list(Reminder.objects.filter(appointment=visit, status=status).order_by("planned_for"))


def job_of(reminder: Reminder) -> Job:
    assert reminder.job_id is not None
    return Job.objects.get(id=reminder.job_id)


def test_a_booking_plans_three_reminders_each_with_its_job() -> None:
    # Given a visit far in the future, so that its jobs are delayed
    start = datetime.now(UTC) + timedelta(days=30)
    visit = book(start)

    # Then
    kinds = [(planned.reminder_type, planned.planned_for) for planned in reminders(visit)]
    assert kinds == [
        ("24h", start - timedelta(hours=24)),
        ("2h", start - timedelta(hours=2)),
        ("15min", start - timedelta(minutes=15)),
    ]
    for planned in reminders(visit):
        job = job_of(planned)
        assert job.run_at == planned.planned_for
        assert (job.queue, job.state, job.tenant) == ("appointment-reminder", "delayed", str(visit.workplace_id))
        assert set(job.subjects) == {f"patient:{visit.patient_id}", f"appointment:{visit.id}"}
        assert job.data == {
            "appointmentId": str(visit.id),
            "patientId": str(visit.patient_id),
            "workplaceId": str(visit.workplace_id),
            "reminderType": planned.reminder_type,
            "channels": ["email", "sms"],
        }


@pytest.mark.parametrize(
    ("ahead", "kinds"),
    [
        (timedelta(hours=24), ["2h", "15min"]),
        (timedelta(hours=24, seconds=1), ["24h", "2h", "15min"]),
        (timedelta(minutes=15), []),
        (timedelta(hours=1), ["15min"]),
        (timedelta(days=-1), []),
    ],
)
def test_only_what_is_due_after_the_booking(ahead: timedelta, kinds: list[str]) -> None:
    visit = book(days_ahead=ahead.total_seconds() / 86_400)
    assert [planned.reminder_type for planned in reminders(visit)] == kinds


def test_the_patients_preference_decides_the_channels() -> None:
    visit = book(preferred_channels=["whatsapp"])
    assert {tuple(planned.channels) for planned in reminders(visit)} == {("whatsapp",)}


def test_moving_revokes_and_plans_anew() -> None:
    # Given
    start = datetime.now(UTC) + timedelta(days=30)
    visit = book(start)
    old = reminders(visit)

    # When
    later = start + timedelta(days=2)
    moved = booking.reschedule(visit.id, start=later, end=later + HALF_AN_HOUR)

    # Then
    assert moved.schedule_version == 2
    assert [planned.reminder_type for planned in reminders(visit, "revoked")] == ["24h", "2h", "15min"]
    assert {job_of(planned).state for planned in old} == {"cancelled"}
    assert [planned.planned_for for planned in reminders(visit)] == [
        later - timedelta(hours=24), later - timedelta(hours=2), later - timedelta(minutes=15),
    ]  # fmt: skip
    assert {planned.schedule_version for planned in reminders(visit)} == {2}


def test_a_new_end_leaves_the_reminders_alone() -> None:
    visit = book()
    before = [planned.id for planned in reminders(visit)]
    moved = booking.reschedule(visit.id, start=NOON, end=NOON + timedelta(hours=2))
    assert moved.schedule_version == 1
    assert [planned.id for planned in reminders(visit)] == before


def test_cancelling_revokes_and_says_why() -> None:
    # Given
    visit = book(datetime.now(UTC) + timedelta(days=30))
    planned = reminders(visit)

    # When
    booking.cancel(visit.id, reason="patient asked")
    booking.cancel(visit.id, reason="said twice")

    # Then
    visit.refresh_from_db()
    assert (visit.status, visit.cancellation_reason) == ("cancelled", "patient asked")
    assert reminders(visit) == []
    assert {reminder.reason for reminder in reminders(visit, "revoked")} == {"superseded"}
    assert {job_of(reminder).state for reminder in planned} == {"cancelled"}


def test_a_rolled_back_booking_leaves_neither_reminder_nor_job() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        book(datetime.now(UTC) + timedelta(days=30))
        raise ZeroDivisionError
    assert not Reminder.objects.exists()
    assert not Job.objects.exists()


def test_a_rolled_back_move_leaves_the_old_reminders_and_their_jobs() -> None:
    start = datetime.now(UTC) + timedelta(days=30)
    visit = book(start)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        booking.reschedule(visit.id, start=start + timedelta(days=1), end=start + timedelta(days=2))
        raise ZeroDivisionError
    assert {job_of(planned).state for planned in reminders(visit)} == {"delayed"}
    assert {planned.schedule_version for planned in reminders(visit)} == {1}


def test_after_a_move_the_old_reminder_sends_nothing_and_the_new_one_goes() -> None:
    """Cal.com 17785, 6905: reminders after cancel or reschedule."""
    # Given a reminder whose job was already running when the visit was moved by an hour
    visit = book()
    old = reminders(visit)[1]
    later = NOON + timedelta(hours=1)
    booking.reschedule(visit.id, start=later, end=later + HALF_AN_HOUR, now=NOON - timedelta(days=3))

    # When
    send(old)
    new = reminders(visit)[1]
    send(new)

    # Then
    assert set(old.deliveries.values_list("status", "reason")) == {("skipped", "superseded")}
    assert Reminder.objects.get(id=old.id).status == ReminderStatus.REVOKED
    assert set(new.deliveries.values_list("status", flat=True)) == {"sent"}


@pytest.mark.parametrize("status", ["arrived", "fulfilled", "noshow", "entered-in-error", "checked-in"])
def test_what_has_begun_or_ended_is_neither_moved_nor_cancelled(status: str) -> None:
    visit = book()
    Appointment.objects.filter(id=visit.id).update(status=status)
    with pytest.raises(InvalidBooking, match="status"):
        booking.cancel(visit.id, reason="too late")
    with pytest.raises(InvalidBooking, match="status"):
        booking.reschedule(visit.id, start=NOON, end=NOON + HALF_AN_HOUR)


def test_what_cannot_be_booked_names_the_field() -> None:
    visit = book()
    naive = datetime(2026, 6, 2, 12)
    for field, start, end in (("start", naive, NOON), ("end", NOON, naive), ("end", NOON, NOON)):
        with pytest.raises(InvalidBooking) as refused:
            booking.reschedule(visit.id, start=start, end=end)
        assert refused.value.field == field
    with pytest.raises(InvalidBooking, match="reason"):
        booking.cancel(visit.id, reason="  ")
    with pytest.raises(InvalidBooking, match="patient"):
        booking.book(workplace=clinic(), patient=visit.patient, start=NOON, end=NOON + HALF_AN_HOUR)


def test_nothing_is_booked_that_does_not_exist() -> None:
    with pytest.raises(Appointment.DoesNotExist):
        booking.cancel(UUID(int=1), reason="no such visit")
    assert AppointmentStatus.CANCELLED not in Appointment.objects.values_list("status", flat=True)
