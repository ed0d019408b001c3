"""The outbox: a real adapter that keeps what would have gone out, for staff to read."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from engagement.channels.interface import Absent, Found, Lookup, Message
from engagement.models import OutboxMessage
from engagement.outcomes import Accepted, Outcome


class OutboxAdapter:
    """Takes everything, once for each idempotency key."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """There is nothing to set."""

    def send(self, message: Message) -> Outcome:
        """Keep the message; what is kept already is accepted again under the id that it got then."""
        with transaction.atomic():
            kept, _new = OutboxMessage.objects.get_or_create(
                idempotency_key=message.idempotency_key,
                defaults={
                    "workplace_id": message.workplace_id,
                    "channel": message.channel,
                    "recipient": message.recipient,
                    "subject": message.subject,
                    "body": message.body,
                    "language": message.language,
                },
            )
        return _accepted(kept)

    def lookup(self, idempotency_key: str) -> Lookup:
        """Look it up; its key is unique, so an answer of "absent" cannot lead to two."""
        kept = OutboxMessage.objects.filter(idempotency_key=idempotency_key).first()
        return Found(_accepted(kept)) if kept else Absent()


def _accepted(kept: OutboxMessage) -> Accepted:
    return Accepted(provider_id=f"outbox:{kept.id}")
