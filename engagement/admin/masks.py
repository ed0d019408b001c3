"""Names and addresses as lists may show them: enough to tell two apart, too little to know one."""

from engagement.models import Patient
from engagement.terms import TELEPHONE_SYSTEMS

#: Digits of a number that stay: its country's code, about, and its end.
_HEAD, _TAIL = 3, 3


def name(patient: Patient) -> str:
    """``M… K…``."""
    parts = (patient.given_name, patient.family_name)
    return " ".join(f"{part[0]}…" for part in parts if part)


def value(system: str, text: str) -> str:
    """``+44 ••• 123``, ``m•••@e•••.test``, ``••• f3a9``."""
    if system in TELEPHONE_SYSTEMS or text.startswith("+"):
        return f"{text[:_HEAD]} ••• {text[-_TAIL:]}"
    local, at, domain = text.partition("@")
    if at:
        host, _, top = domain.rpartition(".")
        return f"{local[:1]}•••@{host[:1]}•••.{top}"
    return f"••• {text[-4:]}"
