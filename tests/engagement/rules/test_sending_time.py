"""Quiet hours, deferral and lateness of one reminder on one channel."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.reasons import SkipReason
from engagement.rules.due_times import due_time
from engagement.rules.sending_time import Later, Never, Now, Occasion, is_late, planned_send_time, send_or_wait
from engagement.terms import ReminderType
from engagement.workplace_rules import SendingWindow, WorkplaceRules

BERLIN = ZoneInfo("Europe/Berlin")
TIMING = WorkplaceRules().timing


def clock(text: str) -> datetime:
    """A time in Berlin, without a change of the clock near it."""
    return datetime.fromisoformat(f"2026-06-{text}").replace(tzinfo=BERLIN)


def occasion(
    kind: ReminderType, start: datetime, *, quiet: bool = True, deferred_to: datetime | None = None
) -> Occasion:
    window = SendingWindow() if quiet else None
    return Occasion(start, due_time(start, kind), TIMING[kind], BERLIN, window, deferred_to)


@pytest.mark.parametrize(
    ("kind", "tolerance"),
    [(ReminderType.DAY, 120), (ReminderType.TWO_HOURS, 20), (ReminderType.QUARTER, 5)],
)
def test_late_tolerances(kind: ReminderType, tolerance: int) -> None:
    # Given a visit at noon
    at = occasion(kind, clock("02T12:00"))

    # Then it may go out until its tolerance has passed, and not a second later
    edge = at.due + timedelta(minutes=tolerance)
    assert not is_late(at, edge)
    assert is_late(at, edge + timedelta(seconds=1))


def test_never_at_or_after_the_start() -> None:
    # Given a tolerance that reaches beyond the start
    wide = WorkplaceRules.model_validate({"timing": {"15min": {"late_minutes": 60, "deferral_minutes": 5}}})
    start = clock("02T12:00")
    at = Occasion(start, due_time(start, ReminderType.QUARTER), wide.timing[ReminderType.QUARTER], BERLIN, None)

    # Then
    assert not is_late(at, start - timedelta(seconds=1))
    assert is_late(at, start)


@pytest.mark.parametrize(
    ("kind", "start", "opening"),
    [
        (ReminderType.DAY, "03T02:00", "02T08:00"),  # due 02:00 the day before
        (ReminderType.TWO_HOURS, "02T08:30", "02T08:00"),  # exactly 30 minutes remain
        (ReminderType.QUARTER, "02T08:05", "02T08:00"),  # exactly 5
    ],
)
def test_in_quiet_hours_it_waits_for_their_end(kind: ReminderType, start: str, opening: str) -> None:
    at = occasion(kind, clock(start))
    assert send_or_wait(at, at.due) == Later(clock(opening))
    assert planned_send_time(at) == clock(opening)


@pytest.mark.parametrize(
    ("kind", "start"),
    [(ReminderType.TWO_HOURS, "02T08:29"), (ReminderType.QUARTER, "02T08:04"), (ReminderType.QUARTER, "02T06:00")],
)
def test_not_if_too_little_time_remains_after_them(kind: ReminderType, start: str) -> None:
    at = occasion(kind, clock(start))
    assert send_or_wait(at, at.due) == Never(SkipReason.QUIET_HOURS)


def test_email_goes_out_at_night() -> None:
    at = occasion(ReminderType.DAY, clock("03T02:00"), quiet=False)
    assert send_or_wait(at, at.due) == Now()


def test_late_is_measured_from_the_opening_that_it_was_deferred_to() -> None:
    # Given a reminder due at 02:00, deferred to 08:00
    at = occasion(ReminderType.DAY, clock("03T02:00"), deferred_to=clock("02T08:00"))

    # Then at 09:59, nearly eight hours after it was due, it is not late; two hours after the opening it is
    assert not is_late(at, clock("02T09:59"))
    assert is_late(at, clock("02T10:01"))


def test_an_outage_through_the_night_does_not_make_the_morning_late() -> None:
    # Given a reminder due at 02:00 that nobody looked at before 09:00, so nobody recorded a deferral
    assert not is_late(occasion(ReminderType.DAY, clock("03T02:00")), clock("02T09:00"))
    assert is_late(occasion(ReminderType.DAY, clock("03T02:00"), quiet=False), clock("02T09:00"))


def test_due_shortly_before_quiet_hours_and_run_within_them_waits_for_morning() -> None:
    # Given a reminder due at 20:50 that is run at 21:05
    at = occasion(ReminderType.DAY, clock("03T20:50"))
    assert not is_late(at, clock("02T21:05"))
    assert send_or_wait(at, clock("02T21:05")) == Later(clock("03T08:00"))


@given(
    kind=st.sampled_from(ReminderType),
    start=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
    after=st.timedeltas(timedelta(0), timedelta(hours=30)),
    zone=st.sampled_from(["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo"]),
)
def test_what_waits_is_neither_late_when_it_wakes_nor_after_the_start(
    kind: ReminderType, start: datetime, after: timedelta, zone: str
) -> None:
    # Given any reminder that is looked at any time after it was due
    begin = start.replace(tzinfo=ZoneInfo(zone))
    due = due_time(begin, kind)
    at = Occasion(begin, due, TIMING[kind], ZoneInfo(zone), SendingWindow())
    now = due + after
    if is_late(at, now):
        return
    verdict = send_or_wait(at, now)

    # Then a wait ends before the start, within the hours, and finds it in time
    if isinstance(verdict, Later):
        woken = Occasion(begin, due, TIMING[kind], ZoneInfo(zone), SendingWindow(), deferred_to=verdict.until)
        assert now < verdict.until < begin
        assert not is_late(woken, verdict.until)
        assert send_or_wait(woken, verdict.until) == Now()
