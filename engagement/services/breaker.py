"""Whether a workplace's provider is down as a whole; read from what it answered, so every process sees the same."""

from datetime import datetime, timedelta
from uuid import UUID

from engagement.conf import engagement_settings
from engagement.models import Delivery, DeliveryAttempt
from engagement.outcomes import OutcomeClass
from engagement.terms import Channel


def open_until(workplace_id: UUID, channel: Channel, now: datetime) -> datetime | None:
    """Until when to leave the provider in peace; None if it works, or may work again.

    It is down when the newest answers, of several messages, were all failures for now. A message that it takes, or
    the end of the rest, gives it another chance.
    """
    limits = engagement_settings()
    since = now - timedelta(seconds=limits.breaker_window_s)
    failures = list(
        DeliveryAttempt.objects.filter(
            outcome=OutcomeClass.TRANSIENT,
            started_at__gt=since,
            delivery__workplace_id=workplace_id,
            delivery__channel=channel,
        )
        .order_by("-started_at")
        .values_list("started_at", "delivery_id")[: limits.breaker_failures]
    )
    messages = {delivery_id for _, delivery_id in failures}
    if len(failures) < limits.breaker_failures or len(messages) < limits.breaker_messages:
        return None
    newest, oldest = failures[0][0], failures[-1][0]
    until = newest + timedelta(seconds=limits.breaker_rest_s)
    taken = Delivery.objects.filter(workplace_id=workplace_id, channel=channel, sent_at__gte=oldest)
    return until if until > now and not taken.exists() else None
