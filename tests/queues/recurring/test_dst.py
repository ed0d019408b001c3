"""Changes of the clock, both ways, in zones that change by an hour, by half an hour and at midnight."""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise, takewhile
from zoneinfo import ZoneInfo

import pytest

from queues.recurring.cron import next_time, times_after

BERLIN, NEW_YORK, LORD_HOWE, SANTIAGO = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago"


def local_times(cron: str, zone: str, start: str, count: int) -> list[str]:
    """Return the first times after a local one, on the zone's clock with its offset."""
    place = ZoneInfo(zone)
    after = datetime.fromisoformat(start).replace(tzinfo=place)
    return [due.astimezone(place).strftime("%d %H:%M%z") for due in islice(times_after(cron, zone, after), count)]


@pytest.mark.fault(12)
@pytest.mark.parametrize(
    ("cron", "zone", "start", "expected"),
    [
        # Spring: 02:00 to 03:00 does not exist. A fixed time runs once, right after the gap.
        ("30 2 * * *", BERLIN, "2026-03-28T12:00", ["29 03:00+0200", "30 02:30+0200"]),
        ("30 2 * * *", NEW_YORK, "2026-03-07T12:00", ["08 03:00-0400", "09 02:30-0400"]),
        # 02:00 to 02:30 does not exist.
        ("15 2 * * *", LORD_HOWE, "2026-10-03T12:00", ["04 02:30+1100", "05 02:15+1100"]),
        # Midnight itself does not exist.
        ("15 0 * * *", SANTIAGO, "2026-09-05T12:00", ["06 01:00-0300", "07 00:15-0300"]),
        # Several fixed times in the gap are one run.
        ("0,30 2 * * *", BERLIN, "2026-03-28T12:00", ["29 03:00+0200", "30 02:00+0200"]),
        # Autumn: 02:00 to 03:00 comes twice. A fixed time runs once, the first time.
        ("30 2 * * *", BERLIN, "2026-10-24T12:00", ["25 02:30+0200", "26 02:30+0100"]),
        ("30 1 * * *", NEW_YORK, "2026-10-31T12:00", ["01 01:30-0400", "02 01:30-0500"]),
        ("45 1 * * *", LORD_HOWE, "2026-04-04T12:00", ["05 01:45+1100", "06 01:45+1030"]),
        ("30 23 * * *", SANTIAGO, "2026-04-03T12:00", ["03 23:30-0300", "04 23:30-0300"]),
        # Wildcard hours go by elapsed time.
        ("0 * * * *", BERLIN, "2026-03-29T00:30", ["29 01:00+0100", "29 03:00+0200", "29 04:00+0200"]),
        ("0 * * * *", BERLIN, "2026-10-25T01:30", ["25 02:00+0200", "25 02:00+0100", "25 03:00+0100"]),
        ("0 * * * *", NEW_YORK, "2026-11-01T00:30", ["01 01:00-0400", "01 01:00-0500", "01 02:00-0500"]),
        ("*/30 * * * *", LORD_HOWE, "2026-04-05T01:10", ["05 01:30+1100", "05 01:30+1030", "05 02:00+1030"]),
    ],
)  # fmt: skip
def test_fixed_times_run_once_and_wildcards_go_by_elapsed_time(
    cron: str, zone: str, start: str, expected: list[str]
) -> None:
    assert local_times(cron, zone, start, len(expected)) == expected


@pytest.mark.fault(12)
@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK, LORD_HOWE, SANTIAGO, "Antarctica/Troll", "Africa/Casablanca"])
@pytest.mark.parametrize(
    "cron", ["30 2 * * *", "15,45 1-3 * * *", "*/7 2 * * *", "0 */2 * * *", "*/20 0 * * *", "0 * * * *"]
)
def test_which_times_there_are_does_not_depend_on_where_one_starts(cron: str, zone: str) -> None:
    # Given the year's times as one who began at New Year sees them.
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    year = list(takewhile(lambda due: due < end, times_after(cron, zone, start)))
    assert all(earlier < later for earlier, later in pairwise(year))
    place = ZoneInfo(zone)
    hours = [start + timedelta(hours=hour) for hour in range(8760)]
    changes = [
        later for earlier, later in pairwise(hours)
        if earlier.astimezone(place).utcoffset() != later.astimezone(place).utcoffset()
    ]  # fmt: skip
    assert changes
    # When one begins anywhere around a change, then the next time is the same.
    for change in changes:
        for minutes in range(-200, 200, 11):
            begin = change + timedelta(minutes=minutes, seconds=13)
            assert next_time(cron, zone, begin) == year[bisect_right(year, begin)]
