"""The live line: what it says, and how it is written on a terminal and into a file."""

import io
from datetime import UTC, datetime, timedelta

import pytest

from queues.inspection.stats import QueueStats
from settings.demo.live_line import Counts, LiveLine, line

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
STATS = QueueStats(waiting=1, active=2, completed=30, failed=4, delayed=500)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("ahead", "said"),
    [(timedelta(seconds=5), "in 5 s"), (timedelta(minutes=3), "in 3 min"), (timedelta(hours=5), "in 5.0 h")],
)
def test_it_says_all_counts_and_when_the_next_reminder_is_due(ahead: timedelta, said: str) -> None:
    text = line(Counts(NOW, STATS, 29, NOW + ahead))
    assert text == f"waiting 1  active 2  delayed 500  completed 30  failed 4  outbox 29  next {said}"


def test_it_fits_a_narrow_terminal_and_says_when_nothing_is_due() -> None:
    text = line(Counts(NOW, QueueStats(delayed=581, completed=99), 99, None))
    assert text.endswith("next none")
    assert len(text) < 80


def test_on_a_terminal_it_is_written_over_itself_and_notices_stay_above() -> None:
    out = Terminal()
    live = LiveLine(out)
    live.show("first")
    live.notice("a worker ended")
    live.show("second")
    live.end()
    assert out.getvalue() == (
        "\r\x1b[2Kfirst"
        "\r\x1b[2Ka worker ended\nfirst"
        "\r\x1b[2Ksecond"
        "\n"
    )  # fmt: skip


def test_in_a_file_only_what_changed_makes_a_line() -> None:
    out = io.StringIO()
    live = LiveLine(out)
    for text in ("failed 0  next in 3 s", "failed 0  next in 2 s", "failed 1  next in 1 s"):
        live.show(text)
    live.notice("web ended")
    live.end()
    assert out.getvalue() == "failed 0  next in 3 s\nfailed 1  next in 1 s\nweb ended\n"
