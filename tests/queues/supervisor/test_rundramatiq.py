"""`manage.py rundramatiq` with real worker processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from django.core.management import CommandError, call_command

from queues.management.commands.rundramatiq import Command
from queues.models import Worker
from queues.recurring.ticks import clock
from queues.supervisor.supervisor import Supervisor
from tests.queues.supervisor.test_supervisor import eventually_gone

ROOT = Path(__file__).resolve().parents[3]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start(process_environment: dict[str, str], tmp_path: Path) -> Iterator[Start]:
    """Start the command; whatever is left of it afterwards is killed."""
    started: list[subprocess.Popen[bytes]] = []

    def run(*options: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "rundramatiq", "--log-file", str(tmp_path / "log"), *options],
            cwd=tmp_path,
            env={**process_environment, "PYTHONPATH": ""},
            start_new_session=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        left = family(process.pid)
        process.kill()
        process.wait()
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue


def family(pid: int) -> list[int]:
    """Return the pids of all that a process started, directly or not."""
    try:
        return [child.pid for child in psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def workers() -> dict[str, int]:
    fresh = Worker.objects.filter(kind="worker", heartbeat_at__gt=clock() - timedelta(seconds=10))
    return dict(fresh.values_list("id", "pid"))


def wait_for(condition: Callable[[], bool], within_s: float, log: Path) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, log.read_text()[-4000:]
        time.sleep(0.1)


def test_workers_start_one_killed_is_replaced_and_the_other_is_left_alone(start: Start, tmp_path: Path) -> None:
    # Given two worker processes, started from another folder.
    command, log = start("-p", "2", "-t", "1", "--pid-file", str(tmp_path / "pid")), tmp_path / "log"
    wait_for(lambda: len(workers()) == 2, 40, log)
    assert (tmp_path / "pid").read_text() == str(command.pid)
    victim, other = sorted(workers().values())
    # When one is killed.
    os.kill(victim, signal.SIGKILL)
    # Then another takes its place, and its sibling goes on.
    wait_for(lambda: len(set(workers().values()) - {victim, other}) == 1, 40, log)
    assert psutil.pid_exists(other)
    # When the command is asked to stop, then all stop, each asked once.
    everyone = family(command.pid)
    command.send_signal(signal.SIGTERM)
    assert command.wait(30) == 0
    eventually_gone(everyone, 1)
    assert "Killing worker process" not in log.read_text()
    assert not (tmp_path / "pid").exists()


@pytest.mark.fault(2)
def test_killed_at_either_level_it_leaves_no_worker_behind(start: Start, tmp_path: Path) -> None:
    # Given a worker under Dramatiq's master under our supervisor.
    command, log = start("-p", "1", "-t", "1"), tmp_path / "log"
    wait_for(lambda: len(workers()) == 1, 40, log)
    worker = psutil.Process(next(iter(workers().values())))
    master = worker.parent()
    assert master is not None
    assert master.ppid() == command.pid
    # When the master is killed, then its worker drains and ends, and a new pair takes over.
    os.kill(master.pid, signal.SIGKILL)
    eventually_gone([worker.pid], 30)
    assert "its parent process is gone" in log.read_text()
    wait_for(lambda: set(workers().values()) not in ({worker.pid}, set()), 40, log)
    # When the supervisor is killed, then all of it is gone within 10 s.
    everyone = family(command.pid)
    assert len(everyone) >= 2
    command.kill()
    command.wait()
    eventually_gone(everyone, 10)


@pytest.mark.parametrize(
    ("options", "why"), [(["--use-gevent"], "not supported"), (["-p", "0"], "--processes"), (["-t", "0"], "--threads")]
)
def test_what_cannot_work_is_refused_before_anything_starts(options: list[str], why: str) -> None:
    with pytest.raises(CommandError, match=why):
        call_command("rundramatiq", *options)


def test_options_reach_dramatiq_as_they_are_named() -> None:
    # Given every option. When the second unit's command line is made.
    options = {
        "threads": 3, "path": [".", "lib"], "worker_shutdown_timeout": 5000, "watch_dir": "src", "use_spawn": True,
        "use_polling_watcher": True, "forks": ["a:b"], "verbosity": 3, "queues": ["one", "two"],
    }  # fmt: skip
    first, second = (Command._unit(number, ["setup", "tasks"], options) for number in (1, 2))
    # Then Dramatiq gets one process, and functions are forked by the first unit only.
    text = " ".join(second.argv[1:])
    assert text == (
        "-m dramatiq --skip-logging --processes 1 --threads 3 --path . lib --worker-shutdown-timeout 5000"
        " --watch src --watch-use-polling --use-spawn -v -v setup tasks --queues one two"
    )
    assert "--fork-function a:b" in " ".join(first.argv)
    assert (first.name, second.name) == ("worker-1", "worker-2")
    plain = {**options, "watch_dir": None, "use_spawn": False, "queues": [], "verbosity": 1}
    assert "--watch" not in " ".join(Command._unit(1, ["setup"], plain).argv)


def test_it_says_what_it_found_and_what_it_ignores(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given a process that is told to stop as soon as its workers have started.
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(Supervisor, "start", lambda _self: os.kill(os.getpid(), signal.SIGTERM))
    call_command("rundramatiq", "-p", "1", "-t", "1")
    output = capsys.readouterr().out
    assert "Task modules: " in output
    assert "engagement.actors" in output
    assert "Ignored task modules: django_dramatiq.tasks" in output
    assert signal.getsignal(signal.SIGTERM) == before
