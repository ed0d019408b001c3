"""Telling Redis when the caller's transaction commits: all ids in one call, never an error for the caller."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from weakref import WeakKeyDictionary, WeakSet

import redis
import structlog
from django.conf import settings
from django.db import connections, transaction

from queues.order.client import UNREACHABLE, OrderClient
from queues.order.scripts import Placed, publish

log = structlog.get_logger(__name__)

#: Seconds for which publishing is skipped after Redis did not answer; the relay sees to these ids.
BREAK_S = 2.0


class Publisher:
    """Publishes with a short time-out and skips for a while after a failure. Thread-safe, survives forks."""

    def __init__(self) -> None:
        self._client: OrderClient | None = None
        self._lock = threading.Lock()
        self._broken_until = 0.0

    def publish(self, queue: str, placed: list[Placed]) -> None:
        """Tell Redis what is due within the look-ahead; whatever goes wrong, the relay repairs it."""
        horizon = settings.QUEUES.lookahead_s * 1000
        soon = [item for item in placed if item.delay_ms <= horizon]
        if not soon or time.monotonic() < self._broken_until:
            return
        try:
            publish(self.client(), queue, soon)
        except (*UNREACHABLE, redis.RedisError) as error:
            self._broken_until = time.monotonic() + BREAK_S
            log.warning("publish_skipped", queue=queue, jobs=len(soon), error=type(error).__name__)

    def client(self) -> OrderClient:
        """The connection used for publishing."""
        with self._lock:
            if self._client is None:
                self._client = OrderClient(settings.QUEUES.publish_timeout_s)
            return self._client

    def reset(self) -> None:
        """Forget the connection and the break (tests, changed settings)."""
        with self._lock:
            if self._client is not None:
                self._client.close()
            self._client, self._broken_until = None, 0.0


publisher = Publisher()


class _Leave:
    """One addition's on-commit callback. The first that runs sends for all that Django still holds."""

    __slots__ = ("__weakref__", "placed", "siblings", "since")

    def __init__(self, placed: list[tuple[str, Placed]], siblings: WeakSet[_Leave]) -> None:
        self.placed, self.siblings = placed, siblings
        self.since = time.monotonic()

    def left(self) -> list[tuple[str, Placed]]:
        """What it places, with what is left of the delays: the transaction may have gone on for long since."""
        passed_ms = int((time.monotonic() - self.since) * 1000)
        return [
            (queue, item._replace(delay_ms=max(item.delay_ms - passed_ms, 0)) if item.delay_ms else item)
            for queue, item in self.placed
        ]

    def __call__(self) -> None:
        by_queue: dict[str, list[Placed]] = defaultdict(list)
        for callback in [self, *(other for other in list(self.siblings) if other is not self)]:
            for queue, item in callback.left():
                by_queue[queue].append(item)
            callback.placed = []
        self.siblings.clear()
        for queue, placed in by_queue.items():
            publisher.publish(queue, placed)


_waiting: WeakKeyDictionary[object, WeakSet[_Leave]] = WeakKeyDictionary()
_waiting_lock = threading.Lock()


def publish_on_commit(items: Iterable[tuple[str, Placed]]) -> None:
    """Publish (queue, placed) pairs when the current transaction commits, or now if there is none.

    A callback cannot know that it is the last, so the first sends all. Django drops the callbacks of a rolled-back
    savepoint, and the WeakSet with them forgets those ids.
    """
    placed = list(items)
    if not placed:
        return
    with _waiting_lock:
        siblings = _waiting.setdefault(connections["default"], WeakSet())
    callback = _Leave(placed, siblings)
    siblings.add(callback)
    transaction.on_commit(callback, robust=True)
