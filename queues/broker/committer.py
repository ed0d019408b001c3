"""Committing outcomes: one thread writes what has gathered in one transaction, another then lets go in Redis."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from uuid import UUID

import psycopg
import redis
import structlog
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from queues import signals
from queues.broker.attempt import Attempt
from queues.ledger import sql
from queues.ledger.add import Added, insert
from queues.ledger.finish import Ended, Kind, finish, still_active
from queues.logs import jobs as joblog
from queues.order.client import UNREACHABLE, OrderClient
from queues.order.scripts import Placed, Settled, publish, settle

log = structlog.get_logger(__name__)

#: Most outcomes in one transaction.
BATCH = 256
#: Outcomes that may wait for their commit before nothing more is claimed.
BACKLOG_MAX = 4 * BATCH
#: Seconds between tries while the database is away: the first, and the longest.
RETRY_FIRST_S, RETRY_MAX_S = 0.1, 2.0
#: Milliseconds that a commit waits for rows which somebody has locked; then it goes on without them.
PATIENCE_MS = 5000
#: Seconds before outcomes that were passed over are tried again.
LOCKED_S = 0.05


@dataclass(slots=True)
class Finished:
    """An outcome on its way to the ledger."""

    attempt: Attempt
    ended: Ended


class Committer:
    """Group commit without lingering: what has come while the last transaction ran goes into the next.

    ``settled`` is called with the attempts whose outcome is in the ledger, before Redis is told.
    """

    def __init__(self, settler: Settler, settled: Callable[[Iterable[Attempt]], None]) -> None:
        self._inbox: SimpleQueue[Finished | None] = SimpleQueue()
        self._settler, self._settled = settler, settled
        self._busy = 0
        #: Outcomes passed over because a caller's open transaction holds their rows; the others do not wait for them.
        self._locked: list[Finished] = []
        self._patient = True
        #: The database session that knows how long to wait.
        self._session: object = None
        self.thread = threading.Thread(target=self._loop, name="queues-committer", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self.thread.start()

    def put(self, finished: Finished) -> None:
        """Hand an outcome over; never blocks."""
        self._inbox.put(finished)

    def room(self) -> bool:
        """Whether it keeps up, so that more may be claimed."""
        return self._inbox.qsize() + self._busy + len(self._locked) < BACKLOG_MAX

    def stop(self, timeout_s: float) -> bool:
        """Commit what there is and end; False if that took longer than ``timeout_s``."""
        self._inbox.put(None)
        self.thread.join(timeout_s)
        return not self.thread.is_alive()

    def _loop(self) -> None:
        stopping = False
        while not stopping or self._locked:
            batch, self._locked = self._locked, []
            try:
                item = self._inbox.get(timeout=LOCKED_S if batch else 5)
                while item is not None:
                    batch.append(item)
                    if len(batch) >= BATCH:
                        break
                    item = self._inbox.get_nowait()
                stopping = stopping or item is None
            except Empty:
                pass
            if batch:
                self._busy = len(batch)
                self._commit(batch)
                self._busy = 0
        connection.close()

    def _commit(self, batch: list[Finished]) -> None:
        wait = RETRY_FIRST_S
        while True:
            try:
                kept, added, locked = self._write(batch)
            except (*sql.TRANSIENT, DatabaseError) as error:
                if isinstance(_cause(error), psycopg.errors.LockNotAvailable) and self._patient:
                    log.warning("commit_passes_locked_rows", outcomes=len(batch))
                    self._patient = False
                    continue
                if _is_transient(error):
                    log.warning("commit_delayed", outcomes=len(batch), error=type(error).__name__)
                    connection.close()
                    time.sleep(wait)
                    wait = min(wait * 2, RETRY_MAX_S)
                    continue
                self._bisect(batch, error)
                return
            except Exception as error:  # noqa: BLE001  one bad outcome must not block the rest
                self._bisect(batch, error)
                return
            self._patient = not locked
            if locked:
                self._locked += [item for item in batch if item.ended.id in locked]
                batch = [item for item in batch if item.ended.id not in locked]
            self._settled([item.attempt for item in batch])
            self._settler.put(batch, kept, added)
            for item in batch:
                if item.ended.id in kept:
                    _say(item.attempt, item.ended)
            return

    def _bisect(self, batch: list[Finished], error: BaseException) -> None:
        if len(batch) > 1:
            middle = len(batch) // 2
            self._commit(batch[:middle])
            self._commit(batch[middle:])
            return
        item = batch[0]
        log.error("outcome_unstorable", job=str(item.ended.id), error=type(error).__name__)
        plain = Ended(item.ended.id, item.ended.token, Kind.FAILED, error_class="UnstorableOutcome")
        plain.error = "What came of this job could not be stored; see the worker's log."
        item.attempt.later = []
        if item.ended.error_class == plain.error_class:
            self._settled([item.attempt])
            return
        item.ended = plain
        self._commit([item])

    def _write(self, batch: list[Finished]) -> tuple[set[UUID], list[Added], set[UUID]]:
        """Write a batch; returns ids that were still their token's, jobs that were added, ids whose row is locked."""
        ended = [item.ended for item in batch]
        if connection.connection is None or connection.connection is not self._session:
            sql.execute("SELECT set_config('lock_timeout', %s, false)", [str(PATIENCE_MS)])
            self._session = connection.connection
        if all(item.kind is Kind.COMPLETED and item.first and not item.reason for item in ended) and not any(
            item.attempt.later for item in batch
        ):
            kept = finish(ended, connection, pass_locked=not self._patient)
            return kept, [], self._passed_over(ended, kept)
        with transaction.atomic():
            kept = finish(ended, connection, pass_locked=not self._patient)
            locked = self._passed_over(ended, kept)
            later = [job for item in batch if item.ended.id in kept for job in item.attempt.later]
            added = insert(later) if later else []
            failed = [item.attempt for item in batch if item.ended.kind is Kind.FAILED and item.ended.id in kept]
            if failed:
                sql.execute("SET LOCAL lock_timeout = 0", [])  # receivers wait for whom they must
                signals.announce_failed([(attempt.queue, attempt.job.id) for attempt in failed])
        return kept, added, locked

    def _passed_over(self, ended: list[Ended], kept: set[UUID]) -> set[UUID]:
        rest = [item for item in ended if item.id not in kept] if not self._patient and len(kept) < len(ended) else []
        return still_active(rest, connection) if rest else set()


def _say(attempt: Attempt, ended: Ended) -> None:
    """One log line for what is on record now."""
    who = (attempt.queue, attempt.job.id, attempt.number, attempt.job.tenant)
    run_ms = (attempt.ended_at - attempt.started_at) * 1000 if attempt.ended_at else None
    if ended.kind is Kind.COMPLETED:
        joblog.completed(*who, run_ms=run_ms, reason=ended.reason)
    elif ended.kind is Kind.RETRY:
        joblog.retrying(*who, wait_ms=ended.wait_ms, error_class=ended.error_class, error=ended.error, run_ms=run_ms)
    elif ended.kind is Kind.FAILED:
        joblog.failed(*who, error_class=ended.error_class, error=ended.error, run_ms=run_ms)
    else:
        log.info(
            "job_put_back",
            outcome=str(ended.kind),
            queue=who[0],
            job=str(who[1]),
            attempt=who[2],
            tenant=who[3],
            reason=ended.reason,
        )


def _cause(error: BaseException) -> BaseException | None:
    return error.__cause__ if isinstance(error, DatabaseError) else error


def _is_transient(error: BaseException) -> bool:
    return isinstance(_cause(error), sql.TRANSIENT)


class Settler:
    """Lets go of leases after the commit, on the side: a slow Redis never holds the next commit."""

    def __init__(self, client: OrderClient) -> None:
        self._client = client
        self._inbox: SimpleQueue[tuple[float, dict[str, list[Settled]], list[Added]] | None] = SimpleQueue()
        self.thread = threading.Thread(target=self._loop, name="queues-settler", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self.thread.start()

    def put(self, batch: list[Finished], kept: set[UUID], added: list[Added]) -> None:
        """Let go of the attempts of a committed batch, and tell Redis of the jobs that joined it."""
        horizon = settings.QUEUES.lookahead_s * 1000
        by_queue: dict[str, list[Settled]] = defaultdict(list)
        for item in batch:
            again = _again_ms(item.ended) if item.ended.id in kept else None
            if again is not None and again > horizon:
                again = None
            suspect = item.ended.kind is Kind.RELEASED and item.attempt.job.suspect
            by_queue[item.attempt.queue].append(Settled(item.attempt.token, item.attempt.member, again, suspect))
        self.put_settled(by_queue, added)

    def put_settled(self, by_queue: dict[str, list[Settled]], added: list[Added] | None = None) -> None:
        """Let go of attempts by queue."""
        self._inbox.put((time.monotonic(), by_queue, added or []))

    def stop(self, timeout_s: float) -> bool:
        """Let go of what there is and end; False if that took longer than ``timeout_s``."""
        self._inbox.put(None)
        self.thread.join(timeout_s)
        return not self.thread.is_alive()

    def _loop(self) -> None:
        going = True
        while going:
            since, by_queue, added, going = self._gather()
            while not self._settle(by_queue, added):
                # After a lease the sweep and the rescue have repaired whatever this would have done.
                if time.monotonic() - since > settings.QUEUES.lock_duration_ms / 1000:
                    log.warning("settle_dropped", queues=sorted(by_queue))
                    break
                time.sleep(0.2)
        self._client.close()

    def _gather(self) -> tuple[float, dict[str, list[Settled]], list[Added], bool]:
        """All that has come: (since when, leases by queue, jobs to publish, whether more may come)."""
        item = self._inbox.get()
        since = item[0] if item is not None else time.monotonic()
        by_queue: dict[str, list[Settled]] = defaultdict(list)
        added: list[Added] = []
        while item is not None:
            for queue, settled in item[1].items():
                by_queue[queue] += settled
            added += item[2]
            try:
                item = self._inbox.get_nowait()
            except Empty:
                return since, by_queue, added, True
        return since, by_queue, added, False

    def _settle(self, by_queue: dict[str, list[Settled]], added: list[Added]) -> bool:
        try:
            for queue in list(by_queue):
                settle(self._client, queue, by_queue[queue])
                del by_queue[queue]
            placed: dict[str, list[Placed]] = defaultdict(list)
            for job in added:
                placed[job.queue].append(job.placed)
            for queue, items in placed.items():
                publish(self._client, queue, items)
        except (*UNREACHABLE, redis.RedisError):
            return False
        return True


def _again_ms(ended: Ended) -> int | None:
    if ended.kind in (Kind.RETRY, Kind.POSTPONED):
        return ended.wait_ms
    return 0 if ended.kind is Kind.RELEASED else None
