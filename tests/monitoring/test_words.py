"""Waits, ages and texts of unknown origin in words."""

from datetime import UTC, datetime, timedelta

import pytest

from monitoring.words import block, duration, relative, without_controls

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0, "0 ms"), (0.82, "820 ms"), (4.2, "4.2 s"), (8, "8 s"), (185, "3 min 5 s"), (7200, "2 h"),
     (7800, "2 h 10 min"), (9 * 86_400 + 4 * 3600, "9 d 4 h")],
)  # fmt: skip
def test_durations(seconds: float, words: str) -> None:
    assert duration(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "just now"), (-34, "34 s ago"), (-19 * 60 - 14, "19 min ago"), (7830, "in 2 h 10 min"), (59, "in 59 s")],
)
def test_ages(seconds: int, words: str) -> None:
    assert relative(NOW + timedelta(seconds=seconds), NOW) == words


def test_what_is_not_seen_is_shown_as_its_code() -> None:
    assert without_controls("a\u202eb\r\n\x1b[31m") == "a⟨202E⟩b⟨000D⟩⟨000A⟩⟨001B⟩[31m"
    assert without_controls("ünïcödé 🤖") == "ünïcödé 🤖"
    assert block("a\r\n\tb\u200f") == "a\n    b⟨200F⟩"
