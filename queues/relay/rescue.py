"""The rescue: leases that have ended, and attempts that nobody leases, go back to waiting; ledger first, then Redis."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import structlog
from django.db import transaction

from queues import registry, signals
from queues.ledger.rescue import Rescued, rescue
from queues.order.client import OrderClient
from queues.order.member import parse
from queues.order.scripts import Placed, Settled, expired, publish, settle

log = structlog.get_logger(__name__)

#: (token, member or "", job id, token as UUID)
Lost = tuple[str, str, UUID, UUID]


def rescue_queue(client: OrderClient, queue: str) -> int:
    """Settle the leases of a queue that have ended; returns how many jobs were taken back."""
    total = 0
    while ended := expired(client, queue):
        lost: list[Lost] = []
        nameless: list[Settled] = []
        for token, member in ended:
            known = parse(member.encode(errors="surrogateescape"))
            if known is None or not _is_uuid(token):
                nameless.append(Settled(token, member, None))
            else:
                lost.append((token, member, known.id, UUID(token)))
        if nameless:
            settle(client, queue, nameless)
        total += take_back(client, queue, lost)
    return total


def take_back(client: OrderClient, queue: str, lost: Sequence[Lost]) -> int:
    """Take back attempts whose worker is gone; returns how many were active.

    One that was never claimed, or has ended, is only let go in Redis, and pushed again in case it still waits: an extra
    id is a no-op at the claim, a missing one is a job that nobody runs.
    """
    if not lost:
        return 0
    config = registry.find(queue)
    with transaction.atomic():
        taken = rescue([(job_id, token) for _, _, job_id, token in lost], config.max_stalled if config else 1)
        failed = [(job.queue, job.id) for job in taken if job.state == "failed"]
        if failed:
            signals.announce_failed(failed)
    by_id = {job.id: job for job in taken}
    settle(client, queue, [_settled(item, by_id.get(item[2])) for item in lost if item[1]])
    unleased = [by_id[item[2]] for item in lost if not item[1] and item[2] in by_id]
    publish(client, queue, [Placed(job.member, 0, suspect=True) for job in unleased if job.state == "waiting"])
    for job in taken:
        log.warning("job_rescued", queue=queue, job=str(job.id), state=job.state)
    return len(taken)


def _settled(lost: Lost, job: Rescued | None) -> Settled:
    token, member, _, _ = lost
    if job is None:
        return Settled(token, member, 0)
    return Settled(token, member, 0 if job.state == "waiting" else None, suspect=True)


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
