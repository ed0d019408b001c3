"""Cron expressions: what is accepted, when it is due, and how it is said in words."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from queues.errors import InvalidJobData

#: Longest expression that is read, characters.
LONGEST = 200
#: Longest name of a time zone, characters.
LONGEST_ZONE = 64
#: Fields of an expression: minute, hour, day of month, month, day of week.
FIELDS = 5
#: Nicknames and what they stand for. ``@reboot`` has no time and is refused.
NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_ZONE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_+\-]*(?:/[A-Za-z0-9_+\-]+)*")
_SECOND = timedelta(seconds=1)


#: Files beside the zones that are none.
_NO_ZONES = frozenset({"localtime", "posixrules", "Factory"})
#: Seconds in an hour and in a minute.
_HOUR_S, _MINUTE_S = 3600, 60


class Times(CronSim):
    """CronSim, right also where a change of the clock is not by whole hours (Lord Howe).

    It steps from hour to hour by 3,600 seconds, and after a change by half an hour from half hour to half hour.
    """

    def advance_hour(self) -> bool:
        """Roll forward to the next hour that fits, at its first minute; return whether it moved."""
        if self.dt.hour in self.hours:
            return False
        self.dt = self.dt.replace(minute=0, second=0)
        while self.dt.hour not in self.hours:
            self.tick(seconds=_HOUR_S - self.dt.minute * _MINUTE_S)
            if self.dt.hour == 0:
                break
        return True


class InvalidSchedule(InvalidJobData):
    """A recurring job cannot be kept like this; ``errors`` says why, by field. Nothing was stored."""


def parse(cron: object) -> str:
    """The expression as it is stored: five fields, single spaces, nicknames written out.

    Raises :class:`InvalidSchedule` naming ``cron`` for what is no expression, or never falls due.
    """
    if not isinstance(cron, str):
        raise _refused(f"must be text, not {type(cron).__name__}.")
    if len(cron) > LONGEST:
        raise _refused(f"is {len(cron)} characters long; at most {LONGEST} are read.")
    text = " ".join(cron.split())
    if text.startswith("@"):
        if text.lower() not in NICKNAMES:
            raise _refused(f"{text[:60]!r} is not one of {', '.join(NICKNAMES)}.")
        text = NICKNAMES[text.lower()]
    fields = text.split()
    if len(fields) != FIELDS:
        raise _refused(
            f"must have {FIELDS} fields (minute, hour, day of month, month, day of week), not {len(fields)}."
        )
    try:
        due = next(Times(text, datetime(2024, 1, 1, tzinfo=UTC)), None)
    except (CronSimError, ValueError, AssertionError) as error:
        if "day-of-month" in str(error) and _days_are_readable(fields):
            raise _refused(f"{text[:60]!r} can never fall due: no such day is in these months.") from None
        what = f": {error}" if isinstance(error, CronSimError) else ""
        raise _refused(f"{text[:60]!r} cannot be read{what[:60].lower()}.") from None
    if due is None:
        raise _refused(f"{text[:60]!r} can never fall due.")
    return text


def zone(name: object) -> ZoneInfo:
    """The time zone of an IANA name. Raises :class:`InvalidSchedule` naming ``timezone``."""
    if isinstance(name, str) and len(name) <= LONGEST_ZONE and _ZONE.fullmatch(name) and name not in _NO_ZONES:
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            pass
    raise InvalidSchedule({"timezone": f"{str(name)[:LONGEST_ZONE]!r} is not an IANA time zone such as Europe/Berlin."})


def times_after(cron: str, timezone: str, after: datetime) -> Iterator[datetime]:
    """The times (UTC) at which the expression is due on that zone's clock, strictly after ``after``, earliest first.

    A fixed time that a change of the clock skips is due right after the gap; one that comes twice is due once. An
    expression whose minute or hour begins with ``*`` goes by elapsed time. Which times there are does not depend on
    ``after``. An expression may have a sixth, leading field for seconds, which only tests use.
    """
    last = after
    # A second earlier: the expression is due strictly after its start, which loses its fraction of a second.
    for local in Times(cron, (after - _SECOND).astimezone(zone(timezone))):
        due = local.astimezone(UTC)
        # In the hour that comes twice, a start in the second one is read as in the first.
        if due > last:
            last = due
            yield due


def next_time(cron: str, timezone: str, after: datetime) -> datetime | None:
    """The first time (UTC) after ``after`` at which the expression is due, or None if there is none in 50 years."""
    return next(times_after(cron, timezone, after), None)


def next_runs(cron: str, timezone: str = "UTC", count: int = 5, after: datetime | None = None) -> list[datetime]:
    """The next ``count`` times, on the zone's clock. Raises :class:`InvalidSchedule`."""
    place = zone(timezone)
    times = times_after(parse(cron), timezone, after or datetime.now(UTC))
    return [due.astimezone(place) for due in islice(times, count)]


@lru_cache(maxsize=1024)
def in_words(cron: str) -> str:
    """The schedule in English words, such as ``At 06:00 on Monday``; the expression itself where that fails."""
    try:
        words: str = CronSim(cron, datetime(2024, 1, 1, tzinfo=UTC)).explain()
    except (CronSimError, ValueError, AssertionError, IndexError):
        return cron
    return words


def _days_are_readable(fields: list[str]) -> bool:
    """Whether the day of month by itself makes sense, so that it is the month that does not fit."""
    try:
        CronSim(f"0 0 {fields[2]} * *", datetime(2024, 1, 1, tzinfo=UTC))
    except (CronSimError, ValueError, AssertionError):
        return False
    return True


def _refused(why: str) -> InvalidSchedule:
    return InvalidSchedule({"cron": why})
