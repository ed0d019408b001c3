"""Links from a job's subjects to pages about them: filled by the application that knows the pages."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SubjectLink:
    """Where a subject leads: a label without personal data, and a URL."""

    label: str
    url: str


#: subject kind (the part before the colon) -> what makes its link from the part after it.
_makers: dict[str, Callable[[str], SubjectLink | None]] = {}


def register(kind: str, maker: Callable[[str], SubjectLink | None]) -> None:
    """Let ``maker`` make the links of subjects like ``kind:…``."""
    _makers[kind] = maker


def link(subject: str) -> SubjectLink | None:
    """The link of a subject, or None if nobody knows its kind."""
    kind, _, value = subject.partition(":")
    maker = _makers.get(kind)
    return maker(value) if maker else None
