"""The real thing beside the model: rows, Redis, and the hands of workers that hold jobs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection

from queues.ledger import sql
from queues.order.client import OrderClient
from queues.order.member import base_key, parse
from queues.order.scripts import renew
from queues.relay.rebuild import Rebuild
from queues.relay.sweep import Sweep
from tests.queues import hands
from tests.queues.hands import Hand
from tests.queues.model.model import JobModel

#: Milliseconds that what is "later" is ahead of now: longer than an example runs, shorter than the look-ahead.
LATER_MS = 50_000


@dataclass
class Holding:
    """What one worker holds from one fetch. One that has crashed may still come back and finish late."""

    hand: Hand
    alone: bool
    claimed: list[UUID] = field(default_factory=list)
    crashed: bool = False


class World:
    """One queue on real servers."""

    def __init__(self, order: OrderClient, client: Any, queue: str) -> None:
        self.order, self.redis, self.queue, self.base = order, client, queue, base_key(queue)

    def begin(self) -> None:
        """Empty everything and be ready."""
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = off")
            cursor.execute("DELETE FROM queues_job; DELETE FROM queues_jobattempt; DELETE FROM queues_jobcountdelta")
            cursor.execute("DELETE FROM queues_queuetenant; DELETE FROM queues_queue")
        self.flush()
        hands.make_ready(self.order, self.queue)

    def rows(self) -> dict[UUID, tuple[object, ...]]:
        """What the rows say, as :attr:`JobModel.row` does."""
        found = sql.rows(
            "SELECT id, state, run, attempts_made, stalled, token, suspect, alone, cancel_requested FROM queues_job", []
        )
        return {row[0]: tuple(row[1:]) for row in found}

    # Redis

    def flush(self) -> None:
        """Lose all keys."""
        self.redis.flushdb()

    def snapshot(self) -> dict[bytes, bytes]:
        """All keys as they are now, as a replica has them."""
        return {key: dump for key in self.redis.scan_iter() if (dump := self.redis.dump(key)) is not None}

    def fail_over(self, replica: dict[bytes, bytes]) -> None:
        """Let a replica that is behind take over: old keys, and an epoch that was made on another server."""
        self.redis.flushdb()
        for key, dump in replica.items():
            self.redis.restore(key, 0, dump)
        epoch = self.redis.get(self.base + "epoch")
        if epoch is not None:
            self.redis.set(self.base + "epoch", epoch.replace(self.order.run_id.encode(), b"0" * 40))

    def leases(self) -> dict[tuple[UUID, UUID], bool]:
        """(job, token) of every lease -> whether it has ended."""
        seconds, _ = self.redis.time()
        found = {}
        for entry, ends in self.redis.zrange(self.base + "leases", 0, -1, withscores=True):
            token, _, member = entry.partition(b"|")
            known = parse(member)
            if known is not None:
                found[known.id, UUID(token.decode())] = ends <= seconds * 1000
        return found

    def end_leases(self, token: UUID) -> None:
        """Let time pass for the leases of one token."""
        for entry in self.redis.zrange(self.base + "leases", 0, -1):
            if entry.startswith(str(token).encode()):
                self.redis.zadd(self.base + "leases", {entry: 1})

    def renew(self, holdings: list[Holding]) -> None:
        """What live workers do."""
        for holding in holdings:
            pairs = [(str(holding.hand.token), holding.hand.of(job_id)) for job_id in holding.claimed]
            if pairs and not holding.crashed:
                renew(self.order, self.queue, hands.LEASE_MS, pairs)

    def reachable(self) -> set[UUID]:
        """Ids that a fetch will come to: delayed, suspect, or in a flow that has its place among its tenant's."""
        base, found = self.base, set()
        bands = {name: set(self.redis.zrange(base + name, 0, -1)) for name in ("band0", "band1")}
        paused = self.redis.smembers(base + "paused_tenants")
        members = [*self.redis.zrange(base + "delayed", 0, -1), *self.redis.zrange(base + "suspects", 0, -1)]
        for key in self.redis.keys(base.replace("{", "[{]").replace("}", "[}]") + "flow:*"):
            priority, _, tenant = key[len(base.encode()) + len(b"flow:") :].partition(b":")
            placed = tenant in bands["band0" if priority == b"0" else "band1"]
            if priority != b"0":
                placed = placed and self.redis.zscore(base.encode() + b"flows:" + tenant, priority) is not None
            if placed or tenant in paused:
                members += self.redis.zrange(key, 0, -1)
        for member in members:
            if known := parse(member):
                found.add(known.id)
        return found

    # Time and the relay

    def time_passes(self) -> None:
        """Let everything that waits for its time be due."""
        sql.execute(
            "UPDATE queues_job SET run_at = clock_timestamp() - interval '1 ms',"
            " delayed_until = clock_timestamp() - interval '1 ms' WHERE state = 'delayed'",
            [],
        )
        for member in self.redis.zrange(self.base + "delayed", 0, -1):
            self.redis.zadd(self.base + "delayed", {member: 1})

    def rebuild(self) -> None:
        """What the relay does after a flush, with the time that it gives to workers gone by."""
        sweep = Sweep(self.order, self.queue)
        rebuild = Rebuild(self.order, sweep)
        rebuild._leases_by = 0.0
        assert rebuild.step()

    def sweep_after_rest(self) -> None:
        """Compare rows with Redis when every running job has had the time of a lease to be renewed."""
        sql.execute("UPDATE queues_job SET started_at = started_at - interval '1 day' WHERE state = 'active'", [])
        hands.sweep(self.order, self.queue, all_due=True)


def must_be_reachable(jobs: dict[UUID, JobModel]) -> set[UUID]:
    """Jobs that Redis must know of after a sweep; all of them are due within the look-ahead."""
    return {job_id for job_id, job in jobs.items() if job.state in ("waiting", "delayed")}
