"""Processes are started, started again, prefixed, stopped; nothing outlives the supervisor."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from queues.supervisor.process import Program
from queues.supervisor.supervisor import RESTART_S, Supervisor

ROOT = Path(__file__).resolve().parents[3]


def python(name: str, code: str, **given: object) -> Program:
    return Program(name, (sys.executable, "-c", code), **given)  # type: ignore[arg-type]


class Lines:
    """What a supervisor printed."""

    def __init__(self) -> None:
        self.all: list[str] = []

    def __call__(self, line: bytes) -> None:
        self.all.append(line.decode())

    def count(self, text: str) -> int:
        return sum(text in line for line in self.all)


def poll_until(supervisor: Supervisor, condition: Callable[[], object], within_s: float = 15) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline
        supervisor.poll(0.05)


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def eventually_gone(pids: list[int], within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while left := [pid for pid in pids if alive(pid)]:
        assert time.monotonic() < deadline, f"still there after {within_s:g} s: {left}"
        time.sleep(0.05)


def test_lines_carry_the_name_of_their_process_and_come_whole() -> None:
    # Given two programs, one of which writes part of a line at a time, to both of its outputs.
    halves = "import os; os.write(1, b'fir'); os.write(2, b'st\\nsecond\\nthi'); os.write(1, b'rd')"
    lines = Lines()
    programs = [python("a", halves, restart=False), python("long", "print('x')", restart=False)]
    supervisor = Supervisor(programs, sink=lines)
    # When they run to their end.
    supervisor.start()
    poll_until(supervisor, supervisor.is_idle)
    # Then each line has its name before it, also the one without an end.
    for line in ("a    | first", "a    | second", "a    | third", "long | x"):
        assert line in lines.all
    assert lines.count("ended (exit code 0)") == 2


def test_an_endless_line_comes_in_pieces_and_memory_stays() -> None:
    lines = Lines()
    supervisor = Supervisor([python("a", "print('x' * 300_000)", restart=False)], sink=lines)
    supervisor.start()
    poll_until(supervisor, supervisor.is_idle)
    pieces = [line.removeprefix("a | ") for line in lines.all if "*" not in line]
    assert "".join(pieces) == "x" * 300_000
    assert max(map(len, pieces)) < 200_000


def test_one_that_dies_is_started_again_alone_and_a_crash_loop_slows_down() -> None:
    # Given a program that ends at once, beside one that stays.
    lines = Lines()
    stays = python("stays", "import time; time.sleep(60)")
    supervisor = Supervisor([python("dies", "raise SystemExit(7)"), stays], sink=lines)
    supervisor.start()
    before = supervisor.running()["stays"]
    # When it has ended four times.
    poll_until(supervisor, lambda: lines.count("ended (exit code 7)") >= 4)
    # Then each wait was twice the one before, and the other is what it was.
    waits = [line.rpartition("in ")[2] for line in lines.all if "starting again" in line][:4]
    assert waits == [f"{RESTART_S * 2**times:g} s" for times in range(4)]
    assert supervisor.running()["stays"] == before
    supervisor.stop()
    assert not alive(before)


def test_a_killed_process_is_started_again_at_once() -> None:
    supervisor = Supervisor([python("a", "import time; time.sleep(60)")], sink=Lines())
    supervisor.start()
    first = supervisor.running()["a"]
    os.kill(first, signal.SIGKILL)
    poll_until(supervisor, lambda: supervisor.running().get("a", first) != first, within_s=2)
    supervisor.stop()


def test_what_a_killed_process_leaves_behind_is_heard_and_stopped_in_the_end() -> None:
    # Given a process with a child that goes on when its parent is killed.
    code = (
        "import os, signal, time\n"
        "if os.fork():\n    time.sleep(60)\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "while True:\n    print('left', os.getpid(), flush=True); time.sleep(0.1)"
    )
    lines = Lines()
    supervisor = Supervisor([python("a", code, restart=False)], stop_timeout_s=0.5, sink=lines)
    supervisor.start()
    poll_until(supervisor, lambda: lines.count("left"))
    os.kill(supervisor.running()["a"], signal.SIGKILL)
    poll_until(supervisor, lambda: lines.count("ended (signal SIGKILL)"))
    # When the parent has gone, then the child is still heard. When all is stopped, then it is gone.
    heard = lines.count("left")
    poll_until(supervisor, lambda: lines.count("left") > heard)
    supervisor.stop()
    eventually_gone([int(next(line for line in lines.all if "left" in line).split()[-1])], 2)


def test_a_program_that_is_not_there_is_reported_and_tried_again() -> None:
    lines = Lines()
    supervisor = Supervisor([Program("a", ("/no/such/program",))], sink=lines)
    supervisor.start()
    poll_until(supervisor, lambda: lines.count("starting again") >= 2)
    supervisor.stop()


def test_a_stop_asks_once_and_kills_what_does_not_listen_with_its_children() -> None:
    # Given a program that counts its signals and takes its time, and one with a child that ignores them.
    counts = (
        "import signal, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: print('asked', flush=True))\n"
        "print('ready', flush=True)\n"
        "end = time.monotonic() + 1.5\n"
        "while time.monotonic() < end: time.sleep(0.1)"
    )
    deaf = (
        "import os, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = os.fork()\n"
        "print('ready', child, flush=True) if child else None\n"
        "time.sleep(60)"
    )
    lines = Lines()
    supervisor = Supervisor([python("counts", counts), python("deaf", deaf)], stop_timeout_s=3, sink=lines)
    supervisor.start()
    poll_until(supervisor, lambda: lines.count("ready") == 2)
    pids = [
        *supervisor.running().values(),
        int(next(line for line in lines.all if "deaf   | ready" in line).split()[-1]),
    ]
    # When it is stopped, twice.
    began = time.monotonic()
    supervisor.stop()
    supervisor.stop()
    # Then the one was asked once and ended by itself, the other was killed with its child, in time.
    assert time.monotonic() - began < 5
    assert lines.count("asked") == 1
    assert lines.count("counts | * stopped (exit code 0)") == 1
    assert lines.count("did not stop within 3 s: killed") == 1
    eventually_gone(pids, 2)


_HOST = """
import sys
from queues.supervisor.process import Program
from queues.supervisor.supervisor import Supervisor
code = "import os, time; print('child', os.getpid(), os.getpgid(0), flush=True); time.sleep(60)"
ticks = []
def tick():
    ticks.append(1)
    print('tick', flush=True)
Supervisor([Program("a", (sys.executable, "-c", code)), Program("b", (sys.executable, "-c", code))]).run(
    every_s=0.2, on_tick=tick, reload_on_hangup="reload" in sys.argv)
print('ended', flush=True)
"""


def start_host(*arguments: str) -> tuple[subprocess.Popen[str], list[int]]:
    """Start a process that supervises two children, and return it with their pids."""
    host = subprocess.Popen(
        [sys.executable, "-c", _HOST, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return host, read_children(host)


def read_children(host: subprocess.Popen[str]) -> list[int]:
    assert host.stdout is not None
    children: list[int] = []
    for line in host.stdout:
        if "| child" in line:
            pid, group = (int(word) for word in line.split()[-2:])
            # A session of its own: a terminal's Ctrl-C does not reach it.
            assert group == pid
            children.append(pid)
        if len(children) == 2:
            break
    return children


@pytest.mark.fault(2)
def test_when_the_supervisor_is_killed_nothing_of_it_runs_on() -> None:
    # Given a supervisor with two children. When it is killed.
    host, children = start_host()
    host.kill()
    host.wait()
    # Then the kernel tells its children, which end.
    eventually_gone(children, 5)
    assert host.stdout is not None
    host.stdout.close()


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_all_and_the_callers_code_runs_on(signum: signal.Signals) -> None:
    host, children = start_host()
    assert host.stdout is not None
    assert any(line == "tick\n" for line in host.stdout)
    host.send_signal(signum)
    output, _ = host.communicate(timeout=15)
    assert host.returncode == 0
    assert output.rstrip().endswith("ended")
    eventually_gone(children, 0.5)


def test_a_hangup_starts_all_again_where_that_is_wanted() -> None:
    host, children = start_host("reload")
    host.send_signal(signal.SIGHUP)
    again = read_children(host)
    assert not set(again) & set(children)
    eventually_gone(children, 5)
    host.send_signal(signal.SIGTERM)
    host.communicate(timeout=15)
    eventually_gone(again, 0.5)


def test_it_runs_in_the_main_thread_reloads_and_gives_the_signals_back() -> None:
    # Given a supervisor of two, one of which is not started again, that is sent a hangup and then a stop.
    lines, pids = Lines(), []
    stays = "import time; time.sleep(60)"
    supervisor = Supervisor([python("a", stays), python("b", stays, restart=False)], sink=lines)

    def tick() -> None:
        pids.append(supervisor.running().get("a"))
        os.kill(os.getpid(), signal.SIGTERM if len(set(pids)) > 1 and pids[-1] else signal.SIGHUP)

    before = signal.getsignal(signal.SIGHUP), signal.getsignal(signal.SIGTERM)
    # When it runs.
    supervisor.run(every_s=0.3, on_tick=tick, reload_on_hangup=True)
    # Then the one was started again, the other not, all are gone, and signals are what they were.
    assert lines.count("a | * started") >= 2
    assert lines.count("b | * started") == 1
    assert supervisor.is_idle()
    assert (signal.getsignal(signal.SIGHUP), signal.getsignal(signal.SIGTERM)) == before
