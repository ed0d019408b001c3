"""The gates of a reminder, in their order: the first that is closed ends it, or the one channel, with its reason."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from engagement.reasons import SkipReason
from engagement.rules.consent import Decided, refusal
from engagement.rules.contacts import Reachable, usable
from engagement.rules.sending_time import Later, Never, Occasion, is_late, send_or_wait
from engagement.terms import Channel, ReminderKind


@dataclass(frozen=True, slots=True)
class ReminderFacts:
    """What the reminder's own gates look at."""

    workplace_active: bool
    patient_active: bool
    deceased: bool
    #: Its appointment is booked, and for the time that the reminder announces.
    current: bool


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """What the gates of one of its channels look at."""

    channel: Channel
    kind: ReminderKind
    occasion: Occasion
    #: It waited because the provider was out of order or on hold.
    held: bool
    contacts: Sequence[Reachable]
    consents: Sequence[Decided]
    default_permit: Collection[Channel]
    #: Messages of this kind that may have reached the patient today, and how many may.
    sent_today: int
    daily_cap: int


@dataclass(frozen=True, slots=True)
class Open:
    """Send it to the first of these contacts."""

    contacts: list[Reachable]


@dataclass(frozen=True, slots=True)
class Closed:
    """Skip it."""

    reason: SkipReason


def reminder_gate(facts: ReminderFacts) -> SkipReason | None:
    """Why nothing of the reminder is to be sent, or None."""
    if not facts.workplace_active:
        return SkipReason.WORKPLACE_INACTIVE
    if not facts.patient_active:
        return SkipReason.PATIENT_INACTIVE
    if facts.deceased:
        return SkipReason.DECEASED
    if not facts.current:
        return SkipReason.SUPERSEDED
    return None


def channel_gate(facts: ChannelFacts, now: datetime) -> Open | Later | Closed:
    """Whether, when and to whom it may go out on one channel. Lateness is the channel's, for each has its own time."""
    if is_late(facts.occasion, now):
        return Closed(SkipReason.CHANNEL_ON_HOLD if facts.held else SkipReason.LATE)
    contacts = usable(facts.contacts, facts.channel)
    if isinstance(contacts, SkipReason):
        return Closed(contacts)
    refused = refusal(facts.consents, facts.channel, facts.kind, facts.default_permit)
    if refused is not None:
        return Closed(refused)
    timing = send_or_wait(facts.occasion, now)
    if isinstance(timing, Never):
        return Closed(timing.reason)
    if isinstance(timing, Later):
        return timing
    if facts.sent_today >= facts.daily_cap:
        return Closed(SkipReason.CAP_REACHED)
    return Open(contacts)
