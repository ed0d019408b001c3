"""A process is tied to its parent, also where the parent has died before."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from queues.supervisor.leash import main, tie

LEASH = Path(__file__).resolve().parents[3] / "queues" / "supervisor" / "leash.py"


def run(parent: int, *program: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-S", str(LEASH), str(parent), str(int(signal.SIGTERM)), *program]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)


def test_it_becomes_the_program() -> None:
    done = run(os.getpid(), "/bin/echo", "hello", "there")
    assert (done.returncode, done.stdout) == (0, "hello there\n")


def test_one_whose_parent_is_another_by_now_ends_at_once() -> None:
    # Given a program that believes in a parent which is not, any more.
    done = run(1, "/bin/echo", "hello")
    # Then the signal came before the program.
    assert (done.returncode, done.stdout) == (-signal.SIGTERM, "")


def test_tied_here_and_to_one_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given signal 0, which ties nothing and harms nobody. When this process is tied, then Linux can do so.
    assert tie(os.getppid(), 0) is (sys.platform == "linux")
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, signum: sent.append((pid, signum)))
    # When its parent is another by now, then it is told at once.
    tie(1 if os.getppid() != 1 else 2, 0)
    assert sent == [(os.getpid(), 0)]


def test_the_command_line_is_parent_signal_program(monkeypatch: pytest.MonkeyPatch) -> None:
    became: list[object] = []
    monkeypatch.setattr(os, "execvp", lambda program, argv: became.extend((program, argv)))
    main(["leash", str(os.getppid()), "0", "echo", "hello"])
    assert became == ["echo", ["echo", "hello"]]
