"""How many jobs this process may hold: as many as its threads will soon eat, and each queue in its turn."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

#: What is claimed ahead of the threads is what they eat in this many seconds.
AHEAD_S = 0.02
#: Most jobs claimed ahead.
AHEAD_MAX = 192
#: Weight of the newest run in the moving average of run times.
_NEWEST = 0.05


@dataclass(slots=True, eq=False)
class _Waiter:
    """A queue in line: its own concurrency here, and how much may be claimed ahead."""

    queue: str
    limit: int | None
    ahead: int


class Gate:
    """Counts the jobs that are held (claimed, not acknowledged) and grants the right to claim more.

    One for all queues of a process, since they share its threads. While a queue waits its turn it is in line; a queue
    with nothing to do is not. ``room`` says whether the committer keeps up.
    """

    def __init__(self, threads: int, room: Callable[[], bool] = lambda: True) -> None:
        self.threads = threads
        self._room = room
        self._changed = threading.Condition()
        self._held: dict[str, int] = defaultdict(int)
        self._total = 0
        self._line: deque[_Waiter] = deque()
        #: Moving average of run times by queue, seconds.
        self._average: dict[str, float] = {}
        self._shut = False
        #: The queue whose suspects run alone here, and nothing else.
        self._alone: str | None = None

    @property
    def held(self) -> int:
        """Jobs claimed and not yet acknowledged."""
        return self._total

    def ahead(self, queue: str) -> int:
        """Jobs of ``queue`` to claim beyond the idle threads; 0 for those longer than ``AHEAD_S``."""
        average = self._average.get(queue)
        if average is None or average > AHEAD_S:
            return 0
        return min(int(AHEAD_S / max(average, 1e-6)) * self.threads, AHEAD_MAX)

    def acquire(self, queue: str, timeout_s: float, limit: int | None = None, *, eager: bool = True) -> int:
        """Wait in line for up to ``timeout_s``; returns how many jobs of ``queue`` may be claimed now (0: none).

        ``limit`` is the queue's own concurrency in this process; with it, or without ``eager``, nothing is taken ahead.
        """
        deadline = time.monotonic() + timeout_s
        with self._changed:
            waiter = _Waiter(queue, limit, self.ahead(queue) if eager and limit is None else 0)
            self._line.append(waiter)
            try:
                while not self._shut:
                    free = self._free(waiter)
                    if free > 0 and self._next() is waiter and self._room():
                        granted = max(1, free // max(sum(self._free(other) > 0 for other in self._line), 1))
                        self._take(queue, granted)
                        return granted
                    left = deadline - time.monotonic()
                    if left <= 0:
                        return 0
                    self._changed.wait(left if self._room() else min(left, 0.02))
                return 0
            finally:
                self._line.remove(waiter)
                if self._line:
                    self._changed.notify_all()

    def _free(self, waiter: _Waiter) -> int:
        if self._alone is not None:
            return 0
        free = self.threads + waiter.ahead - self._total
        if waiter.limit is not None:
            return min(free, waiter.limit - self._held[waiter.queue])
        # Short jobs are claimed in batches: not one by one as each thread becomes free.
        return free if free >= waiter.ahead // 2 else 0

    def _next(self) -> _Waiter | None:
        return next((waiter for waiter in self._line if self._free(waiter) > 0), None)

    def _take(self, queue: str, count: int) -> None:
        self._held[queue] += count
        self._total += count

    def is_full(self, queue: str, limit: int | None = None) -> bool:
        """Whether no job of ``queue`` could be claimed now."""
        with self._changed:
            return self._free(_Waiter(queue, limit, 0)) <= 0

    def give_back(self, queue: str, count: int) -> None:
        """Return grants that were not used."""
        if count > 0:
            with self._changed:
                self._take(queue, -count)
                self._changed.notify_all()

    def done(self, queue: str, run_s: float) -> None:
        """A held job was acknowledged after ``run_s`` seconds."""
        with self._changed:
            self._take(queue, -1)
            average = self._average.get(queue, run_s)
            self._average[queue] = average + (run_s - average) * (_NEWEST if run_s < AHEAD_S else 0.5)
            if self._total == 0 or self._next() is not None:
                self._changed.notify_all()

    def shut(self) -> None:
        """Grant nothing any more (the process is stopping)."""
        with self._changed:
            self._shut = True
            self._changed.notify_all()

    def begin_alone(self, queue: str, timeout_s: float) -> bool:
        """Grant nothing, and wait until nothing is held; False if that takes longer than ``timeout_s``."""
        with self._changed:
            self._alone = queue
            return self._changed.wait_for(lambda: self._total == 0 or self._shut, timeout_s) and not self._shut

    def take_alone(self, queue: str) -> None:
        """Count the one job that runs alone."""
        with self._changed:
            self._take(queue, 1)

    def wait_empty(self, timeout_s: float) -> bool:
        """Wait until nothing is held; False after ``timeout_s``."""
        with self._changed:
            return self._changed.wait_for(lambda: self._total == 0, timeout_s)

    def end_alone(self) -> None:
        """Grant to all again."""
        with self._changed:
            self._alone = None
            self._changed.notify_all()
