"""What a worker process has besides Dramatiq's threads: gate, committer, settler, renewer, a connection for claims."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from queues.broker.attempt import Attempt, JobProxy
from queues.broker.committer import Committer, Finished, Settler
from queues.broker.gate import Gate
from queues.broker.outcome import outcome, released, unjudged
from queues.broker.renewer import Renewer
from queues.ledger import claim as ledger
from queues.ledger import sql
from queues.ledger.finish import Kind
from queues.order.client import OrderClient

log = structlog.get_logger(__name__)

#: Key of the advisory lock under which one process at a time runs suspects.
ALONE_LOCK = 0x71756575  # "queu"
#: Seconds that stopping may take for commits and settles.
FLUSH_S = 20.0
#: Seconds that a process which gave up may take to drain before it goes without.
PATIENCE_S = 60.0
#: Exit code of a process that gave up on itself and wants to be restarted.
EXIT_LOST = 3


def _terminate() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


class WorkerProcess:
    """The runtime of one worker process, made when Dramatiq's worker boots and stopped when it has shut down."""

    def __init__(self, threads: int, queues: Sequence[str]) -> None:
        self.id = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:6]}"
        self.threads, self.queues = threads, sorted(queues)
        timeout = settings.QUEUES.redis_timeout_s
        #: Attempts whose outcome is not in the ledger yet, by job id.
        self.held: dict[str, Attempt] = {}
        self.settler = Settler(OrderClient(timeout))
        self.committer = Committer(self.settler, self._settled)
        self.gate = Gate(threads, self.committer.room)
        self.renewer = Renewer(OrderClient(timeout), self.held, self.give_up)
        self.lost_reason = ""
        self.stopping = False
        #: Whether giving up ends the process; not in tests that run a worker in their own.
        self.exits = True
        #: Seconds that draining may take once it gave up.
        self.patience_s = PATIENCE_S
        #: What a process that gives up does: its supervisor restarts it. Tests put something milder here.
        self.leave: Callable[[], None] = _terminate
        self._claims: BaseDatabaseWrapper | None = None
        self._claim_lock = threading.Lock()
        #: Whether one of its consumers takes suspects.
        self._alone = False
        self._parent = os.getppid()
        self._watch_stop = threading.Event()

    def start(self) -> None:
        """Start the threads; before this there are none, so that forks are clean."""
        self.settler.start()
        self.committer.start()
        self.renewer.own = (self.committer.thread, self.settler.thread)
        self.renewer.start()
        threading.Thread(target=self._watch_parent, name="queues-parent-watch", daemon=True).start()

    def shut_gate(self) -> None:
        """Claim nothing any more; running jobs go on."""
        self.stopping = True
        self.renewer.threads = []
        self.gate.shut()

    def stop(self) -> None:
        """Commit and let go of what there is, end the threads, close the connections."""
        self._watch_stop.set()
        self.renewer.own = ()
        self.committer.stop(FLUSH_S)
        self.settler.stop(FLUSH_S)
        self.renewer.stop(2.0)
        with self._claim_lock:
            self._close_claims()

    def give_up(self, why: str) -> None:
        """Drain and exit non-zero: something in this process cannot be repaired from within."""
        if not self.lost_reason:
            self.lost_reason = why
            log.error("worker_gives_up", worker=self.id, why=why)
            self.shut_gate()
            threading.Thread(target=self._insist, name="queues-insist", daemon=True).start()
            self.leave()

    def _insist(self) -> None:
        """Go in any case: a main thread that waits for a dead parent never comes to hear of the signal."""
        if not self._watch_stop.wait(self.patience_s) and self.exits:
            log.error("worker_leaves_by_force", worker=self.id, why=self.lost_reason)
            os._exit(EXIT_LOST)

    def _watch_parent(self) -> None:
        while not self._watch_stop.wait(1.0):
            if os.getppid() != self._parent:
                self.give_up("its parent process is gone")
                return

    # Claiming

    def claim(
        self, queue: str, ids: Sequence[UUID], token: UUID, *, alone: bool
    ) -> tuple[list[ledger.Claimed], list[ledger.NotClaimed]]:
        """Claim on the connection kept for it; tried again under the same token while the database is away.

        Raises psycopg's error when more than half the lease has gone by: the caller gives the ids back.
        """
        deadline = time.monotonic() + settings.QUEUES.lock_duration_ms / 2000
        while True:
            try:
                with self._claim_lock:
                    return ledger.claim(queue, ids, token, self.id, alone=alone, wrapper=self._claim_connection())
            except sql.TRANSIENT as error:
                log.warning("claim_delayed", queue=queue, error=type(error).__name__)
                with self._claim_lock:
                    self._close_claims()
                if time.monotonic() > deadline or self.stopping:
                    raise
                time.sleep(0.2)

    def undo_claim(self, ids: Sequence[UUID], token: UUID) -> None:
        """Take back what was claimed too late to be run."""
        with self._claim_lock:
            ledger.undo(ids, token, self._claim_connection())

    def try_alone(self) -> bool:
        """Whether this process is now the one that runs suspects, and the caller the consumer that takes them.

        The lock itself would be granted to one session twice. Lasts as long as the connection.
        """
        with self._claim_lock:
            if self._alone:
                return False
            try:
                rows = sql.rows("SELECT pg_try_advisory_lock(%s)", [ALONE_LOCK], self._claim_connection())
            except sql.TRANSIENT:
                self._close_claims()
                return False
            self._alone = bool(rows[0][0])
            return self._alone

    def end_alone(self) -> None:
        """Let another process, or another queue of this one, run suspects."""
        with self._claim_lock:
            self._alone = False
            try:
                sql.execute("SELECT pg_advisory_unlock(%s)", [ALONE_LOCK], self._claim_connection())
            except sql.TRANSIENT:
                self._close_claims()

    def _claim_connection(self) -> BaseDatabaseWrapper:
        if self._claims is None:
            wrapper = connections["default"].copy()
            wrapper.inc_thread_sharing()
            wrapper.connect()
            limit = settings.QUEUES.lock_duration_ms // 3
            commit = "off" if settings.QUEUES.async_claim_commit else "on"
            sql.execute(
                "SELECT set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false),"
                " set_config('synchronous_commit', %s, false), set_config('application_name', 'queues-claim', false)",
                [str(limit), str(limit), commit],
                wrapper,
            )
            self._claims = wrapper
        return self._claims

    def _close_claims(self) -> None:
        if self._claims is not None:
            self._claims.close()
            self._claims = None

    # Holding and ending

    def hold(self, attempts: Iterable[Attempt]) -> None:
        """These attempts are claimed here."""
        for attempt in attempts:
            self.held[attempt.id] = attempt

    def acknowledge(self, message: JobProxy, actor_options: dict[str, object]) -> None:
        """Dramatiq is through with a message: hand its outcome over."""
        attempt = message.attempt
        if attempt.acknowledged:
            return
        try:
            ended = outcome(message, actor_options)
        except Exception:
            log.exception("outcome_unjudged", queue=attempt.queue, job=attempt.id)
            ended = unjudged(attempt)
        if ended.kind in (Kind.POSTPONED, Kind.RELEASED):
            attempt.later.clear()  # an attempt that does not count has nobody to tell
        # In this order: an interrupt between the two must not leave an attempt that is renewed and never committed.
        self.committer.put(Finished(attempt, ended))
        attempt.acknowledged = True
        run_s = max(attempt.ended_at - attempt.started_at, 0.0) if attempt.started_at and attempt.ended_at else 0.0
        self.gate.done(attempt.queue, run_s)

    def release(self, attempts: Iterable[Attempt], reason: str) -> None:
        """Give back attempts that were not started."""
        for attempt in attempts:
            if not attempt.acknowledged:
                attempt.acknowledged = True
                self.committer.put(Finished(attempt, released(attempt, reason)))
                self.gate.done(attempt.queue, 0.0)

    def _settled(self, attempts: Iterable[Attempt]) -> None:
        for attempt in attempts:
            # Not if the job was lost and claimed here again: that attempt is another one.
            if self.held.get(attempt.id) is attempt:
                del self.held[attempt.id]
