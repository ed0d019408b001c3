"""How a worker's attempts end: the ledger first, then Redis, unless that call is lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from queues.ledger.finish import Ended, Kind, finish
from queues.order.scripts import Settled, settle
from tests.queues.model.world import LATER_MS, Holding, World


def finish_all(
    world: World, holding: Holding, outcomes: Mapping[UUID, Kind], *, later: bool, settle_lost: bool
) -> set[UUID]:
    """Write the outcomes in one transaction and settle them; returns the ids that still were the token's."""
    until = datetime.now(UTC) + timedelta(milliseconds=LATER_MS)
    wait_ms = LATER_MS if later else 0
    ended = [
        Ended(job_id, holding.hand.token, kind, wait_ms=wait_ms, until=until, error_class="Gone", first=False)
        for job_id, kind in outcomes.items()
    ]
    with transaction.atomic():
        kept = finish(ended, connection)
    again = {Kind.RETRY: wait_ms, Kind.RELEASED: 0, Kind.POSTPONED: LATER_MS}
    if not settle_lost:
        token = str(holding.hand.token)
        settled = [
            Settled(token, holding.hand.of(job_id), again.get(kind) if job_id in kept else None)
            for job_id, kind in outcomes.items()
        ]
        settle(world.order, world.queue, settled)
    return kept
