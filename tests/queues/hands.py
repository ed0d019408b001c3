"""The steps of a job's life taken by hand, one at a time: what workers and relay do, without their threads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction

from queues.ledger.add import Added, NewJob, insert
from queues.ledger.claim import Claimed, NotClaimed, claim
from queues.ledger.finish import Ended, Kind, finish
from queues.order.client import OrderClient
from queues.order.member import parse
from queues.order.scripts import (
    Placed,
    Settled,
    assert_settings,
    begin_rebuild,
    fetch,
    finish_rebuild,
    publish,
    settle,
)
from queues.relay.sweep import Sweep
from queues.relay.wanted import order_settings

#: Milliseconds of a lease that no test outlives.
LEASE_MS = 30_000


@dataclass(frozen=True, slots=True)
class Hand:
    """What one fetch handed out under its token."""

    token: UUID
    members: tuple[str, ...]

    @property
    def ids(self) -> list[UUID]:
        """The jobs' ids, in the order they were handed out."""
        return [known.id for member in self.members if (known := parse(member.encode()))]

    @property
    def tenants(self) -> list[str]:
        """The jobs' tenants, in the order they were handed out."""
        return [known.tenant for member in self.members if (known := parse(member.encode()))]

    @property
    def priorities(self) -> list[int]:
        """The jobs' priorities, in the order they were handed out."""
        return [known.priority for member in self.members if (known := parse(member.encode()))]

    def of(self, job_id: UUID) -> str:
        """The member of one job."""
        return next(member for member in self.members if str(job_id) in member)


def make_ready(order: OrderClient, queue: str) -> None:
    """Let Redis hand out jobs of the queue, as after a rebuild of empty tables."""
    assert_settings(order, queue, order_settings(queue))
    begin_rebuild(order, queue, "by-hand")
    assert finish_rebuild(order, queue, "by-hand")


def rows(queue: str, count: int, **how: Any) -> list[Added]:
    """Insert rows that Redis is not told of, as a caller does that dies between commit and publish."""
    fields = {"actor": "work", "data": "{}", "priority": 2, "max_attempts": 3, **how}
    with transaction.atomic():
        return insert([NewJob(queue, **fields) for _ in range(count)])


def waiting(order: OrderClient, queue: str, count: int, **how: Any) -> list[UUID]:
    """Insert rows and tell Redis of them."""
    added = rows(queue, count, **how)
    publish(order, queue, [item.placed for item in added])
    return [item.id for item in added]


def members(
    order: OrderClient, queue: str, count: int, *, priority: int = 2, tenant: str = "", due_ms: int = 1000
) -> list[str]:
    """Tell Redis of jobs that have no rows, which order scripts do not need."""
    made = [f"{due_ms + number}|{priority}|{uuid4()}|{tenant}" for number in range(count)]
    publish(order, queue, [Placed(member, 0) for member in made])
    return made


def take(order: OrderClient, queue: str, count: int = 1, *, token: UUID | None = None, **how: Any) -> Hand:
    """Fetch up to ``count`` under a token of its own."""
    token = token or uuid4()
    fetched = fetch(order, queue, str(token), count, **{"lease_ms": LEASE_MS, "not_after": 0, **how})
    return Hand(token, tuple(raw.decode() for raw in fetched.members))


def claim_hand(queue: str, hand: Hand, *, alone: bool = False) -> tuple[list[Claimed], list[NotClaimed]]:
    """Claim what was handed out."""
    return claim(queue, hand.ids, hand.token, "by-hand", alone=alone, wrapper=connection)


def end(hand: Hand, kind: Kind, ids: Iterable[UUID] | None = None, **how: Any) -> set[UUID]:
    """Write outcomes; returns the ids that were still the token's."""
    with transaction.atomic():
        return finish(
            [Ended(job_id, hand.token, kind, **how) for job_id in (hand.ids if ids is None else ids)], connection
        )


def let_go(order: OrderClient, queue: str, hand: Hand, delay_ms: int | None = None) -> int:
    """Settle all that was handed out."""
    return settle(order, queue, [Settled(str(hand.token), member, delay_ms) for member in hand.members])


def sweep(order: OrderClient, queue: str, *, all_due: bool = False, sweeping: Sweep | None = None) -> int:
    """Compare rows with Redis once, those about to start or all that are due; returns how many ids were pushed."""
    sweeping = sweeping or Sweep(order, queue)
    total, ended = 0, False
    while not ended:
        pushed, ended = sweeping.walk() if all_due else sweeping.young()
        total += pushed
    return total
