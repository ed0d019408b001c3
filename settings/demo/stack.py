"""Runs the processes below a supervisor in a thread, and keeps what they print."""

import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from queues.supervisor.process import Program
from queues.supervisor.supervisor import Supervisor

#: Lines of each process that are kept to be shown when it fails.
TAIL_LINES = 200
#: Processes may take this long to stop before they are killed, seconds.
STOP_S = 20.0


class Stack:
    """The running processes, from entering to leaving. Output goes to a file; how processes fare, to `notice` too."""

    def __init__(self, programs: Sequence[Program], log: Path, notice: Callable[[str], None]) -> None:
        self.log = log
        #: Pids by name, as they were a moment ago.
        self.pids: dict[str, int] = {}
        #: How often each was started.
        self.starts: Counter[str] = Counter()
        self._programs = programs
        self._notice = notice
        self._tails: defaultdict[str, deque[str]] = defaultdict(lambda: deque(maxlen=TAIL_LINES))
        self._stop = threading.Event()
        # One thread starts and stops them all: the kernel takes its end for their parent's death.
        self._thread = threading.Thread(target=self._run, name="demo-supervisor")

    def __enter__(self) -> Self:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.log.open("ab", buffering=0)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._file.close()

    def tail(self, name: str, lines: int = 15) -> list[str]:
        """Return the last lines that a process printed."""
        return list(self._tails[name])[-lines:]

    def is_running(self) -> bool:
        """Whether the supervisor runs; what it keeps may be between two starts."""
        return self._thread.is_alive()

    def _run(self) -> None:
        supervisor = Supervisor(self._programs, stop_timeout_s=STOP_S, sink=self._take)
        try:
            supervisor.start()
            while not self._stop.is_set():
                self._see(supervisor.running())
                supervisor.poll()
        finally:
            supervisor.stop()
            self.pids = {}

    def _see(self, pids: dict[str, int]) -> None:
        self.starts.update(name for name, pid in pids.items() if self.pids.get(name) != pid)
        self.pids = pids

    def _take(self, line: bytes) -> None:
        self._file.write(line + b"\n")
        name, _, text = line.decode(errors="replace").partition(" | ")
        self._tails[name.strip()].append(text)
        # A process within "workers" has its own name before its own notices.
        if text.startswith("* ended") or " | * ended" in text or "killed" in text.partition("* did not stop")[2]:
            self._notice(f"{name.strip()}: {text.replace(' | *', ':').removeprefix('* ')}")
