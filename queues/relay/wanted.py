"""What Redis should know: a queue's settings and its open rows, as the database has them."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from queues import registry
from queues.config import QueueConfig
from queues.ledger import sql
from queues.order.scripts import OrderSettings, Placed

#: Rows in one page of the sweep.
PAGE = 2000
#: Where a page begins: after this (run_at as text, id). START is before any row, YOUNG at rows whose start is near.
Position = tuple[str | None, UUID]
START: Position = ("-infinity", UUID(int=0))
YOUNG: Position = (None, UUID(int=0))
#: For a queue that only plain actors use, under whatever name.
_PLAIN = QueueConfig("plain")
#: Rows are young from this many seconds before their start to as many after it.
YOUNG_S = 60

_OPEN = f"""
SELECT id, {sql.MEMBER.format("")}, {sql.DELAY_MS.format("")}, state = 'active', suspect, token,
    cancel_requested, coalesce(expires_at <= clock_timestamp(), false), run_at::text,
    coalesce(started_at < clock_timestamp() - %(rest_s)s * interval '1 second', false)
FROM queues_job
WHERE queue = %(queue)s AND finished_at IS NULL
    AND (run_at, id) > (coalesce(%(after)s::timestamptz, statement_timestamp() - interval '{YOUNG_S} s'), %(after_id)s)
    AND run_at <= statement_timestamp() + %(ahead_s)s * interval '1 second'
ORDER BY run_at, id LIMIT %(limit)s
"""  # noqa: S608  constants only


class OpenRow(NamedTuple):
    """One open job as the sweep sees it."""

    id: UUID
    member: str
    delay_ms: int
    active: bool
    suspect: bool
    token: UUID | None
    cancel_requested: bool
    expired: bool
    run_at: str
    #: Active for longer than a lease.
    rested: bool

    @property
    def position(self) -> Position:
        """Where the next page begins."""
        return self.run_at, self.id

    @property
    def placed(self) -> Placed:
        """Where Redis should have it."""
        return Placed(self.member, self.delay_ms, self.suspect)


def open_page(queue: str, after: Position, *, ahead_s: float, rest_s: float) -> list[OpenRow]:
    """The next page of open rows due within ``ahead_s``, in key order; active for ``rest_s`` counts as rested."""
    params = {
        "queue": queue, "after": after[0], "after_id": after[1], "ahead_s": ahead_s, "rest_s": rest_s, "limit": PAGE,
    }  # fmt: skip
    return [OpenRow(*row) for row in sql.rows(_OPEN, params)]


def order_settings(queue: str) -> OrderSettings:
    """The queue's settings: the row's where it says something, else the declaration's."""
    config = registry.find(queue) or _PLAIN
    rate = config.rate_limit
    found = sql.rows(
        "SELECT paused, coalesce(global_concurrency, 0), coalesce(rate_count, 0), coalesce(rate_per_ms, 1000),"
        " weight_high, weight_normal, weight_low FROM queues_queue WHERE name = %s",
        [queue],
    )
    paused, cap, count, per_ms, *own = found[0] if found else (False, 0, 0, 1000, None, None, None)
    if not count and rate is not None:
        count, per_ms = rate.count, rate.per_ms
    high, normal, low = (mine or declared for mine, declared in zip(own, config.weights, strict=True))
    tenants = sql.rows("SELECT tenant FROM queues_queuetenant WHERE queue = %s AND paused ORDER BY 1", [queue])
    return OrderSettings(
        paused,
        cap or config.global_concurrency or 0,
        count,
        per_ms,
        (high, normal, low),
        tuple(row[0] for row in tenants),
    )
