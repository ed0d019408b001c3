"""When a patient may be disturbed: the hours of a sending window, by the patient's own clock."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from engagement.rules.local_time import clock_changes, instants
from engagement.workplace_rules import SendingWindow

#: A window opens at least every second day: a single day may lack its hour when the clock is put forward.
DAYS_AHEAD = 3


def is_open(at: datetime, zone: ZoneInfo, window: SendingWindow) -> bool:
    """Whether the clock in ``zone`` shows a time within the window (its opening included, its close not)."""
    clock = at.astimezone(zone).time()
    if window.opens == window.closes:
        return True
    if window.opens < window.closes:
        return window.opens <= clock < window.closes
    return clock >= window.opens or clock < window.closes


def next_opening(at: datetime, zone: ZoneInfo, window: SendingWindow) -> datetime:
    """The first instant from ``at`` on that lies within the window; ``at`` itself if it does."""
    if is_open(at, zone, window):
        return at
    today = at.astimezone(zone).date()
    days = [today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD)]
    openings = [opening for day in days for opening in instants(day, window.opens, zone)]
    openings += clock_changes(at, at + timedelta(days=DAYS_AHEAD), zone)
    return min(opening for opening in openings if opening >= at and is_open(opening, zone, window))
