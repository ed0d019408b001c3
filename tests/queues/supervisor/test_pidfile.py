"""A pid file names the process that runs, and keeps a second one from starting."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from queues.supervisor.pidfile import PidFile, PidFileInUse


def test_it_holds_the_pid_while_entered(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    with PidFile(str(path)):
        assert path.read_text() == str(os.getpid())
    assert not path.exists()


def test_without_a_path_it_does_nothing() -> None:
    with PidFile(None):
        pass


def test_a_file_left_by_one_that_is_gone_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    path.write_text(str(gone.pid))
    with PidFile(str(path)):
        assert path.read_text() == str(os.getpid())


@pytest.mark.parametrize("text", [str(os.getpid()), "1", "my diary", "-5"])
def test_one_of_a_living_process_or_no_pid_file_is_refused_and_kept(tmp_path: Path, text: str) -> None:
    path = tmp_path / "pid"
    path.write_text(text)
    with pytest.raises(PidFileInUse, match=str(path)), PidFile(str(path)):
        pass
    assert path.read_text() == text
