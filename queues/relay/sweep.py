"""The sweep: compare open rows with Redis, push what is missing, end what has expired, take back what nobody leases."""

from __future__ import annotations

import time

import structlog
from django.conf import settings

from queues.ledger.claim import expire
from queues.order.client import OrderClient
from queues.order.scripts import ask_cancel, missing, publish
from queues.relay.rescue import take_back
from queues.relay.wanted import PAGE, START, YOUNG, YOUNG_S, OpenRow, Position, open_page

log = structlog.get_logger(__name__)


class Sweep:
    """The sweep of one queue, a page at a time: through the rows about to start, and through all that are due."""

    def __init__(self, client: OrderClient, queue: str) -> None:
        self._client, self.queue = client, queue
        self._positions = {YOUNG: YOUNG, START: START}
        #: Until then (monotonic) active rows without a lease are left alone: their workers are to speak first.
        self.rest_until = 0.0

    def young(self) -> tuple[int, bool]:
        """Compare the next page of rows whose start is near; returns (pushed, whether that was the last page)."""
        return self._step(YOUNG)

    def walk(self) -> tuple[int, bool]:
        """Compare the next page of all due rows; returns (pushed, whether that was the last page)."""
        return self._step(START)

    def _step(self, way: Position) -> tuple[int, bool]:
        page = open_page(self.queue, self._positions[way], ahead_s=self._ahead, rest_s=self._lease)
        ended = len(page) < PAGE
        self._positions[way] = way if ended else page[-1].position
        return self.compare(page), ended

    @property
    def _lease(self) -> float:
        return float(settings.QUEUES.lock_duration_ms) / 1000

    @property
    def _ahead(self) -> float:
        return float(min(settings.QUEUES.lookahead_s, YOUNG_S))

    def compare(self, page: list[OpenRow]) -> int:
        """Push the rows of a page that Redis does not have; returns how many there were."""
        expired = [row for row in page if row.expired and not row.active]
        if expired:
            log.info("jobs_expired", queue=self.queue, jobs=len(expire([row.id for row in expired])))
        rows = [row for row in page if not (row.expired and not row.active)]
        if not rows:
            return 0
        pairs = [(row.member, str(row.token) if row.active else "") for row in rows]
        gone = [rows[index] for index in missing(self._client, self.queue, pairs)]
        waiting = [row.placed for row in gone if not row.active]
        if waiting:
            publish(self._client, self.queue, waiting)
        if time.monotonic() > self.rest_until:
            unleased = [(row.id, row.token) for row in gone if row.active and row.rested and row.token]
            if unleased:
                take_back(self._client, self.queue, [(str(token), "", job_id, token) for job_id, token in unleased])
        wishes = [(row.token, row.id) for row in rows if row.active and row.cancel_requested]
        if wishes:
            ask_cancel(self._client, self.queue, wishes)
        return len(waiting)
