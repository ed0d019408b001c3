"""The relay's thread: in every worker and scheduler, heartbeats and rescue; in the one that leads, everything else."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Literal
from uuid import uuid4

import dramatiq
import redis
import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from psycopg.types.json import Jsonb

from queues import registry
from queues.ledger import sql
from queues.order.client import UNREACHABLE, OrderClient
from queues.order.scripts import heal
from queues.relay.leader import Leader, each
from queues.relay.rescue import rescue_queue

log = structlog.get_logger(__name__)

#: Seconds between heartbeats.
HEARTBEAT_S = 5.0
#: Seconds between steps; a leader's own chores have intervals of their own.
STEP_S = 0.1
#: Seconds after an error before the next try.
AWAY_S = 0.5
#: Seconds beyond a third of the lease that workers get to renew when Redis is back.
RENEW_SLACK_S = 2.0
#: Key of the advisory lock that makes the leader.
LEADER_LOCK = 0x72656C79  # "rely"

_HEARTBEAT = """
INSERT INTO queues_worker (id, kind, host, pid, started_at, heartbeat_at, leads, threads, active, queues, details)
VALUES (%s, %s, %s, %s, clock_timestamp(), clock_timestamp(), %s, %s, %s, %s, '{}')
ON CONFLICT (id) DO UPDATE SET heartbeat_at = clock_timestamp(), leads = excluded.leads, active = excluded.active
"""
_KEEPALIVE = """
SELECT set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false),
    set_config('tcp_keepalives_count', '4', false)
"""

_QUEUES = """
WITH mine AS (
    INSERT INTO queues_queue (name, paused, paused_by, paused_reason)
    SELECT name, false, '', '' FROM unnest(%s::text[]) AS known(name) ON CONFLICT DO NOTHING RETURNING name
)
SELECT name FROM mine UNION SELECT name FROM queues_queue ORDER BY 1
"""


class RelayLoop:
    """One a process. ``active`` tells how many jobs the process holds, for people to see."""

    def __init__(
        self, kind: Literal["worker", "scheduler"], *, worker_id: str = "", threads: int = 0, queues: Sequence[str] = ()
    ) -> None:
        self.kind = kind
        self.id = worker_id or f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:6]}"
        self.threads, self.queues = threads, list(queues)
        self.active: Callable[[], int] = lambda: 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="queues-relay", daemon=True)
        self._leader: Leader | None = None
        self._client = OrderClient(settings.QUEUES.redis_timeout_s)
        self._beat_due = self._rescue_due = self._lead_due = 0.0
        #: Every queue that any process has declared.
        self._all_queues: list[str] = []
        #: The database session that holds the leader's lock.
        self._led_by: object = None

    @property
    def leads(self) -> bool:
        """Whether this process is the leader."""
        return self._leader is not None

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """End the thread; its place as leader and its heartbeat go with it."""
        self._stop.set()
        self._thread.join(timeout_s)

    def _loop(self) -> None:
        while not self._stop.is_set():
            try:
                wait = self.step(time.monotonic())
            except (*sql.TRANSIENT, DatabaseError) as error:
                log.warning("relay_database_away", error=type(error).__name__)
                self._leader = None
                connection.close()
                wait = AWAY_S
            except UNREACHABLE as error:
                log.debug("relay_redis_away", error=type(error).__name__)
                self._rest_rescue()
                wait = AWAY_S
            except redis.RedisError as error:
                self._heal(error)
                self._rest_rescue()
                wait = AWAY_S
            except Exception:
                log.exception("relay_step_failed")
                wait = AWAY_S
            self._stop.wait(wait)
        self._say_goodbye()

    def step(self, now: float) -> float:
        """Do what is due; returns the seconds until the next step. Raises what its servers raise."""
        if now >= self._beat_due:
            self._beat_due = now + HEARTBEAT_S
            self._beat()
        if self._leader is not None and connection.connection is not self._led_by:
            self._leader = None  # the session is another one: the lock went with the old
        if self._leader is None and now >= self._lead_due:
            self._lead_due = now + 1.0
            if sql.rows("SELECT pg_try_advisory_lock(%s)", [LEADER_LOCK])[0][0]:
                self._leader, self._led_by = Leader(self._client, lambda: self._all_queues), connection.connection
                # A machine that vanishes must not lead on until TCP notices by itself, which takes hours.
                sql.execute(_KEEPALIVE, [])
                log.info("relay_leads", worker=self.id)
                self._beat()
        try:
            if self._leader is not None:
                self._leader.keep(now)
        finally:
            if now >= self._rescue_due:
                self._rescue_due = now + settings.QUEUES.rescue_interval_ms / 1000
                each(self._all_queues, lambda queue: rescue_queue(self._client, queue))
        if self._leader is not None:
            self._leader.relay(now)
        return STEP_S if self._leader is not None else min(1.0, settings.QUEUES.rescue_interval_ms / 1000)

    def _rest_rescue(self) -> None:
        """Leases end that nobody can renew: let the workers have the first word, or all that runs is run twice."""
        self._rescue_due = time.monotonic() + settings.QUEUES.lock_duration_ms / 3000 + RENEW_SLACK_S

    def _heal(self, error: redis.RedisError) -> None:
        """Redis refused: if somebody wrote keys of the wrong type, delete them; the queues are rebuilt from rows."""
        if "WRONGTYPE" not in str(error):
            log.error("relay_refused_by_redis", error=type(error).__name__)
            return
        for queue in self._all_queues:
            try:
                log.warning("order_keys_healed", queue=queue, deleted=heal(self._client, queue))
            except (*UNREACHABLE, redis.RedisError):
                return

    def _beat(self) -> None:
        """Say that the process is alive, and learn the queues of the others: any process leads for all of them."""
        self._all_queues = [row[0] for row in sql.rows(_QUEUES, [known_queues()])]
        sql.execute(
            _HEARTBEAT,
            [self.id, self.kind, socket.gethostname(), os.getpid(), self.leads, self.threads, self.active(),
             Jsonb(self.queues)],
        )  # fmt: skip

    def _say_goodbye(self) -> None:
        try:
            sql.execute("DELETE FROM queues_worker WHERE id = %s", [self.id])
        except Exception as error:  # noqa: BLE001  the heartbeat goes stale by itself
            log.debug("relay_goodbye_failed", error=type(error).__name__)
        connection.close()
        self._client.close()


def known_queues() -> list[str]:
    """Every queue that this process knows of: declared, or used by an actor."""
    broker: Any = dramatiq.get_broker()
    return sorted({*registry.names(), *broker.get_declared_queues()})
