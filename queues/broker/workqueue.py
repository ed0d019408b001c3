"""The hand-over from consumers to worker threads: first in, first out, without a condition variable."""

from __future__ import annotations

import time
from queue import Empty, SimpleQueue
from typing import Any

#: Seconds between two looks into a closed queue.
_CLOSED_S = 0.01


class WorkQueue:
    """Stands in for the ``PriorityQueue`` of Dramatiq's worker, with as much of its interface as the worker uses.

    Order among jobs is decided where they are handed out, so nothing is sorted here again: comparing queue items and
    waking threads through a condition cost more than all of the broker.
    """

    def __init__(self) -> None:
        self._items: SimpleQueue[Any] = SimpleQueue()
        self._put = self._done = 0
        self._closed = False
        self.empty = self._items.empty

    def get(self, block: bool = True, timeout: float | None = None) -> Any:  # noqa: FBT001, FBT002  the standard's own
        """Take the first item; raises :class:`queue.Empty` after ``timeout`` seconds, soon once the queue is closed."""
        item = self._items.get_nowait() if self._closed or not block else self._items.get(timeout=timeout)
        if item is None:
            # The end goes round: in Python 3.11 a timed get can sleep on until somebody puts.
            self._items.put(None)
            time.sleep(_CLOSED_S)
            raise Empty
        return item

    def get_nowait(self) -> Any:
        """Take the first item; raises :class:`queue.Empty` if there is none."""
        while (item := self._items.get_nowait()) is None:
            continue
        return item

    def close(self) -> None:
        """Let nobody wait any more: threads that are to stop look at once whether they may."""
        self._closed = True
        self._items.put(None)

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
