"""Rule 2: publish looks at ready and delayed, never at leases."""

import pytest

from queues import service
from queues.config import QueueConfig
from queues.ledger.finish import Kind
from queues.order.client import OrderClient
from queues.testing import Declare
from tests.queues import hands


@pytest.mark.rule(2)
def test_a_retry_between_commit_and_settle_is_not_lost(declare: Declare, order: OrderClient) -> None:
    """An attempt fails and commits. Staff retry at once; the id still stands in its old lease.

    Had publish skipped it for that, the settle would have removed the lease, and the job would wait in PostgreSQL and
    nowhere in Redis.
    """
    # Given an attempt whose failure is committed and not yet settled
    queue = declare(QueueConfig("letters", actor="letter"))
    hands.make_ready(order, queue)
    job = service.add_job(queue, {})
    hand = hands.take(order, queue)
    hands.claim_hand(queue, hand)
    hands.end(hand, Kind.FAILED, error_class="Gone", error="no such address")

    # When staff retry it, and only then the settle of the old attempt comes
    service.retry_job(queue, job.id)
    hands.let_go(order, queue, hand)

    # Then the new run can be had
    assert hands.take(order, queue).ids == [job.id]
