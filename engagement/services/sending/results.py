"""What sending works with and what it answers."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from engagement.channels.interface import Message
from engagement.terms import Channel


@dataclass(frozen=True, slots=True)
class Look:
    """One attempt of a job to send a reminder."""

    job_id: UUID
    #: 1, and one more for each retry by staff: a new run decides anew about what an earlier one skipped or gave up.
    run: int
    #: Nothing is retried after this one.
    last_attempt: bool


@dataclass(frozen=True, slots=True)
class Claimed:
    """The delivery is ours, and this is to be sent now."""

    delivery_id: UUID
    token: UUID
    message: Message
    #: Settings of the workplace's channels.
    providers: dict[str, object] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Interrupted:
    """An earlier attempt began to send it and did not say how that went."""

    delivery_id: UUID
    token: UUID
    idempotency_key: str
    providers: dict[str, object] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Waits:
    """Quiet hours, or a provider that is out of order."""

    until: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Retry:
    """The provider could not take it for now."""

    code: str
    #: Seconds that it asked to wait at least.
    after: float | None = None


@dataclass(frozen=True, slots=True)
class NextContact:
    """The contact turned out to be invalid, and there is another."""


@dataclass(frozen=True, slots=True)
class Decided:
    """Nothing more to do on this channel in this run: sent, skipped, failed, unknown, or another job is at it."""


Step = Claimed | Interrupted | Waits | Retry | NextContact | Decided


@dataclass(frozen=True, slots=True)
class Finished:
    """The job has succeeded; ``reason`` if it sent nothing."""

    reason: str = ""
    channels: dict[Channel, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TryAgain:
    """The job has failed for now."""

    code: str
    #: Seconds that a provider asked to wait at least; 0 if none did.
    after: float = 0


@dataclass(frozen=True, slots=True)
class PutOff:
    """The job is to run again then, without having spent an attempt."""

    until: datetime
    why: str


@dataclass(frozen=True, slots=True)
class GaveUp:
    """The job has failed for good."""

    message: str


Result = Finished | TryAgain | PutOff | GaveUp
