"""Contacts are written in one form, so that the same one is there once."""

from typing import Any

import pytest

from engagement.errors import InvalidContact
from engagement.services import contacts
from engagement.terms import ContactSystem, ContactUse
from tests.engagement.factories import NOON, clinic, patient


@pytest.mark.parametrize(
    ("system", "given", "region", "kept"),
    [
        ("phone", "+49 (30) 901820", None, "+4930901820"),
        ("sms", "0151 23456789", "DE", "+4915123456789"),
        ("whatsapp", "(212) 555-0100", "US", "+12125550100"),
        ("email", " Kim.Example@EXAMPLE.org ", None, "Kim.Example@example.org"),
        ("push", "device-token", None, "device-token"),
    ],
)
def test_one_form(system: str, given: str, region: str | None, kept: str) -> None:
    assert contacts.normalize(ContactSystem(system), given, region) == kept


@pytest.mark.parametrize(
    ("system", "given"),
    [("phone", "0151 23456789"), ("sms", "+49 1"), ("sms", "call me"), ("email", "kim at example"), ("push", "  ")],
)
def test_what_reaches_nobody_is_refused_without_repeating_it(system: str, given: str) -> None:
    with pytest.raises(InvalidContact) as refused:
        contacts.normalize(ContactSystem(system), given)
    assert refused.value.system == system
    assert not given.strip() or given not in str(refused.value)


def test_the_region_of_national_numbers_is_a_setting(settings: Any) -> None:
    settings.ENGAGEMENT = {"phone_region": "DE"}
    assert contacts.normalize(ContactSystem.PHONE, "030 901820") == "+4930901820"


@pytest.mark.django_db
def test_the_same_number_written_otherwise_is_the_same_contact() -> None:
    who = patient(clinic())
    first = contacts.add(who, ContactSystem.SMS, "+49 151 2345 6789")
    contacts.mark_invalid(first, reason="30005", now=NOON)
    again = contacts.add(who, ContactSystem.SMS, "+4915123456789", use=ContactUse.MOBILE, rank=2)
    assert again.id == first.id
    assert (again.rank, again.invalid_at, again.invalid_reason) == (2, None, "")


@pytest.mark.django_db
def test_an_invalid_contact_keeps_its_first_reason() -> None:
    contact = contacts.add(patient(clinic()), ContactSystem.SMS, "+4915123456789")
    contacts.mark_invalid(contact, reason="30005", now=NOON)
    contacts.mark_invalid(contact, reason="21211", now=NOON)
    contact.refresh_from_db()
    assert contact.invalid_reason == "30005"
