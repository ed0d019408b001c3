"""Reminders whose job failed for good, however that happened: the patient must not be forgotten."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q

from engagement.models import Delivery, Reminder
from engagement.queues import QueueName
from engagement.reasons import FailureReason
from engagement.services import tasks
from engagement.services.clock import database_now
from engagement.terms import DeliveryStatus, ReminderStatus, TaskReason
from queues.signals import jobs_failed


def connect() -> None:
    """Hear of failed jobs from now on."""
    jobs_failed.connect(_on_jobs_failed, dispatch_uid="engagement.failures")


def _on_jobs_failed(jobs: Sequence[tuple[str, UUID]], **_: Any) -> None:
    failed = [job_id for queue, job_id in jobs if queue == QueueName.APPOINTMENT_REMINDER]
    if failed:
        phone_instead(failed)


def phone_instead(job_ids: Sequence[UUID]) -> int:
    """Have somebody phone the patients whose reminders these jobs did not deliver; returns how many reminders.

    Runs in the transaction that ends the jobs and holds their rows, so it waits for no appointment: booking holds those
    while it cancels jobs. Sending opens the same task itself where it sees the end coming; opened twice, it is one.
    """
    now = database_now()
    reminders = list(
        Reminder.objects.filter(
            Q(job_id__in=job_ids) | Q(deliveries__decided_job__in=job_ids), status=ReminderStatus.PLANNED
        )
        .select_related("workplace", "appointment")
        .distinct()
        .order_by("id")
    )
    for reminder in reminders:
        tasks.open_for(reminder, TaskReason.PHONE_PATIENT, now=now)
    lost = Delivery.objects.filter(decided_job__in=job_ids, status=DeliveryStatus.SENDING)
    for delivery in lost.select_related("reminder__workplace", "reminder__appointment").order_by("id"):
        tasks.open_for(delivery.reminder, TaskReason.CHECK_DELIVERY, now=now)
    lost.update(status=DeliveryStatus.UNKNOWN, reason=FailureReason.CRASHED, updated_at=now)
    return len(reminders)
