"""Quiet hours, in six zones, over the days on which clocks change."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.rules.quiet_hours import is_open, next_opening
from engagement.workplace_rules import SendingWindow

ZONES = [
    ZoneInfo(name)
    for name in (
        "America/New_York",
        "Europe/Berlin",
        "Australia/Lord_Howe",  # half an hour of daylight saving
        "Africa/Cairo",  # put forward at midnight
        "Asia/Kathmandu",  # 5:45, never changes
        "America/Santiago",
    )
]
DEFAULT = SendingWindow()
minutes = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(
    lambda at: at.replace(second=0, microsecond=0, tzinfo=UTC)
)
#: The nights around 2026's changes of the clock, so that most examples hit one.
changes = st.sampled_from(
    [
        datetime(2026, 3, 8),
        datetime(2026, 3, 29),
        datetime(2026, 4, 4),
        datetime(2026, 4, 24),
        datetime(2026, 9, 6),
        datetime(2026, 10, 3),
        datetime(2026, 10, 25),
        datetime(2026, 10, 29),
        datetime(2026, 11, 1),
    ]
).flatmap(lambda day: st.integers(-1440, 2880).map(lambda ahead: day.replace(tzinfo=UTC) + timedelta(minutes=ahead)))
quarters = st.integers(0, 95).map(lambda number: time(number // 4, number % 4 * 15))
windows = st.builds(SendingWindow, opens=quarters, closes=quarters)


@given(at=st.one_of(changes, minutes), zone=st.sampled_from(ZONES), window=windows)
def test_the_next_opening_is_the_first_open_minute(at: datetime, zone: ZoneInfo, window: SendingWindow) -> None:
    # When
    opening = next_opening(at, zone, window)

    # Then every minute before it was quiet, and it is not
    assert opening >= at
    assert is_open(opening, zone, window)
    minute = at
    while minute < opening:
        assert not is_open(minute, zone, window), minute
        minute += timedelta(minutes=1)


@given(at=st.one_of(changes, minutes), zone=st.sampled_from(ZONES))
def test_nobody_is_disturbed_outside_the_default_hours(at: datetime, zone: ZoneInfo) -> None:
    local = next_opening(at, zone, DEFAULT).astimezone(zone).time()
    assert time(8) <= local < time(21)


@pytest.mark.parametrize(
    ("clock", "expected"), [("07:59", False), ("08:00", True), ("20:59", True), ("21:00", False), ("03:00", False)]
)
def test_opening_is_included_and_closing_is_not(clock: str, expected: bool) -> None:  # noqa: FBT001
    at = datetime.fromisoformat(f"2026-11-24T{clock}:00").replace(tzinfo=ZoneInfo("Europe/Berlin"))
    assert is_open(at, ZoneInfo("Europe/Berlin"), DEFAULT) is expected


def test_a_window_across_midnight() -> None:
    # Given a workplace that writes to shift workers from 20:00 to 06:00
    berlin = ZoneInfo("Europe/Berlin")
    window = SendingWindow(opens=time(20), closes=time(6))

    # Then
    assert is_open(datetime(2026, 11, 24, 23, tzinfo=berlin), berlin, window)
    assert is_open(datetime(2026, 11, 24, 5, 59, tzinfo=berlin), berlin, window)
    noon = datetime(2026, 11, 24, 12, tzinfo=berlin)
    assert next_opening(noon, berlin, window) == datetime(2026, 11, 24, 20, tzinfo=berlin)


def test_an_opening_that_the_clock_jumps_over_is_the_jump() -> None:
    # Given a window from 02:30 in Berlin, where 02:00 becomes 03:00 on 29 March
    berlin = ZoneInfo("Europe/Berlin")
    window = SendingWindow(opens=time(2, 30), closes=time(21))

    # When
    opening = next_opening(datetime(2026, 3, 28, 23, tzinfo=berlin), berlin, window)

    # Then
    assert opening == datetime(2026, 3, 29, 1, tzinfo=UTC)
