"""Staff found out what became of a message of which nobody knew whether it went out."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from engagement.errors import NotUnknown
from engagement.models import Delivery
from engagement.reasons import FailureReason
from engagement.services import tasks
from engagement.terms import DeliveryStatus, TaskReason
from queues import audit


@transaction.atomic
def settle(delivery_id: UUID, *, arrived: bool, by: Any, now: datetime) -> Delivery:
    """Write down that the message arrived, or that it did not; raises :class:`NotUnknown` if that is known already.

    What did not arrive is not sent again by itself: a new run of the job would, if it is not too late.
    """
    delivery = (
        Delivery.objects.select_for_update(no_key=True, of=("self",))
        .select_related("reminder__workplace", "reminder__appointment")
        .get(id=delivery_id)
    )
    if delivery.status != DeliveryStatus.UNKNOWN:
        raise NotUnknown(delivery.status)
    if arrived:
        delivery.status, delivery.reason = DeliveryStatus.DELIVERED, ""
        delivery.sent_at, delivery.delivered_at = delivery.sent_at or delivery.claimed_at, now
    else:
        delivery.status, delivery.reason = DeliveryStatus.FAILED, FailureReason.NOT_ARRIVED
    delivery.save(update_fields=["status", "reason", "sent_at", "delivered_at", "updated_at"])
    audit.record(
        by,
        "settle_delivery",
        "delivery",
        delivery.id,
        tenant=str(delivery.workplace_id),
        before={"status": DeliveryStatus.UNKNOWN.value},
        after={"status": str(delivery.status)},
    )
    others = Delivery.objects.filter(
        reminder__appointment=delivery.reminder.appointment_id, status=DeliveryStatus.UNKNOWN
    )
    if arrived and not others.exists():
        tasks.withdraw(delivery.reminder, TaskReason.CHECK_DELIVERY, now=now)
    return delivery
