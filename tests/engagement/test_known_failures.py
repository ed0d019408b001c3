"""Failures that real reminder systems had, each shown not to happen here.

Those about cancelling and moving stand with booking, those about templates with messages, those about providers that
are not there with outcomes.
"""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from engagement.models import Appointment, Delivery, DeliveryAttempt, OutboxMessage, Patient, Reminder
from engagement.services import booking
from engagement.services.sending.results import GaveUp
from engagement.terms import ReminderType
from queues.models import Job
from tests.engagement.factories import NOON, appointment, clinic, patient, planned, reminder, send, statuses

pytestmark = pytest.mark.django_db


def test_nothing_is_sent_again_every_hour() -> None:
    """OpenEMR 11477, 11480: re-sent hourly, because nothing marked the reminder as sent."""
    due = planned(kind=ReminderType.DAY)
    for hours in range(24):
        send(due, due.planned_for + timedelta(hours=hours), job_id=uuid4(), run=hours + 1)
    assert OutboxMessage.objects.count() == 2


def test_overlapping_looks_at_the_same_window_make_one_text() -> None:
    """Ottehr 3980: three copies of one text, from windows of time that remembered nothing."""
    due = planned(channels=["sms"])
    for seconds in (0, 1, 59):
        send(due, due.planned_for + timedelta(seconds=seconds), job_id=uuid4())
    assert OutboxMessage.objects.count() == 1


def test_one_broken_record_stops_nobody_else() -> None:
    """rdv-service-public 3074: one crash stopped thousands of reminders."""
    # Given twenty reminders, one of a patient in a zone that no longer exists
    workplace = clinic()
    due = [reminder(appointment(patient(workplace)), channels=["email"]) for _ in range(20)]
    Patient.objects.filter(id=due[7].patient_id).update(timezone="Mars/Olympus")

    # When each is looked at as its own job is
    broken = 0
    for one in due:
        try:
            send(one)
        except Exception:  # noqa: BLE001  what the queue would take for a failed attempt
            broken += 1

    # Then
    assert broken == 1
    assert OutboxMessage.objects.count() == 19


def test_an_outage_over_the_visit_sends_nothing_afterwards() -> None:
    """rdv-service-public 4351: reminders of visits that were over, after an outage."""
    reminders = [planned(kind=kind) for kind in ReminderType]
    for due in reminders:
        send(due, NOON + timedelta(minutes=1))
    assert not OutboxMessage.objects.exists()
    assert {status for due in reminders for status in statuses(due).values()} == {"skipped late"}


def test_an_outage_at_the_due_time_loses_no_reminder() -> None:
    """OpenEMR 11907: a missed tick lost its reminders for good. Here each has a job that waits for a worker."""
    start = datetime.now(UTC) + timedelta(hours=24, minutes=5)
    who = patient(clinic(), preferred_channels=["email"])
    visit = booking.book(workplace=who.workplace, patient=who, start=start, end=start + timedelta(minutes=30))
    due = visit.reminders.earliest("planned_for")
    assert Job.objects.filter(id=due.job_id, run_at=due.planned_for, finished_at=None).exists()
    send(due, due.planned_for + timedelta(minutes=119))
    assert statuses(due) == {"email": "sent"}


def test_accepted_is_not_delivered() -> None:
    """Connect-for-Life: "delivered", as soon as it was queued."""
    due = planned()
    send(due)
    assert set(Delivery.objects.values_list("status", "delivered_at")) == {("sent", None)}


def test_a_bad_number_is_tried_once_and_never_again() -> None:
    """CHT 9559: a number that does not exist, tried without end."""
    # Given
    providers = {"sms": {"adapter": "failing", "mode": "permanent-recipient"}}
    due = planned(channels=["sms"], providers=providers)

    # When its job runs, and runs again, and another visit's too
    assert isinstance(send(due), GaveUp)
    send(due, run=2)
    other = reminder(appointment(due.patient, NOON + timedelta(hours=1)), channels=["sms"])
    send(other)

    # Then
    assert DeliveryAttempt.objects.count() == 1
    assert statuses(other) == {"sms": "skipped contact-invalid"}


def test_what_is_about_a_visit_that_has_no_time_sends_nothing() -> None:
    due = planned()
    Appointment.objects.filter(id=due.appointment_id).update(status="waitlist", start=None, end=None)
    send(due)
    send(due, job_id=uuid4())
    assert not OutboxMessage.objects.exists()
    assert Reminder.objects.get(id=due.id).reason == "superseded"
