"""Processes of the demo: what they print is kept, their ends are told, and who never comes up is named."""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from queues.supervisor.process import Program
from settings.demo.only_one import AlreadyRuns, take
from settings.demo.readiness import NotUp, wait_until_up
from settings.demo.stack import Stack


def python(name: str, code: str) -> Program:
    return Program(name, (sys.executable, "-c", code))


def until(condition: Callable[[], object], within_s: float = 20) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_what_processes_print_is_kept_and_nothing_runs_after_leaving(tmp_path: Path) -> None:
    # Given two processes, of which one ends
    notices: list[str] = []
    programs = [python("stays", "import time; print('here'); time.sleep(60)"), python("ends", "raise SystemExit(3)")]

    # When they run for a while
    with Stack(programs, tmp_path / "logs" / "all.log", notices.append) as stack:
        until(lambda: "here" in stack.tail("stays") and notices)
        pid = stack.pids["stays"]

    # Then the end was told, all lines are in the file, and nothing runs
    assert notices[0] == "ends: ended (exit code 3), starting again in 0.1 s"
    assert "stays | here" in (tmp_path / "logs" / "all.log").read_text()
    assert not psutil.pid_exists(pid)
    assert not stack.is_running()


def test_who_does_not_come_up_is_named_with_what_it_said(tmp_path: Path) -> None:
    programs = [python("web", "raise SystemExit('no such table')")]
    with Stack(programs, tmp_path / "all.log", lambda _: None) as stack:
        with pytest.raises(NotUp, match="web did not come up: it ended") as error:
            wait_until_up(stack, "http://127.0.0.1:9/", datetime.now(UTC))
    assert "no such table" in str(error.value)
    assert str(tmp_path / "all.log") in str(error.value)


def test_a_second_one_is_kept_out(tmp_path: Path) -> None:
    take(tmp_path / "demo.lock", "A demo")
    with pytest.raises(AlreadyRuns, match=r"A demo runs in this checkout already"):
        take(tmp_path / "demo.lock", "A demo")
