"""What the ledger promises, in as few words as possible: one small object a job, one method a transition."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from queues.ledger.finish import Kind

OPEN = ("waiting", "delayed", "active")
#: Deaths alone that are forgiven; the default of a queue.
MAX_STALLED = 1


@dataclass
class JobModel:
    """One job as its row should be."""

    tenant: str
    priority: int
    state: str = "waiting"
    #: Whether its start has come.
    due: bool = True
    run: int = 1
    made: int = 0
    stalled: int = 0
    token: UUID | None = None
    suspect: bool = False
    alone: bool = False
    cancel: bool = False
    #: How often each run has ended; never more than once.
    endings: dict[int, int] = field(default_factory=dict)

    @property
    def row(self) -> tuple[object, ...]:
        """What the row must say."""
        return self.state, self.run, self.made, self.stalled, self.token, self.suspect, self.alone, self.cancel

    def claim(self, token: UUID, *, alone: bool) -> None:
        """It runs under ``token``."""
        assert self.state in ("waiting", "delayed")
        assert self.due
        self.state, self.token, self.alone = "active", token, alone

    def undo(self) -> None:
        """Its claim is taken back."""
        self.state, self.token, self.alone = "waiting", None, False

    def finish(self, kind: Kind, *, later: bool) -> None:
        """Its attempt ends; ``later``: a retry waits."""
        assert self.state == "active"
        asked, released = self.cancel, kind is Kind.RELEASED
        if kind in (Kind.COMPLETED, Kind.FAILED, Kind.RETRY):
            self.made += 1
        if asked and kind in (Kind.RETRY, Kind.POSTPONED, Kind.RELEASED):
            if kind is Kind.RETRY:
                self.made -= 1
            kind = Kind.CANCELLED
        self.token, self.alone, self.cancel = None, False, False
        self.suspect = self.suspect and released and kind is Kind.RELEASED
        if kind in (Kind.COMPLETED, Kind.FAILED, Kind.CANCELLED):
            self._end(str(kind))
        else:
            self.due = not (kind is Kind.POSTPONED or (kind is Kind.RETRY and later))
            self.state = "waiting" if self.due else "delayed"

    def rescue(self) -> None:
        """Its worker was lost."""
        assert self.state == "active"
        poison = self.alone and self.stalled + 1 > MAX_STALLED
        self.stalled += self.alone
        ended = "cancelled" if self.cancel else "failed" if poison else ""
        self.token, self.alone, self.cancel, self.suspect = None, False, False, not ended
        if ended:
            self._end(ended)
        else:
            self.state = "waiting"

    def retry(self) -> None:
        """Staff open a new run."""
        self.state, self.due, self.run, self.made, self.stalled = "waiting", True, self.run + 1, 0, 0
        self.suspect = False

    def promote(self) -> None:
        """Staff let it run now."""
        self.state, self.due = "waiting", True

    def stop(self) -> None:
        """Staff cancel it: at once if it waits, else when its attempt ends."""
        if self.state == "active":
            self.cancel = True
        else:
            self._end("cancelled")

    def _end(self, state: str) -> None:
        self.state = state
        self.endings[self.run] = self.endings.get(self.run, 0) + 1
        assert self.endings[self.run] == 1
