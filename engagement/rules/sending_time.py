"""When a reminder is to go out on one channel, whether it may wait for that, and when it is too late."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from engagement.reasons import SkipReason
from engagement.rules.quiet_hours import is_open, next_opening
from engagement.workplace_rules import ReminderTiming, SendingWindow


@dataclass(frozen=True, slots=True)
class Occasion:
    """What decides the time of one reminder on one channel."""

    start: datetime
    due: datetime
    timing: ReminderTiming
    zone: ZoneInfo
    #: None: quiet hours do not bind this channel.
    window: SendingWindow | None
    #: The opening that it was deferred to before, if it was.
    deferred_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Now:
    """Send it."""


@dataclass(frozen=True, slots=True)
class Later:
    """Quiet hours: wait for their end."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Never:
    """Do not send it any more."""

    reason: SkipReason


Timing = Now | Later | Never


def planned_send_time(occasion: Occasion) -> datetime:
    """Due, or the opening that it was, or had to be, deferred to."""
    if occasion.deferred_to is not None:
        return occasion.deferred_to
    if occasion.window is None:
        return occasion.due
    opening = next_opening(occasion.due, occasion.zone, occasion.window)
    return opening if _may_wait_for(opening, occasion) else occasion.due


def is_late(occasion: Occasion, now: datetime) -> bool:
    """Whether ``now`` is past the tolerance after the planned send time, or not before the start."""
    return now >= occasion.start or now > planned_send_time(occasion) + occasion.timing.tolerance


def send_or_wait(occasion: Occasion, now: datetime) -> Timing:
    """What quiet hours allow at ``now``, for an occasion that is not late."""
    if occasion.window is None or is_open(now, occasion.zone, occasion.window):
        return Now()
    opening = next_opening(now, occasion.zone, occasion.window)
    return Later(opening) if _may_wait_for(opening, occasion) else Never(SkipReason.QUIET_HOURS)


def _may_wait_for(opening: datetime, occasion: Occasion) -> bool:
    return occasion.start - opening >= occasion.timing.deferral_minimum
