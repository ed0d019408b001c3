"""The jobs of reminders: the one place where the clinic adds and cancels them."""

from collections.abc import Iterable
from uuid import UUID

from engagement.job_data import AppointmentReminderData
from engagement.models import Reminder
from engagement.queues import QueueName
from queues import service
from queues.errors import InvalidTransition, JobNotFound
from queues.states import JobState

#: States in which a job can be taken back without disturbing anything.
NOT_BEGUN = (JobState.WAITING, JobState.DELAYED)


def schedule(reminder: Reminder) -> UUID:
    """Add the job that sends a reminder at its time, in the current transaction."""
    data = AppointmentReminderData.model_validate(
        {
            "appointmentId": reminder.appointment_id,
            "patientId": reminder.patient_id,
            "workplaceId": reminder.workplace_id,
            "reminderType": reminder.reminder_type,
            "channels": reminder.channels,
        }
    )
    key = f"appt:{reminder.appointment_id}:{reminder.schedule_version}:{reminder.reminder_type}"
    job = service.schedule_job(QueueName.APPOINTMENT_REMINDER, data.wire(), reminder.planned_for, unique_key=key)
    return job.id


def cancel(job_ids: Iterable[UUID]) -> None:
    """Cancel jobs that have not begun, in the current transaction.

    One that runs is left alone: it looks at its appointment again before each message, and to interrupt it amid a call
    would leave nobody knowing whether the message went out.
    """
    for job_id in sorted(job_ids):
        try:
            job = service.get_job(QueueName.APPOINTMENT_REMINDER, job_id)
            if job.state in NOT_BEGUN:
                service.cancel_job(QueueName.APPOINTMENT_REMINDER, job_id, reason="superseded")
        except (InvalidTransition, JobNotFound):
            continue
