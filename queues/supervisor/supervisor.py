"""Keeps a set of processes running from one thread, and stops all of them when it is told to."""

import contextlib
import os
import selectors
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from types import FrameType

from queues.supervisor.process import Process, Program

#: Signals that stop everything; the last may also mean "again, with new code".
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
#: Wait before a process that ended is started again, seconds; doubled each time it ends soon.
RESTART_S = 0.1
#: Longest such wait, seconds.
RESTART_MAX_S = 30.0
#: A process that ran this long is taken for healthy, and its wait starts anew, seconds.
HEALTHY_S = 10.0
#: Seconds between two looks at the processes.
LOOK_EVERY_S = 0.1

Sink = Callable[[bytes], None]


def to_stdout(line: bytes) -> None:
    """Write a line to this process's standard output; nobody reading it is no error."""
    with contextlib.suppress(OSError):
        os.write(sys.__stdout__.fileno() if sys.__stdout__ else 1, line + b"\n")


class _Slot:
    """A program's place: its process, or when it is to be started."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process: Process | None = None
        self.start_at: float | None = 0.0
        self.wait_s = RESTART_S


class Supervisor:
    """Runs programs: starts them, starts again those that end, prefixes their output, stops all.

    All methods belong to one thread, which must live as long as the processes: the kernel takes that thread's end for
    their parent's death.
    """

    def __init__(self, programs: Iterable[Program], *, stop_timeout_s: float = 30.0, sink: Sink = to_stdout) -> None:
        """``stop_timeout_s``: how long processes may take to stop before they are killed, seconds."""
        self._slots = [_Slot(program) for program in programs]
        self._width = max((len(slot.program.name) for slot in self._slots), default=0)
        self._stop_timeout_s = stop_timeout_s
        self._sink = sink
        self._selector = selectors.DefaultSelector()
        #: Processes that have ended while something they started still writes where they wrote.
        self._left: set[Process] = set()
        self._stopping = False

    def start(self) -> None:
        """Start every program."""
        for slot in self._slots:
            self._start(slot)

    def poll(self, timeout_s: float = LOOK_EVERY_S) -> None:
        """Pass on what was printed, see who has ended, start again what is due; waits at most ``timeout_s``."""
        for key, _ in self._selector.select(timeout_s):
            self._pass_on(key.data)
        self._left = {process for process in self._left if not process.closed}
        for slot in self._slots:
            process = slot.process
            code = process.ended() if process else None
            if process is not None and code is not None:
                self._ended(slot, process, code)
            if slot.start_at is not None and not self._stopping and time.monotonic() >= slot.start_at:
                self._start(slot)

    def running(self) -> dict[str, int]:
        """Pids of the processes that run, by name."""
        return {slot.program.name: slot.process.pid for slot in self._slots if slot.process is not None}

    def is_idle(self) -> bool:
        """Whether nothing runs and nothing will be started."""
        return all(slot.process is None and (slot.start_at is None or self._stopping) for slot in self._slots)

    def stop(self) -> None:
        """Ask every process to stop, wait, and kill those that have not stopped in time."""
        self._stopping = True
        deadline = time.monotonic() + self._stop_timeout_s
        for slot in self._slots:
            if slot.process is not None:
                slot.process.ask_to_stop()
        while not (self.is_idle() and not self._left) and time.monotonic() < deadline:
            self.poll()
        for slot in self._slots:
            if slot.process is not None:
                self._say(slot.program, f"did not stop within {self._stop_timeout_s:g} s: killed")
                slot.process.kill()
        self.poll(0)
        for process in self._left:
            process.kill()
            self._let_go(process)
        self._left.clear()

    def reload(self) -> None:
        """Ask every process to stop, so that it is started again; those not to be started again stay stopped."""
        for slot in self._slots:
            slot.wait_s = RESTART_S
            if slot.process is not None:
                slot.process.ask_to_stop()

    def run(
        self, every_s: float = 1.0, on_tick: Callable[[], None] | None = None, *, reload_on_hangup: bool = False
    ) -> None:
        """Run until SIGTERM, SIGINT or SIGHUP comes or nothing is left to run; main thread only.

        ``on_tick`` is called every ``every_s`` seconds meanwhile. With ``reload_on_hangup``, SIGHUP is :meth:`reload`.
        """
        with _noticed(STOP_SIGNALS) as came:
            try:
                self.start()
                next_tick = time.monotonic() + every_s
                while not self.is_idle():
                    if reload_on_hangup and signal.SIGHUP in came:
                        came.remove(signal.SIGHUP)
                        self.reload()
                    if came:
                        break
                    self.poll()
                    if on_tick is not None and time.monotonic() >= next_tick:
                        on_tick()
                        next_tick = time.monotonic() + every_s
            finally:
                self.stop()

    def _start(self, slot: _Slot) -> None:
        slot.start_at = None
        try:
            slot.process = Process(slot.program)
        except OSError as error:
            self._say(slot.program, f"cannot be started: {error.strerror}")
            self._again_later(slot)
            return
        self._selector.register(slot.process, selectors.EVENT_READ, slot.process)
        self._say(slot.program, f"started, pid {slot.process.pid}")

    def _ended(self, slot: _Slot, process: Process, code: int) -> None:
        self._pass_on(process)
        slot.process = None
        if not process.closed:
            self._left.add(process)
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        if self._stopping:
            self._say(slot.program, f"stopped ({how})")
        elif slot.program.restart:
            if time.monotonic() - process.started_at >= HEALTHY_S:
                slot.wait_s = RESTART_S
            self._say(slot.program, f"ended ({how}), starting again in {slot.wait_s:g} s")
            self._again_later(slot)
        else:
            self._say(slot.program, f"ended ({how})")

    def _again_later(self, slot: _Slot) -> None:
        slot.start_at = time.monotonic() + slot.wait_s
        slot.wait_s = min(slot.wait_s * 2, RESTART_MAX_S)

    def _pass_on(self, process: Process) -> None:
        if process.closed:
            return
        lines, ended = process.lines()
        for line in lines:
            self._sink(f"{process.program.name:<{self._width}} | ".encode() + line)
        if ended:
            self._let_go(process)

    def _let_go(self, process: Process) -> None:
        self._selector.unregister(process)
        process.close()

    def _say(self, program: Program, text: str) -> None:
        self._sink(f"{program.name:<{self._width}} | * {text}".encode())


@contextlib.contextmanager
def _noticed(signals: Iterable[signal.Signals]) -> Iterator[list[int]]:
    """Collect these signals instead of dying of them."""
    came: list[int] = []

    def note(signum: int, _frame: FrameType | None) -> None:
        came.append(signum)

    before = {signum: signal.signal(signum, note) for signum in signals}
    try:
        yield came
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
