"""Scheduler processes for tests."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def start_scheduler(environment: dict[str, str], *options: str) -> subprocess.Popen[bytes]:
    """Start ``manage.py runscheduler`` in a session of its own."""
    return subprocess.Popen(
        [sys.executable, "manage.py", "runscheduler", *options],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a process at once, with whatever it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)
    if process.stdout is not None:
        process.stdout.close()


def eventually(condition: Callable[[], object], within_s: float, what: str) -> None:
    """Wait until the condition holds; fail naming it if that takes too long."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {within_s:g} s: {what}"
        time.sleep(0.05)
