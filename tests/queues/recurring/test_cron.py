"""Which expressions are accepted, and what they mean."""

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queues.errors import InvalidJobData
from queues.recurring.cron import LONGEST, InvalidSchedule, in_words, next_runs, next_time, parse, times_after, zone

MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.fault(18)
@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("0 * * * *", "0 * * * *"),
        (" */15\t*  * *\n*", "*/15 * * * *"),
        ("0 0 * * 0", "0 0 * * 0"),
        ("0 0 * * 7", "0 0 * * 7"),
        ("0 0 * * sun", "0 0 * * sun"),
        ("@daily", "0 0 * * *"),
        ("@MIDNIGHT", "0 0 * * *"),
        ("@hourly", "0 * * * *"),
        ("@weekly", "0 0 * * 0"),
        ("@monthly", "0 0 1 * *"),
        ("@yearly", "0 0 1 1 *"),
        ("0 0 29 2 *", "0 0 29 2 *"),
        ("0 9 L * *", "0 9 L * *"),
        ("0 0 31 2 MON", "0 0 31 2 MON"),
    ],
)
def test_expressions_that_fall_due_are_accepted(text: str, stored: str) -> None:
    # When it is read, then it is kept in five fields.
    assert parse(text) == stored


@pytest.mark.fault(18)
@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "*", "* * * *", "* * * * * *", "61 * * * *", "*/0 * * * *", "5-1 * * * *", "* 24 * * *",
        "* * 0 * *", "* * * 13 *", "* * * * 8", "0 0 31 2 *", "0 0 30 2 *", "0 0 31 4,6 *", "0 0 */31 2 MON#5",
        "@reboot", "@", "@daily @daily", "a b c d e", "-1 * * * *", "1,,2 * * * *", "\x00 * * * *", "٥ * * * *",
        "1" * 5000 + " * * * *", "*" * 10_000, "1" * 190 + " * * * *", "0 0 * * mon-", "<script> * * * *",
    ],
)  # fmt: skip
def test_what_is_no_expression_or_never_falls_due_is_refused_naming_the_field(text: str) -> None:
    # When it is read, then the refusal names the field, and is short whatever was given.
    with pytest.raises(InvalidJobData) as refusal:
        parse(text)
    assert list(refusal.value.errors) == ["cron"]
    assert len(str(refusal.value)) < 2 * LONGEST


@pytest.mark.parametrize("value", [None, 5, ["0 * * * *"], b"0 * * * *"])
def test_what_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(InvalidSchedule, match="must be text"):
        parse(value)


@given(st.text(max_size=40))
def test_any_text_is_either_refused_or_falls_due(text: str) -> None:
    # Given any text at all: when it is accepted, then it falls due.
    try:
        stored = parse(text)
    except InvalidSchedule:
        return
    assert next_time(stored, "UTC", MONDAY) is not None
    assert parse(stored) == stored
    assert in_words(stored)


@given(
    st.from_regex(
        r"(\*|[0-9]{1,2}(-[0-9]{1,2})?)(/[0-9]{1,2})?( (\*|[0-9]{1,2}(-[0-9]{1,2})?)(/[0-9]{1,2})?){4}", fullmatch=True
    )
)
def test_any_expression_of_numbers_is_either_refused_or_falls_due_in_words_too(text: str) -> None:
    try:
        stored = parse(text)
    except InvalidSchedule:
        return
    assert next_time(stored, "UTC", MONDAY) is not None
    assert in_words(stored) != ""


@pytest.mark.parametrize(
    "name", ["", "Europe", "Mars/Base", "../etc/passwd", "/etc/localtime", "\x00", "localtime", None, 3, "x" * 500]
)
def test_what_is_no_time_zone_is_refused_naming_the_field(name: object) -> None:
    with pytest.raises(InvalidJobData) as refusal:
        zone(name)
    assert list(refusal.value.errors) == ["timezone"]


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("0 * * * *", "At the start of every hour"),
        ("0 3 * * 1", "At 03:00 on Monday"),
        ("*/15 * * * *", "Every 15th minute of every hour"),
        ("nonsense", "nonsense"),
    ],
)
def test_a_schedule_is_said_in_words(cron: str, words: str) -> None:
    assert in_words(cron) == words


def test_days_of_the_month_and_of_the_week_are_either_or() -> None:
    # Given the 13th, or a Friday. When the next are asked for, then both kinds come.
    runs = next_runs("0 0 13 * 5", after=datetime(2026, 11, 8, tzinfo=UTC), count=3)
    assert [run.day for run in runs] == [13, 20, 27]
    runs = next_runs("0 0 13 * 5", after=datetime(2026, 12, 8, tzinfo=UTC), count=3)
    assert [run.day for run in runs] == [11, 13, 18]


def test_next_runs_are_on_the_zones_clock() -> None:
    runs = next_runs("0 6 * * *", "America/New_York", 2, after=MONDAY)
    assert [run.isoformat() for run in runs] == ["2026-11-24T06:00:00-05:00", "2026-11-25T06:00:00-05:00"]


def test_a_time_is_never_given_twice_nor_skipped_by_fractions_of_seconds() -> None:
    # Given a start half a second after, on and half a second before a minute.
    minute = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
    half = timedelta(milliseconds=500)
    # When the first time after each is asked for, then it is strictly after it.
    assert next_time("* * * * *", "UTC", minute + half) == minute + timedelta(minutes=1)
    assert next_time("* * * * *", "UTC", minute) == minute + timedelta(minutes=1)
    assert next_time("* * * * *", "UTC", minute - half) == minute


def test_a_leap_day_and_a_month_down_are_found_in_order() -> None:
    assert next_time("0 0 29 2 *", "UTC", MONDAY) == datetime(2028, 2, 29, tzinfo=UTC)
    times = list(islice(times_after("0 * * * *", "UTC", MONDAY), 744))
    assert times == sorted(set(times))
    assert times[-1] - MONDAY == timedelta(hours=744)
