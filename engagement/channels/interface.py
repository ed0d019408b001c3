"""What every adapter takes and answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from engagement.outcomes import Accepted, Outcome
from engagement.terms import Channel


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one address. ``repr`` shows neither the address nor the text."""

    workplace_id: UUID
    channel: Channel
    contact_id: UUID
    recipient: str
    subject: str
    body: str
    language: str
    #: The delivery's key; a provider that knows such keys is given it.
    idempotency_key: str
    #: 1 for the first call about this delivery.
    attempt: int

    def __repr__(self) -> str:
        return f"<Message {self.idempotency_key} attempt {self.attempt}>"


@dataclass(frozen=True, slots=True)
class Found:
    """The provider has the message."""

    accepted: Accepted


@dataclass(frozen=True, slots=True)
class Absent:
    """The provider has never had it: it is safe to send."""


@dataclass(frozen=True, slots=True)
class CannotTell:
    """This provider cannot be asked."""


Lookup = Found | Absent | CannotTell


class Adapter(Protocol):
    """One way out. Made for one call, with the workplace's settings of the channel."""

    def send(self, message: Message) -> Outcome:
        """Hand the message over, outside any transaction; answers within the provider's time-out.

        What it raises is taken for a crash: the message may have gone out.
        """

    def lookup(self, idempotency_key: str) -> Lookup:
        """Whether a message of this key was taken, asked after a crash."""


class AdapterFactory(Protocol):
    """Makes an adapter from a workplace's settings of a channel; raises ``ValueError`` if they are wrong."""

    def __call__(self, options: Mapping[str, Any]) -> Adapter:
        """Make it."""
