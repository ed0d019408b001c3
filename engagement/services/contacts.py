"""Writing down how patients are reached: every address in one form, so that the same one is there once."""

from datetime import datetime

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from engagement.conf import engagement_settings
from engagement.errors import InvalidContact
from engagement.models import ContactPoint, Patient
from engagement.terms import TELEPHONE_SYSTEMS, ContactSystem, ContactUse


def normalize(system: ContactSystem, value: str, region: str | None = None) -> str:
    """The one form of an address: E.164 for telephones, a lower-case domain for email.

    Raises :class:`InvalidContact` for what nobody could be reached at, and for a national number without a ``region``.
    """
    text = value.strip()
    if system in TELEPHONE_SYSTEMS:
        return _e164(system, text, region or engagement_settings().phone_region)
    if system == ContactSystem.EMAIL:
        try:
            validate_email(text)
        except ValidationError:
            raise InvalidContact(system, "is not an email address.") from None
        local, _, domain = text.rpartition("@")
        return f"{local}@{domain.lower()}"
    if not text:
        raise InvalidContact(system, "must not be empty.")
    return text


def add(
    patient: Patient,
    system: ContactSystem,
    value: str,
    *,
    use: ContactUse = ContactUse.HOME,
    rank: int = 1,
    region: str | None = None,
) -> ContactPoint:
    """Write a contact down; one that is there already gets the new use and rank, and counts as valid again."""
    contact, _new = ContactPoint.objects.update_or_create(
        patient=patient,
        system=system,
        value=normalize(system, value, region),
        defaults={"use": use, "rank": rank, "invalid_at": None, "invalid_reason": ""},
    )
    return contact


def mark_invalid(contact: ContactPoint, *, reason: str, now: datetime) -> None:
    """Never use it again; ``reason`` is the provider's code. What is invalid already keeps its first reason."""
    ContactPoint.objects.filter(id=contact.id, invalid_at__isnull=True).update(
        invalid_at=now, invalid_reason=reason[:64] or "refused"
    )


def _e164(system: ContactSystem, text: str, region: str | None) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise InvalidContact(system, "is not a telephone number with a country code, such as +49 30 901820.") from None
    if not phonenumbers.is_possible_number(number):
        raise InvalidContact(system, "has too few or too many digits for its country.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
