"""After a flush, restart or failover: nothing is handed out until Redis knows again what it must not get wrong."""

from __future__ import annotations

import time
from uuid import uuid4

import structlog
from django.conf import settings

from queues.ledger import sql
from queues.order.client import OrderClient
from queues.order.scripts import assert_settings, begin_rebuild, finish_rebuild, missing
from queues.relay.sweep import Sweep
from queues.relay.wanted import START, open_page, order_settings

log = structlog.get_logger(__name__)

#: Seconds beyond a third of the lease that workers get to renew what they run.
_SLACK_S = 1.0


class Rebuild:
    """One rebuild of one queue, step by step: settings, mark, leases, ids, ready."""

    def __init__(self, client: OrderClient, sweep: Sweep) -> None:
        self._client, self._sweep, self.queue = client, sweep, sweep.queue
        self._nonce = uuid4().hex
        lease_s = settings.QUEUES.lock_duration_ms / 1000
        self._leases_by = time.monotonic() + lease_s / 3 + _SLACK_S
        sweep.rest_until = time.monotonic() + lease_s
        assert_settings(client, self.queue, order_settings(self.queue))
        begin_rebuild(client, self.queue, self._nonce)
        self._pushed = False
        log.info("rebuild_begun", queue=self.queue)

    def step(self) -> bool:
        """Go on; returns whether the queue is ready, or the mark was lost and a new rebuild must begin."""
        if not self._pushed:
            page = open_page(self.queue, START, ahead_s=settings.QUEUES.lookahead_s, rest_s=1e9)
            self._sweep.compare(page)
            self._pushed = True
        if time.monotonic() < self._leases_by and not self._all_leased():
            return False
        done = finish_rebuild(self._client, self.queue, self._nonce)
        log.info("rebuild_done" if done else "rebuild_lost", queue=self.queue)
        return True

    def _all_leased(self) -> bool:
        """Whether every active row has a live lease again."""
        rows = sql.rows(
            f"SELECT id, token, priority, tenant, {sql.DUE_MS.format('')} FROM queues_job"  # noqa: S608
            " WHERE queue = %s AND finished_at IS NULL AND state = 'active' AND run_at <= statement_timestamp()"
            " LIMIT 2000",
            [self.queue],
        )
        pairs = [(f"{due}|{priority}|{job_id}|{tenant}", str(token)) for job_id, token, priority, tenant, due in rows]
        return not missing(self._client, self.queue, pairs)
