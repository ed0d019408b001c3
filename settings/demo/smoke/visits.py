"""Visits whose first reminder falls due at a given time, for patients who can be reached by e-mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from engagement.models import Appointment, Patient, Reminder, Workplace
from engagement.rules.due_times import BEFORE_START
from engagement.services import booking
from engagement.terms import Channel, ContactSystem, ReminderType

#: How long a visit lasts.
LENGTH = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class Visit:
    """A booked visit and the reminder that is about to fall due."""

    appointment: Appointment
    #: The job that sends the reminder, and when it is due.
    job: UUID
    due: datetime

    @property
    def key(self) -> str:
        """What its one message is known by, as the clinic documents it."""
        return f"appt:{self.appointment.id}:1:24h:email"


def reachable(workplace: Workplace) -> list[Patient]:
    """Return a workplace's patients with a good e-mail address, made to want nothing but e-mail.

    Quiet hours do not bind e-mail, so that it makes no difference at what time of the day this runs.
    """
    patients = list(
        workplace.patients.filter(active=True, contacts__system=ContactSystem.EMAIL, contacts__invalid_at=None)
        .distinct()
        .order_by("id")
    )
    for patient in patients:
        patient.workplace, patient.preferred_channels = workplace, [Channel.EMAIL]
    Patient.objects.bulk_update(patients, ["preferred_channels"])
    return patients


@transaction.atomic
def book(patients: Sequence[Patient], first_due: datetime, every: timedelta, now: datetime) -> list[Visit]:
    """Book a visit for each, the reminders of the day before due one after the other."""
    booked = []
    for number, patient in enumerate(patients):
        start = first_due + number * every + BEFORE_START[ReminderType.DAY]
        booked.append(
            booking.book(workplace=patient.workplace, patient=patient, start=start, end=start + LENGTH, now=now)
        )
    return [_visit(appointment) for appointment in booked]


def misbehave(workplace: Workplace, patient: Patient) -> None:
    """Let the workplace's e-mail provider fail for now, each time, for this patient."""
    addresses = patient.contacts.filter(system=ContactSystem.EMAIL)
    _set_provider(workplace, {str(address.id): "transient" for address in addresses})


def heal(workplace: Workplace) -> None:
    """Let the provider work again."""
    _set_provider(workplace, {})


def _set_provider(workplace: Workplace, contacts: dict[str, str]) -> None:
    workplace.providers = {"email": {"adapter": "failing", "contacts": contacts}}
    workplace.save(update_fields=["providers"])


def _visit(appointment: Appointment) -> Visit:
    reminder = Reminder.objects.get(appointment=appointment, reminder_type=ReminderType.DAY)
    assert reminder.job_id is not None  # noqa: S101  planned with its job
    return Visit(appointment, reminder.job_id, reminder.planned_for)
