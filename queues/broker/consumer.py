"""A consumer of one queue: waits its turn at the gate, fetches ids, claims rows, hands out messages."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID, uuid4

import redis
import structlog
from django.conf import settings
from dramatiq.broker import Consumer, MessageProxy

from queues import registry
from queues.broker.attempt import Attempt, JobProxy
from queues.broker.messages import to_message, unreadable
from queues.errors import PermanentJobError
from queues.ledger import sql
from queues.order.client import UNREACHABLE, OrderClient
from queues.order.member import base_key, id_of, member_text
from queues.order.scripts import FETCH_MAX, Fetched, Settled, fetch, heal, renew

if TYPE_CHECKING:
    from dramatiq.actor import Actor

    from queues.broker.process import WorkerProcess

log = structlog.get_logger(__name__)

#: Longest sleep of an idle consumer, seconds; a wake-up ends it at once.
IDLE_S = 1.0
#: Not worth a sleep, seconds.
SHORTEST_S = 0.001
#: Sleep while Redis does not answer, seconds.
AWAY_S = 0.25
#: Garbage in the keys is told of once in so many seconds, however much there is.
GARBAGE_EVERY_S = 60.0
#: Before suspects are tried for again that another process or queue is at, or that could not start, seconds.
ALONE_REST_S = 0.5


class Actors(Protocol):
    """What a consumer needs of its broker."""

    actors: dict[str, Actor[Any, Any]]

    def options_of(self, actor_name: str) -> dict[str, Any]:
        """The options an actor was declared with; empty for one that is unknown here."""


class LedgerConsumer(Consumer):
    """Iterates over claimed jobs of one queue. ``__next__`` never raises for a server that is away."""

    def __init__(self, broker: Actors, process: WorkerProcess, queue: str) -> None:
        self._broker, self._process, self.queue = broker, process, queue
        timeout = settings.QUEUES.redis_timeout_s
        self._client = OrderClient(timeout)
        self._waker = OrderClient(IDLE_S + timeout)
        self._ready: deque[JobProxy] = deque()
        self._token: UUID | None = None
        self._token_since = 0.0
        self._garbage_told = -GARBAGE_EVERY_S
        self._suspects = 0
        self._suspects_due = 0.0
        self._running_alone = False

    @property
    def _limit(self) -> int | None:
        config = registry.find(self.queue)
        return config.concurrency if config else None

    @property
    def _eager(self) -> bool:
        config = registry.find(self.queue)
        return config is None or config.global_concurrency is None

    def __next__(self) -> MessageProxy | None:
        if self._ready:
            return self._ready.popleft()
        if self._process.stopping:
            time.sleep(0.05)
            return None
        if self._running_alone:
            return self._next_alone()
        if self._may_take_suspects:
            self._suspects = 0
            if self._process.try_alone():
                self._running_alone = True
                return None
            self._suspects_due = time.monotonic() + ALONE_REST_S
        granted = self._process.gate.acquire(self.queue, IDLE_S, self._limit, eager=self._eager)
        if granted:
            self._fill(granted)
        return self._ready.popleft() if self._ready else None

    # One at a time, nothing else beside it

    @property
    def _may_take_suspects(self) -> bool:
        return self._suspects > 0 and time.monotonic() >= self._suspects_due

    def _next_alone(self) -> MessageProxy | None:
        gate = self._process.gate
        if not gate.begin_alone(self.queue, IDLE_S):
            return None
        gate.take_alone(self.queue)
        if self._fill(1, alone=True) and self._ready:
            return self._ready.popleft()
        # Nothing to be had (a cap is taken, a row is locked): others get their turn before it runs empty again.
        self._running_alone, self._suspects_due = False, time.monotonic() + ALONE_REST_S
        gate.end_alone()
        self._process.end_alone()
        return None

    # Fetch and claim

    def _fill(self, granted: int, *, alone: bool = False) -> bool:
        """Use up to ``granted`` grants; returns whether anything was handed out by Redis."""
        attempts: list[Attempt] = []
        try:
            fetched = self._fetch(min(granted, FETCH_MAX), alone=alone)
            if fetched is not None and fetched.members:
                attempts = self._claim(fetched, granted, alone=alone)
        finally:
            self._process.gate.give_back(self.queue, granted - len(attempts))
        self._process.hold(attempts)
        for attempt in attempts:
            self._offer(attempt)
        if fetched is not None:
            self._suspects = fetched.suspects
            if not fetched.members and not alone:
                self._sleep(fetched)
        return fetched is not None and bool(fetched.members)

    def _offer(self, attempt: Attempt) -> None:
        try:
            self._ready.append(JobProxy(to_message(attempt, self._broker.actors), attempt))
        except Exception as error:  # noqa: BLE001  left here, it and its neighbours would be renewed for ever
            # A row that somebody wrote by hand: it ends as failed and says why.
            proxy = JobProxy(unreadable(attempt), attempt)
            proxy.fail()
            proxy.stuff_exception(PermanentJobError(f"Its data or options are not a call of its actor: {error}"))
            self.ack(proxy)

    def _fetch(self, count: int, *, alone: bool) -> Fetched | None:
        lease_ms = settings.QUEUES.lock_duration_ms
        now = time.monotonic()
        if self._token is None or now - self._token_since > lease_ms / 2000:
            self._token, self._token_since = uuid4(), now
        not_after = self._client.server_ms()
        not_after = not_after + lease_ms // 4 if not_after else 0
        try:
            fetched = fetch(
                self._client, self.queue, str(self._token), count, lease_ms=lease_ms, not_after=not_after, alone=alone
            )
        except redis.ResponseError as error:
            self._heal(error)
            return None
        except (*UNREACHABLE, redis.RedisError) as error:
            log.debug("fetch_failed", queue=self.queue, error=type(error).__name__)
            time.sleep(AWAY_S)
            return None
        if fetched.status == "late":
            # What this connection believes of Redis's clock is wrong (a clock was set, a machine slept): ask anew.
            self._client.close()
        if not fetched.members:
            return fetched
        fetched_token = self._token
        self._token = None
        self._fetched_token, self._fetched_since = fetched_token, self._token_since
        return fetched

    def _heal(self, error: redis.ResponseError) -> None:
        if "WRONGTYPE" not in str(error):
            log.error("fetch_refused", queue=self.queue, error=type(error).__name__)
            time.sleep(IDLE_S)
            return
        try:
            log.warning("order_keys_healed", queue=self.queue, deleted=heal(self._client, self.queue))
        except (*UNREACHABLE, redis.RedisError):
            time.sleep(AWAY_S)

    def _claim(self, fetched: Fetched, granted: int, *, alone: bool) -> list[Attempt]:
        token, since = self._fetched_token, self._fetched_since
        members: dict[UUID, str] = {}
        # A token whose first answer was lost may hold more than is granted now.
        settled = [Settled(str(token), raw.decode(errors="surrogateescape"), 0) for raw in fetched.members[granted:]]
        garbage = 0
        for raw in fetched.members[:granted]:
            job_id = id_of(raw)
            text = raw.decode(errors="surrogateescape")
            if job_id is None:
                garbage += 1
                settled.append(Settled(str(token), text, None))
            elif UUID(job_id) in members:
                settled.append(Settled(str(token), text, None))
            else:
                members[UUID(job_id)] = text
        if garbage and time.monotonic() - self._garbage_told > GARBAGE_EVERY_S:
            self._garbage_told = time.monotonic()
            log.warning("garbage_dropped", queue=self.queue, members=garbage)
        attempts: list[Attempt] = []
        try:
            claimed, rest = self._process.claim(self.queue, list(members), token, alone=alone)
            if time.monotonic() - since > settings.QUEUES.lock_duration_ms / 2000:
                self._process.undo_claim([job.id for job in claimed], token)
                settled += [Settled(str(token), members[job.id], 0, job.suspect) for job in claimed]
                claimed = []
            attempts = [
                Attempt(job, self.queue, token, member_text(job.due_ms, job.priority, job.id, job.tenant), alone=alone)
                for job in claimed
            ]
            settled += self._rename_leases(attempts, members)
            settled += [Settled(str(token), members[item.id], item.delay_ms, item.suspect) for item in rest]
        except sql.TRANSIENT:
            settled += [Settled(str(token), text, 0, alone) for text in members.values()]
        if settled:
            self._process.settler.put_settled({self.queue: settled})
        return attempts

    def _rename_leases(self, attempts: list[Attempt], members: dict[UUID, str]) -> list[Settled]:
        """Lease under the rows' own members what was handed out under earlier ones; returns the leases to let go of.

        The sweep looks for the lease that the row says: finding none, it would take a job from its living worker.
        """
        renamed = [attempt for attempt in attempts if attempt.member != members[attempt.job.id]]
        if renamed:
            pairs = [(attempt.token, attempt.member) for attempt in renamed]
            # Redis away: the renewer makes them, well before anybody misses them.
            with contextlib.suppress(*UNREACHABLE, redis.RedisError):
                renew(self._client, self.queue, settings.QUEUES.lock_duration_ms, pairs)
        return [Settled(attempt.token, members[attempt.job.id], None) for attempt in renamed]

    def _sleep(self, fetched: Fetched) -> None:
        """Wait for a wake-up, at the longest until the next event; give a wake-up back that cannot be used."""
        if fetched.status == "rebuilding":
            self._process.renewer.renew_soon()
        seconds = IDLE_S if fetched.next_ms < 0 else min(IDLE_S, fetched.next_ms / 1000)
        if fetched.status in ("rebuilding", "late"):
            time.sleep(min(seconds, AWAY_S))
            return
        if seconds < SHORTEST_S or self._may_take_suspects:
            return
        try:
            woken = self._waker.command("BLPOP", base_key(self.queue) + "wake", max(seconds, 10 * SHORTEST_S))
        except redis.ResponseError as error:
            self._heal(error)
        except (*UNREACHABLE, redis.RedisError):
            time.sleep(AWAY_S)
        else:
            if woken and (self._process.stopping or self._process.gate.is_full(self.queue, self._limit)):
                self._put_back()

    def _put_back(self) -> None:
        try:
            self._waker.command("LPUSH", base_key(self.queue) + "wake", "1")
        except (*UNREACHABLE, redis.RedisError):
            log.debug("wake_lost", queue=self.queue)

    # Dramatiq's side

    def ack(self, message: Any) -> None:
        """Hand the outcome over; nothing here can block or fail."""
        self._process.acknowledge(message, self._broker.options_of(message.attempt.job.actor))

    #: Whether it failed is in the facts, not in which of the two was called.
    nack = ack

    def requeue(self, messages: Iterable[Any]) -> None:
        """Give back what was claimed and not started."""
        self._process.release([message.attempt for message in messages], "the worker was shut down")

    def close(self) -> None:
        """Give back what is still here, and close the connections."""
        self.requeue(list(self._ready))
        self._ready.clear()
        if self._running_alone:
            self._process.gate.end_alone()
            self._process.end_alone()
        self._client.close()
        self._waker.close()
