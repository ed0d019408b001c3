"""What a list of jobs is asked for, and where its next page begins."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from queues.errors import QueueError
from queues.states import JobState


class InvalidCursor(QueueError):
    """The page's mark is not one that a list of jobs has given out; ask for the first page again."""

    def __init__(self) -> None:
        super().__init__("The cursor is not valid for this list. Leave it out to begin at the first page.")


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs to list; everything that is given must hold."""

    #: ``waiting`` includes delayed jobs whose time has come; None lists all states.
    state: JobState | None = None
    queue: str | None = None
    actor: str | None = None
    #: Tenants that the asker may see; None means all.
    tenants: frozenset[str] | None = None
    #: One tenant among them.
    tenant: str | None = None
    #: Exact reference, such as ``patient:<uuid>``.
    subject: str | None = None
    error_class: str | None = None
    #: From and (exclusive) to: when it failed for failed jobs, its next start for open ones, else when it was added.
    since: datetime | None = None
    until: datetime | None = None
    #: Text in the data or the error of failed jobs, in any case; implies ``state=failed``.
    text: str = ""

    def visible_tenants(self) -> list[str] | None:
        """The tenants whose jobs may be in the list; None means all, the empty list that nothing can be."""
        if self.tenant is None:
            return None if self.tenants is None else sorted(self.tenants)
        return [self.tenant] if self.tenants is None or self.tenant in self.tenants else []

    def matches_nothing(self) -> bool:
        """Whether no job can be in the list: none is visible, or a text is asked for that no row can hold."""
        texts = (self.queue, self.actor, self.tenant, self.subject, self.error_class, self.text)
        return self.visible_tenants() == [] or not all(_storable(text) for text in texts if text)


def _storable(text: str) -> bool:
    """Whether PostgreSQL can hold it: no NUL, no lone surrogate."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last job of a page, as the order of its list sees it. ``at`` is None where the id alone is the order."""

    at: datetime | None
    id: UUID

    def encode(self) -> str:
        """As a text for a URL."""
        text = json.dumps([self.at.isoformat() if self.at else None, str(self.id)])
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> "Cursor":
        """From a text that ``encode`` made. Raises :class:`InvalidCursor`."""
        try:
            at, job_id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            return cls(datetime.fromisoformat(at).astimezone(UTC) if at is not None else None, UUID(job_id))
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError, binascii.Error) as error:
            raise InvalidCursor from error
