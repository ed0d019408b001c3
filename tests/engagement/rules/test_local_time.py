"""Which instants a wall clock's time is, on ordinary days and on those when it is put forward or back."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from engagement.rules.local_time import clock_changes, instants

BERLIN = ZoneInfo("Europe/Berlin")


def test_on_an_ordinary_day_there_is_one() -> None:
    assert instants(date(2026, 6, 2), time(8), BERLIN) == [datetime(2026, 6, 2, 6, tzinfo=UTC)]


def test_put_back_over_it_there_are_two() -> None:
    found = instants(date(2026, 10, 25), time(2, 30), BERLIN)
    assert found == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)]


def test_put_forward_over_it_there_is_the_moment_of_the_jump() -> None:
    assert instants(date(2026, 3, 29), time(2, 30), BERLIN) == [datetime(2026, 3, 29, 1, tzinfo=UTC)]


def test_a_day_that_the_calendar_skips_is_the_moment_of_the_jump() -> None:
    # Samoa went from the 29th to the 31st of December 2011
    found = instants(date(2011, 12, 30), time(8), ZoneInfo("Pacific/Apia"))
    assert found == [datetime(2011, 12, 30, 10, tzinfo=UTC)]


def test_both_changes_of_a_year_are_found() -> None:
    found = list(clock_changes(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC), BERLIN))
    assert found == [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)]
