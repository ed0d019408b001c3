"""One line of counts that is written over itself, and notices above it."""

import shutil
from dataclasses import dataclass
from datetime import datetime
from typing import TextIO

from django.db import InterfaceError, OperationalError, connection

from engagement.models import OutboxMessage, Reminder
from engagement.queues import QueueName
from engagement.services.clock import database_now
from engagement.terms import ReminderStatus
from queues import service
from queues.inspection.stats import QueueStats


@dataclass(frozen=True, slots=True)
class Counts:
    """How the demo stands."""

    now: datetime
    stats: QueueStats
    #: Messages in the outbox.
    messages: int
    #: When the next reminder is due, if one is planned.
    next_due: datetime | None


def read() -> Counts:
    """Read the counts of appointment reminders."""
    now = database_now()
    ahead = Reminder.objects.filter(status=ReminderStatus.PLANNED, planned_for__gt=now).order_by("planned_for")
    return Counts(
        now=now,
        stats=service.get_queue_stats(QueueName.APPOINTMENT_REMINDER),
        messages=OutboxMessage.objects.count(),
        next_due=ahead.values_list("planned_for", flat=True).first(),
    )


def now_said() -> str:
    """Return the line as things are now, whatever they are: servers may be killed to see what happens."""
    try:
        return line(read())
    except (OperationalError, InterfaceError):
        connection.close()
        return "PostgreSQL does not answer for now"


def line(counts: Counts) -> str:
    """Return the counts as one line."""
    stats = counts.stats
    following = "none" if counts.next_due is None else f"in {_span((counts.next_due - counts.now).total_seconds())}"
    return (
        f"waiting {stats.waiting}  active {stats.active}  delayed {stats.delayed}  completed {stats.completed}  "
        f"failed {stats.failed}  outbox {counts.messages}  next {following}"
    )


def _span(seconds: float) -> str:
    if seconds >= 5400:  # noqa: PLR2004
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{max(seconds, 0):.0f} s"  # noqa: PLR2004


class LiveLine:
    """Writes the line: over itself on a terminal, else only when it says something new."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._over = out.isatty()
        self._shown = ""

    def show(self, text: str) -> None:
        """Show this now."""
        if self._over:
            width = shutil.get_terminal_size().columns - 1
            self._write(f"\r\x1b[2K{text[:width]}")
        elif _lasting(text) != _lasting(self._shown):
            self._write(f"{text}\n")
        self._shown = text

    def notice(self, text: str) -> None:
        """Put a line that stays above it."""
        self._write(f"\r\x1b[2K{text}\n{self._shown}" if self._over and self._shown else f"{text}\n")

    def end(self) -> None:
        """Leave the line as it is and go to the next."""
        if self._over and self._shown:
            self._write("\n")
        self._shown = ""

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()


def _lasting(text: str) -> str:
    """The part of a line that is worth a new line: not how long until the next."""
    return text.partition("  next ")[0]
