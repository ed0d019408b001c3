"""A process is tied to its parent, also where the parent has died before."""

import os
import signal
import subprocess
import sys
from pathlib import Path

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
