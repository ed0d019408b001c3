"""Which reminder a job is about."""

from engagement.job_data import AppointmentReminderData
from engagement.models import Appointment, Reminder
from engagement.rules.due_times import due_time
from engagement.services.sending.results import Look
from engagement.terms import ReminderKind, ReminderStatus


class NoSuchObject(Exception):
    """An id of the job's data names nothing in its workplace."""


def locate(data: AppointmentReminderData, look: Look) -> Reminder | None:
    """The reminder that this job was planned for; for a job added by hand, that of its appointment as it now is.

    None if there is nothing to announce, because the appointment has no time. Raises :class:`NoSuchObject` if an object
    does not exist or belongs to another workplace or patient: which of these it is, is not told.
    """
    mine = Appointment.objects.filter(
        id=data.appointment_id, workplace_id=data.workplace_id, patient_id=data.patient_id
    ).select_related("workplace")
    appointment = mine.first()
    if appointment is None:
        raise NoSuchObject
    reminders = Reminder.objects.filter(appointment=appointment, reminder_type=data.reminder_type)
    planned = reminders.filter(job_id=look.job_id).first()
    if planned is not None or appointment.start is None:
        return planned
    reminder, _new = reminders.get_or_create(
        schedule_version=appointment.schedule_version,
        defaults={
            "appointment": appointment,
            "reminder_type": data.reminder_type,
            "workplace_id": data.workplace_id,
            "patient_id": data.patient_id,
            "kind": ReminderKind.APPOINTMENT,
            "channels": data.channels,
            "planned_for": due_time(appointment.start, data.reminder_type),
            "job_id": look.job_id,
            "status": ReminderStatus.PLANNED,
        },
    )
    return reminder
