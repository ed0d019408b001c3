"""The hand-over from consumers to worker threads: first in, first out, without a condition variable."""

from __future__ import annotations

import time
from queue import SimpleQueue
from typing import Any


class WorkQueue:
    """Stands in for the ``PriorityQueue`` of Dramatiq's worker, with as much of its interface as the worker uses.

    Order among jobs is decided where they are handed out, so nothing is sorted here again: comparing queue items and
    waking threads through a condition cost more than all of the broker.
    """

    def __init__(self) -> None:
        self._items: SimpleQueue[Any] = SimpleQueue()
        self._put = self._done = 0
        self.get, self.get_nowait, self.empty = self._items.get, self._items.get_nowait, self._items.empty

    def put(self, item: Any) -> None:
        """Append an item. Only consumer threads put, so counting needs no lock beyond the interpreter's."""
        self._put += 1
        self._items.put(item)

    def task_done(self) -> None:
        """One item has been dealt with."""
        self._done += 1

    @property
    def unfinished_tasks(self) -> int:
        """About how many items are queued or being worked on."""
        return max(self._put - self._done, 0)

    def join(self) -> None:
        """Wait until nothing is queued; for tests, which wait for rows instead where it matters."""
        while not self.empty():
            time.sleep(0.01)
