"""IANA time zones: the names there are."""

from functools import cache
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError


@cache
def zone_names() -> frozenset[str]:
    """All names that this machine knows."""
    return frozenset(available_timezones())


def validate_zone(name: str) -> None:
    """Refuse a name that no clock could be made of."""
    if name not in zone_names():
        raise ValidationError(f"{name!r} is not a time zone; give an IANA name such as Europe/Berlin.")
