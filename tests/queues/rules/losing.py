"""A worker that was lost, as its traces look: a claimed row, a lease that has ended, and nobody who renews it."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.db import connection

from queues.ledger import sql
from queues.ledger.claim import claim
from queues.order.client import OrderClient
from queues.order.member import member_text
from queues.order.scripts import renew


def member_of(job: UUID) -> str:
    """The member that stands for this job in Redis."""
    due_ms, priority, tenant = sql.rows(
        f"SELECT {sql.DUE_MS.format('')}, priority, tenant FROM queues_job WHERE id = %s",  # noqa: S608
        [job],
    )[0]
    return member_text(due_ms, priority, job, tenant)


def lose(order: OrderClient, queue: str, *jobs: UUID, alone: bool = False, claimed: bool = True) -> UUID:
    """Let a worker that is gone have fetched these jobs and, unless told not to, claimed them. Returns its token."""
    token = uuid4()
    if claimed:
        rows, _ = claim(queue, jobs, token, "gone", alone=alone, wrapper=connection)
        assert len(rows) == len(jobs)
    for job in jobs:
        renew(order, queue, -1, [(str(token), member_of(job))])
    return token
