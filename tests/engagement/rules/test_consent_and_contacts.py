"""Who may be written to, and where."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from engagement.reasons import SkipReason
from engagement.rules.consent import refusal
from engagement.rules.contacts import candidates, usable
from engagement.terms import Channel, ReminderKind
from engagement.workplace_rules import WorkplaceRules

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
DEFAULT_PERMIT = WorkplaceRules().default_permit


@dataclass
class Said:
    decision: str
    ago: int = 0
    channel: str = "sms"
    purpose: str = "any"

    @property
    def decided_at(self) -> datetime:
        return NOW - timedelta(days=self.ago)


@dataclass
class Contact:
    system: str
    use: str = "mobile"
    rank: int = 1
    invalid_at: datetime | None = None
    value: str = "somewhere"
    id: UUID = field(default_factory=uuid4)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([], SkipReason.NO_CONSENT),
        ([Said("permit")], None),
        ([Said("deny")], SkipReason.OPTED_OUT),
        ([Said("permit", ago=2), Said("deny", ago=1)], SkipReason.OPTED_OUT),
        ([Said("deny", ago=2), Said("permit", ago=1)], None),
        ([Said("permit", ago=1), Said("deny", ago=1)], SkipReason.OPTED_OUT),
        ([Said("deny", ago=1), Said("permit", ago=1)], SkipReason.OPTED_OUT),
        ([Said("permit", channel="whatsapp")], SkipReason.NO_CONSENT),
        ([Said("permit", purpose="medication")], SkipReason.NO_CONSENT),
        ([Said("permit", ago=2, purpose="appointment"), Said("deny", ago=1)], SkipReason.OPTED_OUT),
    ],
)
def test_the_newest_decides_and_deny_wins_a_tie(said: list[Said], expected: SkipReason | None) -> None:
    assert refusal(said, Channel.SMS, ReminderKind.APPOINTMENT, DEFAULT_PERMIT) == expected


@pytest.mark.parametrize("channel", list(Channel))
def test_without_a_decision_only_email_is_permitted(channel: Channel) -> None:
    permitted = refusal([], channel, ReminderKind.APPOINTMENT, DEFAULT_PERMIT) is None
    assert permitted is (channel == Channel.EMAIL)


def test_a_refusal_of_email_counts_too() -> None:
    said = [Said("deny", channel="email")]
    assert refusal(said, Channel.EMAIL, ReminderKind.APPOINTMENT, DEFAULT_PERMIT) is SkipReason.OPTED_OUT


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.WHATSAPP])
def test_a_mobile_phone_serves_sms_and_whatsapp(channel: Channel) -> None:
    mobile, landline = Contact("phone"), Contact("phone", use="home")
    assert usable([landline, mobile], channel) == [mobile]


def test_a_contact_of_the_channels_own_takes_the_mobiles_place() -> None:
    mobile, own = Contact("phone"), Contact("whatsapp", rank=9)
    assert usable([mobile, own], Channel.WHATSAPP) == [own]
    assert usable([mobile, own], Channel.SMS) == [mobile]


def test_a_mobile_serves_neither_email_nor_push() -> None:
    assert usable([Contact("phone")], Channel.EMAIL) is SkipReason.NO_CONTACT
    assert usable([Contact("phone")], Channel.PUSH) is SkipReason.NO_CONTACT


def test_the_lowest_rank_comes_first_and_the_id_settles_a_tie() -> None:
    third, first, second = Contact("email", rank=3), Contact("email", rank=1), Contact("email", rank=1)
    first, second = sorted((first, second), key=lambda contact: str(contact.id))
    assert candidates([third, second, first], Channel.EMAIL) == [first, second, third]


@pytest.mark.parametrize("bad", [Contact("email", use="old"), Contact("email", invalid_at=NOW)])
def test_old_and_invalid_contacts_are_never_used(bad: Contact) -> None:
    good = Contact("email", rank=5)
    assert usable([bad, good], Channel.EMAIL) == [good]
    assert usable([bad], Channel.EMAIL) is SkipReason.CONTACT_INVALID
