"""Opening tasks for staff, and taking back what has become needless before anybody took it up."""

from datetime import datetime, timedelta

from engagement.models import Appointment, FollowUpTask, Reminder
from engagement.terms import TaskReason, TaskStatus

#: Nobody has taken it up yet.
UNTOUCHED = (TaskStatus.REQUESTED,)


def about(reminder: Reminder) -> str:
    """What a reminder's tasks are about: one version of an appointment, so one task for all of its reminders."""
    return f"appointment:{reminder.appointment_id}:{reminder.schedule_version}"


def open_for(reminder: Reminder, reason: TaskReason, *, now: datetime) -> FollowUpTask:
    """Open a task about a reminder's patient; one that exists stays as it is, unless the system had closed it."""
    phone = reminder.workplace.policy.phone_task
    task, _new = FollowUpTask.objects.get_or_create(
        patient_id=reminder.patient_id,
        reason=reason,
        about=about(reminder),
        defaults={
            "workplace_id": reminder.workplace_id,
            "priority": phone.priority,
            "due_at": _due(reminder.appointment, now + timedelta(minutes=phone.due_minutes)),
        },
    )
    FollowUpTask.objects.filter(id=task.id, closed_by_system=True).update(
        status=TaskStatus.REQUESTED, business_status="", closed_by_system=False, updated_at=now
    )
    return task


def withdraw(reminder: Reminder, reason: TaskReason, *, now: datetime) -> bool:
    """Cancel the task that was opened about a reminder, if nobody has taken it up; whether it was."""
    return bool(
        FollowUpTask.objects.filter(
            patient_id=reminder.patient_id, reason=reason, about=about(reminder), status__in=UNTOUCHED, owner=None
        ).update(status=TaskStatus.CANCELLED, business_status="no-longer-needed", closed_by_system=True, updated_at=now)
    )


def _due(appointment: Appointment | None, usual: datetime) -> datetime:
    """Never later than the visit itself."""
    return min(usual, appointment.start) if appointment is not None and appointment.start else usual
