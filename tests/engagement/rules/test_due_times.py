"""When reminders are due: elapsed time, whatever the clocks do."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.rules.due_times import BEFORE_START, due_after, due_time
from engagement.rules.local_time import day_bounds
from engagement.terms import ReminderType

ZONES = (
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "America/Santiago",
)
starts = st.datetimes(
    datetime(2026, 1, 1),
    datetime(2027, 1, 1),
    timezones=st.sampled_from([ZoneInfo(name) for name in ZONES]),
)


@given(start=starts, kind=st.sampled_from(ReminderType))
def test_due_is_exactly_so_much_elapsed_time_before_the_start(start: datetime, kind: ReminderType) -> None:
    due = due_time(start, kind)
    assert due.tzinfo is UTC
    assert start.timestamp() - due.timestamp() == BEFORE_START[kind].total_seconds()


@given(start=starts, booked=st.timedeltas(timedelta(minutes=-10), timedelta(days=3)))
def test_only_what_is_due_after_the_booking_is_planned(start: datetime, booked: timedelta) -> None:
    # Given
    since = start.astimezone(UTC) - booked

    # When
    planned = due_after(start, since, ReminderType)

    # Then
    assert [due for _, due in planned] == sorted(due for _, due in planned)
    assert {kind for kind, _ in planned} == {kind for kind in ReminderType if due_time(start, kind) > since}


@pytest.mark.parametrize(
    ("start", "local_due"),
    [
        ("2026-03-29T10:00", "2026-03-28T09:00"),  # the night has 23 hours: an hour earlier by the clock
        ("2026-10-25T10:00", "2026-10-24T11:00"),  # it has 25
        ("2026-06-02T10:00", "2026-06-01T10:00"),
    ],
)
def test_across_a_change_of_the_clock_the_wall_clock_differs_by_an_hour(start: str, local_due: str) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    due = due_time(datetime.fromisoformat(start).replace(tzinfo=berlin), ReminderType.DAY)
    assert f"{due.astimezone(berlin):%Y-%m-%dT%H:%M}" == local_due


def test_booked_at_the_very_due_time_is_too_late_to_plan() -> None:
    start = datetime(2026, 6, 2, 10, tzinfo=UTC)
    assert [kind for kind, _ in due_after(start, start - timedelta(hours=2), ReminderType)] == [ReminderType.QUARTER]


@given(at=starts, zone=st.sampled_from(ZONES))
def test_a_local_day_holds_the_instant_and_lasts_23_to_25_hours(at: datetime, zone: str) -> None:
    begin, end = day_bounds(at, ZoneInfo(zone))
    assert begin <= at < end
    assert timedelta(hours=23) <= end - begin <= timedelta(hours=25)
    assert begin.astimezone(ZoneInfo(zone)).date() == at.astimezone(ZoneInfo(zone)).date()
