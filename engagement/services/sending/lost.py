"""Messages whose sender was lost: the provider is asked, and where it cannot tell, a person."""

from datetime import datetime, timedelta

import structlog

from engagement.channels.interface import Absent, Adapter, CannotTell, Found, Lookup
from engagement.channels.registry import NoAdapter, adapter_for
from engagement.conf import engagement_settings
from engagement.errors import ProviderSilent
from engagement.models import Delivery
from engagement.services.sending.record import found_absent, found_accepted, found_nothing_out
from engagement.services.sending.results import Interrupted
from engagement.terms import Channel, DeliveryStatus

log = structlog.get_logger(__name__)


def ask(adapter: Adapter, idempotency_key: str) -> Lookup:
    """Ask whether a message was taken; raises :class:`ProviderSilent`, which quotes nothing, if that fails."""
    try:
        return adapter.lookup(idempotency_key)
    except Exception as error:  # noqa: BLE001  whatever a provider's library raises may quote an address
        silent = ProviderSilent(error)
    raise silent


def find_out(step: Interrupted, channel: Channel, now: datetime) -> None:
    """Ask the provider what became of a message whose sender was lost."""
    try:
        found = ask(adapter_for(step.providers, channel), step.idempotency_key)
    except NoAdapter:
        found = CannotTell()
    match found:
        case Found(accepted):
            found_accepted(step.delivery_id, step.token, accepted, now)
        case Absent():
            found_absent(step.delivery_id, step.token)
        case CannotTell():
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
            try:
                find_out(interrupted, Channel(delivery.channel), now)
            except ProviderSilent as silent:
                log.warning(
                    "provider cannot be asked, trying again later", delivery=str(delivery.id), error=str(silent)
                )
    return found
