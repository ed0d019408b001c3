"""After all channels: whether the reminder is done, and how its job goes on."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from engagement.models import Delivery, Reminder
from engagement.reasons import FailureReason, SkipReason
from engagement.services import tasks
from engagement.services.sending.facts import locked_reminder
from engagement.services.sending.results import Finished, GaveUp, Look, PutOff, Result, Retry, Step, TryAgain, Waits
from engagement.terms import Channel, DeliveryStatus, ReminderStatus, TaskReason

#: The patient has it, or may have it.
REACHED = (DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.UNKNOWN)


def conclude(reminder_id: UUID, steps: Mapping[Channel, Step], look: Look, now: datetime) -> Result:
    """Settle a reminder after one attempt."""
    retries = [step for step in steps.values() if isinstance(step, Retry)]
    waits = [step for step in steps.values() if isinstance(step, Waits)]
    again = TryAgain(
        ", ".join(retry.code for retry in retries), max((retry.after or 0 for retry in retries), default=0)
    )
    if retries and not look.last_attempt:
        return again
    if waits:
        first = min(waits, key=lambda wait: wait.until)
        return PutOff(first.until, first.why)
    with transaction.atomic(durable=True):
        result = _settle(locked_reminder(reminder_id), now)
    return again if retries else result


def _settle(reminder: Reminder, now: datetime) -> Result:
    deliveries = list(reminder.deliveries.order_by("created_at", "id"))
    channels = {Channel(delivery.channel): _told(delivery) for delivery in deliveries}
    failed = [delivery for delivery in deliveries if delivery.status == DeliveryStatus.FAILED]
    reached = any(delivery.status in REACHED for delivery in deliveries)
    if any(delivery.status in (DeliveryStatus.SENDING, DeliveryStatus.PENDING) for delivery in deliveries):
        return Finished("another job is at it", channels)
    if any(delivery.reason == FailureReason.EXHAUSTED for delivery in failed):
        tasks.open_for(reminder, TaskReason.PHONE_PATIENT, now=now)
        return GaveUp("Every attempt is spent and a provider could not take it; staff are asked to phone the patient.")
    if reached:
        _end(reminder, ReminderStatus.DONE, "", now)
        tasks.withdraw(reminder, TaskReason.PHONE_PATIENT, now=now)
        return Finished(channels=channels)
    if failed:
        tasks.open_for(reminder, TaskReason.PHONE_PATIENT, now=now)
        return GaveUp("Every channel refused it for good; staff are asked to phone the patient.")
    if any(delivery.reason == SkipReason.CHANNEL_ON_HOLD for delivery in deliveries):
        tasks.open_for(reminder, TaskReason.PHONE_PATIENT, now=now)
    reason = deliveries[0].reason
    _end(reminder, ReminderStatus.SKIPPED, reason, now)
    return Finished(reason, channels)


def _end(reminder: Reminder, status: ReminderStatus, reason: str, now: datetime) -> None:
    """Close it, unless it was revoked meanwhile."""
    Reminder.objects.filter(id=reminder.id).exclude(status=ReminderStatus.REVOKED).update(
        status=status, reason=reason, finished_at=now
    )


def _told(delivery: Delivery) -> str:
    return f"{delivery.status} ({delivery.reason})" if delivery.reason else delivery.status
