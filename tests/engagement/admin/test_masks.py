"""How much of a name or an address a list shows."""

import pytest

from engagement.admin import masks
from engagement.models import Patient


@pytest.mark.parametrize(
    ("system", "value", "shown"),
    [
        ("phone", "+442079460123", "+44 ••• 123"),
        ("sms", "+4915112345678", "+49 ••• 678"),
        ("email", "mary.king@mail.example.org", "m•••@m•••.org"),
        ("push", "token-0123456789abcdef", "••• cdef"),
    ],
)
def test_addresses(system: str, value: str, shown: str) -> None:
    assert masks.value(system, value) == shown


def test_names() -> None:
    assert masks.name(Patient(given_name="Mary", family_name="King")) == "M… K…"
    assert masks.name(Patient(given_name="", family_name="Pelé")) == "P…"
