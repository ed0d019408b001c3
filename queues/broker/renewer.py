"""Renewing leases of attempts that are alive, and noticing those that are not."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence

import redis
import structlog
from django.conf import settings
from dramatiq.middleware.threading import Interrupt, raise_thread_exception

from queues.broker.attempt import Attempt, Body
from queues.errors import JobCancelled
from queues.order.client import UNREACHABLE, OrderClient
from queues.order.scripts import heal, renew

log = structlog.get_logger(__name__)

#: Seconds past its time limit after which an attempt counts as lost.
GRACE_S = 15.0
#: Seconds between looks for dead threads, and before another try when Redis did not answer.
_LOOK_S = 1.0


class Cancelled(JobCancelled, Interrupt):
    """Raised in the thread of an attempt that somebody cancelled."""


class Renewer:
    """One thread a process.

    ``held`` is a view of all attempts whose outcome is not in the ledger yet; ``lost`` is called when an attempt's
    thread has died or ignores its time limit: the process must go.
    """

    def __init__(self, client: OrderClient, held: dict[str, Attempt], lost: Callable[[str], None]) -> None:
        self._client, self._held, self._lost = client, held, lost
        #: The process's worker threads: one that has died takes no job any more, and nobody starts another.
        self.threads: Sequence[threading.Thread] = ()
        #: The process's own threads, without which nothing that ends is written down or let go.
        self.own: Sequence[threading.Thread] = ()
        self._stop = threading.Event()
        self._now = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="queues-renewer", daemon=True)
        #: Seconds by which the newest renewal was later than planned.
        self.lateness_s = 0.0

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def renew_soon(self) -> None:
        """Renew at once: Redis is being rebuilt and must know what runs."""
        self._now.set()

    def stop(self, timeout_s: float) -> None:
        """End the thread."""
        self._stop.set()
        self._now.set()
        self._thread.join(timeout_s)

    def _loop(self) -> None:
        due = time.monotonic()
        while not self._stop.is_set():
            interval = settings.QUEUES.lock_duration_ms / 3000
            hurried = self._now.wait(min(_LOOK_S, max(due - time.monotonic(), 0.0)))
            self._now.clear()
            now = time.monotonic()
            if self._stop.is_set():
                break
            if hurried or now >= due:
                self.lateness_s = 0.0 if hurried else now - due
                due = time.monotonic() + (interval if self.renew() else min(interval, _LOOK_S))
            else:
                for attempt in list(self._held.values()):
                    self._alive(attempt)
            if any(thread.ident is not None and not thread.is_alive() for thread in (*self.threads, *self.own)):
                self._lost("one of its threads died")
        self._client.close()

    def renew(self) -> bool:
        """Renew everything that is alive, once; returns whether Redis took all of it."""
        done = True
        by_queue: dict[str, list[Attempt]] = defaultdict(list)
        for attempt in list(self._held.values()):
            if self._alive(attempt):
                by_queue[attempt.queue].append(attempt)
        for queue, attempts in by_queue.items():
            pairs = [(attempt.token, attempt.member) for attempt in attempts]
            try:
                cancelled = renew(self._client, queue, settings.QUEUES.lock_duration_ms, pairs)
            except (*UNREACHABLE, redis.RedisError) as error:
                log.warning("renew_failed", queue=queue, error=type(error).__name__)
                self._heal(queue, error)
                done = False
                continue
            for attempt in attempts:
                if attempt.id in cancelled:
                    self._cancel(attempt)
        return done

    def _heal(self, queue: str, error: Exception) -> None:
        if "WRONGTYPE" in str(error):
            with contextlib.suppress(redis.RedisError, OSError):
                heal(self._client, queue)

    def _alive(self, attempt: Attempt) -> bool:
        if attempt.thread is None or attempt.acknowledged:
            return True
        if not attempt.thread.is_alive():
            self._lost(f"the thread of job {attempt.job.id} died")
            return False
        limit = attempt.time_limit_ms
        if limit and time.monotonic() - attempt.started_at > limit / 1000 + GRACE_S:
            self._lost(f"job {attempt.job.id} ignores its time limit")
            return False
        return True

    @staticmethod
    def _cancel(attempt: Attempt) -> None:
        if attempt.thread is not None and attempt.thread.ident and attempt.body is Body.RUNNING:
            raise_thread_exception(attempt.thread.ident, Cancelled)
