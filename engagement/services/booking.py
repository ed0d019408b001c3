"""Booking, moving and cancelling appointments, their reminders in the same transaction."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from engagement.errors import InvalidBooking
from engagement.models import Appointment, Patient, Workplace
from engagement.services import reminders
from engagement.services.clock import database_now
from engagement.terms import AppointmentStatus

#: What may still be moved or cancelled.
OPEN = (
    AppointmentStatus.PROPOSED,
    AppointmentStatus.PENDING,
    AppointmentStatus.BOOKED,
    AppointmentStatus.WAITLIST,
)


@transaction.atomic
def book(
    *,
    workplace: Workplace,
    patient: Patient,
    start: datetime,
    end: datetime,
    practitioner: str = "",
    now: datetime | None = None,
) -> Appointment:
    """Book a visit and plan its reminders; raises :class:`InvalidBooking` naming the field."""
    if patient.workplace_id != workplace.id:
        raise InvalidBooking("patient", "is not a patient of this workplace.")
    _check_times(start, end)
    booked_at = now or database_now()
    appointment = Appointment.objects.create(
        workplace=workplace,
        patient=patient,
        status=AppointmentStatus.BOOKED,
        start=start,
        end=end,
        booked_at=booked_at,
        practitioner=practitioner,
    )
    reminders.plan(appointment, since=booked_at)
    return appointment


@transaction.atomic
def reschedule(appointment_id: UUID, *, start: datetime, end: datetime, now: datetime | None = None) -> Appointment:
    """Move a booked visit: its reminders are revoked and planned anew. A new end alone leaves them as they are."""
    _check_times(start, end)
    appointment = _locked(appointment_id)
    if appointment.status != AppointmentStatus.BOOKED:
        raise InvalidBooking("status", f"a visit that is {appointment.status} cannot be moved; book a new one.")
    moved = appointment.start != start
    appointment.start, appointment.end = start, end
    if moved:
        appointment.schedule_version += 1
    appointment.save(update_fields=["start", "end", "schedule_version"])
    if moved:
        at = now or database_now()
        reminders.revoke(appointment, now=at)
        reminders.plan(appointment, since=at)
    return appointment


@transaction.atomic
def cancel(appointment_id: UUID, *, reason: str, now: datetime | None = None) -> Appointment:
    """Cancel a visit that has not begun and revoke its reminders; cancelling it again changes nothing."""
    if not reason.strip():
        raise InvalidBooking("reason", "say why the visit is cancelled.")
    appointment = _locked(appointment_id)
    if appointment.status == AppointmentStatus.CANCELLED:
        return appointment
    if appointment.status not in OPEN:
        raise InvalidBooking("status", f"a visit that is {appointment.status} cannot be cancelled.")
    appointment.status = AppointmentStatus.CANCELLED
    appointment.cancellation_reason = reason.strip()
    appointment.save(update_fields=["status", "cancellation_reason"])
    reminders.revoke(appointment, now=now or database_now())
    return appointment


def _locked(appointment_id: UUID) -> Appointment:
    """The row, held against other bookings and against the sending of its reminders."""
    return Appointment.objects.select_for_update(no_key=True).get(id=appointment_id)


def _check_times(start: datetime, end: datetime) -> None:
    for field, value in (("start", start), ("end", end)):
        if value.tzinfo is None:
            raise InvalidBooking(field, "must say its time zone.")
    if start >= end:
        raise InvalidBooking("end", "must be after the start.")
