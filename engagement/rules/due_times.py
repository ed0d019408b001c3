"""When appointment reminders are due: elapsed time before the start, whatever the wall clock does in between."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from engagement.terms import ReminderType

#: What each type's name says.
BEFORE_START = {
    ReminderType.DAY: timedelta(hours=24),
    ReminderType.TWO_HOURS: timedelta(hours=2),
    ReminderType.QUARTER: timedelta(minutes=15),
}


def due_time(start: datetime, reminder_type: ReminderType) -> datetime:
    """The instant (UTC) at which a reminder of a visit at ``start`` is due."""
    return start.astimezone(UTC) - BEFORE_START[reminder_type]


def due_after(start: datetime, since: datetime, types: Iterable[ReminderType]) -> list[tuple[ReminderType, datetime]]:
    """The reminders to plan for a visit at ``start`` that was booked or moved at ``since``: those still ahead."""
    due = ((reminder_type, due_time(start, reminder_type)) for reminder_type in types)
    return sorted((pair for pair in due if pair[1] > since), key=lambda pair: pair[1])
