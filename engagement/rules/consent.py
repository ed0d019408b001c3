"""Whether a patient may be written to on a channel."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Protocol

from engagement.reasons import SkipReason
from engagement.terms import Channel, ConsentDecision, ConsentPurpose, ReminderKind


class Decided(Protocol):
    """One consent on record."""

    @property
    def channel(self) -> str:
        """The channel it is about."""

    @property
    def purpose(self) -> str:
        """What it is about: a kind of message, or any."""

    @property
    def decision(self) -> str:
        """Permit or deny."""

    @property
    def decided_at(self) -> datetime:
        """When the patient said it."""


def refusal(
    consents: Iterable[Decided], channel: Channel, kind: ReminderKind, default_permit: Collection[Channel]
) -> SkipReason | None:
    """Why the patient may not be written to, or None if they may.

    The newest decision about this channel and kind counts (one about any message is about this kind too), and deny wins
    a tie. Without any, only the channels of ``default_permit`` are allowed.
    """
    about = {ConsentPurpose.ANY.value, kind.value}
    decisions = [consent for consent in consents if consent.channel == channel and consent.purpose in about]
    if not decisions:
        return None if channel in default_permit else SkipReason.NO_CONSENT
    newest = max(consent.decided_at for consent in decisions)
    denied = any(consent.decision == ConsentDecision.DENY for consent in decisions if consent.decided_at == newest)
    return SkipReason.OPTED_OUT if denied else None
