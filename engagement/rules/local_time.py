"""Wall clocks: which instant a local time is, where clocks are put forward and back."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def instants(day: date, clock: time, zone: ZoneInfo) -> list[datetime]:
    """Every instant (UTC, earliest first) at which the clock shows, or jumps over, ``clock`` on ``day``.

    Usually one. Two when the clock is put back over it; when it is put forward over it, the moment of the jump.
    """
    wall = datetime.combine(day, clock)
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return [first]
    if first < second:
        return [first, second]
    return [_jump_between(second, first, zone)]


def _jump_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first second (UTC) at which the zone's offset is what it is at ``after``."""
    offset = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after


def clock_changes(since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Every instant (UTC) after ``since`` and up to ``until`` at which the clock is put forward or back."""
    step = timedelta(hours=6)
    at = since.astimezone(UTC).replace(microsecond=0)
    while at < until:
        then = at + step
        if at.astimezone(zone).utcoffset() != then.astimezone(zone).utcoffset():
            yield _jump_between(at, then, zone)
        at = then


def day_bounds(at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Start and end (UTC, the end excluded) of the local day that ``at`` falls into; 23 to 25 hours long."""
    day = at.astimezone(zone).date()
    return instants(day, time(0), zone)[0], instants(day + timedelta(days=1), time(0), zone)[0]
