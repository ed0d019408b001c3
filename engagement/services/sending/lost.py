"""Messages whose sender was lost: the provider is asked, and where it cannot tell, a person."""

from datetime import datetime, timedelta

from engagement.channels.interface import Absent, Found
from engagement.channels.registry import NoAdapter, adapter_for
from engagement.conf import engagement_settings
from engagement.models import Delivery
from engagement.services.sending.record import found_absent, found_accepted, found_nothing_out
from engagement.services.sending.results import Interrupted
from engagement.terms import Channel, DeliveryStatus


def find_out(step: Interrupted, channel: Channel, now: datetime) -> None:
    """Ask the provider what became of a message whose sender was lost."""
    try:
        found = adapter_for(step.providers, channel).lookup(step.idempotency_key)
    except NoAdapter:
        found = None
    match found:
        case Found(accepted):
            found_accepted(step.delivery_id, step.token, accepted, now)
        case Absent():
            found_absent(step.delivery_id, step.token)
        case _:
            found_nothing_out(step.delivery_id, step.token, now)


def sweep(now: datetime) -> int:
    """Look after deliveries that no job will come back to, such as those of a job that was cancelled as it ran.

    Returns how many were found.
    """
    oldest = now - timedelta(seconds=engagement_settings().stale_send_s)
    left = Delivery.objects.filter(status=DeliveryStatus.SENDING, claimed_at__lt=oldest).select_related("workplace")
    found = 0
    for delivery in left.order_by("claimed_at"):
        if delivery.claim_token is not None:
            found += 1
            interrupted = Interrupted(
                delivery.id, delivery.claim_token, delivery.idempotency_key, dict(delivery.workplace.providers)
            )
            find_out(interrupted, Channel(delivery.channel), now)
    return found
