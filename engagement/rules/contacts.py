"""Which of a patient's contacts serve a channel, best first."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol
from uuid import UUID

from engagement.reasons import SkipReason
from engagement.terms import Channel, ContactSystem, ContactUse


class Reachable(Protocol):
    """One contact on record."""

    @property
    def id(self) -> UUID:
        """Its id, which settles equal ranks."""

    @property
    def system(self) -> str:
        """What kind of address it is."""

    @property
    def use(self) -> str:
        """Home, work, mobile, temporary or old."""

    @property
    def rank(self) -> int:
        """1 is tried first."""

    @property
    def value(self) -> str:
        """The address or number."""

    @property
    def invalid_at(self) -> datetime | None:
        """Since when it is known not to work."""


#: Channels that a mobile telephone serves too.
_BY_MOBILE = (Channel.SMS, Channel.WHATSAPP)


def candidates(contacts: Iterable[Reachable], channel: Channel) -> list[Reachable]:
    """The contacts for a channel, usable or not, best first.

    A mobile ``phone`` serves sms and whatsapp, unless the patient has a contact for that channel of its own.
    """
    known = list(contacts)
    own = [contact for contact in known if contact.system == channel.value]
    if not own and channel in _BY_MOBILE:
        own = [
            contact
            for contact in known
            if contact.system == ContactSystem.PHONE and contact.use in (ContactUse.MOBILE, ContactUse.OLD)
        ]
    return sorted(own, key=lambda contact: (contact.rank, str(contact.id)))


def usable(contacts: Iterable[Reachable], channel: Channel) -> list[Reachable] | SkipReason:
    """The contacts that may be used for a channel, best first, or why there is none."""
    all_of_them = candidates(contacts, channel)
    if not all_of_them:
        return SkipReason.NO_CONTACT
    valid = [contact for contact in all_of_them if contact.invalid_at is None and contact.use != ContactUse.OLD]
    return valid or SkipReason.CONTACT_INVALID
