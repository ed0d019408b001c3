"""Planning and revoking reminders; always in the transaction of what makes it necessary."""

from datetime import datetime

from engagement.models import Appointment, Delivery, Reminder
from engagement.reasons import SkipReason
from engagement.rules.due_times import due_after
from engagement.services import reminder_jobs
from engagement.terms import AppointmentStatus, Channel, DeliveryStatus, ReminderKind, ReminderStatus


def plan(appointment: Appointment, *, since: datetime) -> list[Reminder]:
    """Plan a booked appointment's reminders that are due after ``since``, each with its job."""
    if appointment.status != AppointmentStatus.BOOKED or appointment.start is None:
        return []
    policy = appointment.workplace.policy
    planned = [
        Reminder(
            workplace=appointment.workplace,
            patient=appointment.patient,
            kind=ReminderKind.APPOINTMENT,
            reminder_type=reminder_type,
            appointment=appointment,
            schedule_version=appointment.schedule_version,
            channels=channels_of(appointment),
            planned_for=due,
        )
        for reminder_type, due in due_after(appointment.start, since, policy.reminder_types)
    ]
    for reminder in planned:
        reminder.job_id = reminder_jobs.schedule(reminder)
    return Reminder.objects.bulk_create(planned)


def channels_of(appointment: Appointment) -> list[Channel]:
    """The channels that its patient prefers, else the workplace's usual ones."""
    preferred = [Channel(channel) for channel in appointment.patient.preferred_channels]
    return preferred or list(appointment.workplace.policy.reminder_channels)


def revoke(appointment: Appointment, *, now: datetime) -> int:
    """Take back what is planned for any version of the appointment that no longer holds; returns how many."""
    gone = Reminder.objects.filter(appointment=appointment, status=ReminderStatus.PLANNED)
    if appointment.status == AppointmentStatus.BOOKED:
        gone = gone.filter(schedule_version__lt=appointment.schedule_version)
    rows = list(gone.order_by("id").select_for_update(no_key=True).values_list("id", "job_id"))
    ids = [reminder_id for reminder_id, _ in rows]
    Reminder.objects.filter(id__in=ids).update(
        status=ReminderStatus.REVOKED, reason=SkipReason.SUPERSEDED, finished_at=now
    )
    Delivery.objects.filter(reminder_id__in=ids, status=DeliveryStatus.PENDING).update(
        status=DeliveryStatus.SKIPPED, reason=SkipReason.SUPERSEDED, updated_at=now
    )
    reminder_jobs.cancel([job_id for _, job_id in rows if job_id is not None])
    return len(ids)
