"""Rule 4: cancel, remove and empty change rows, not keys."""

import pytest

from queues import service
from queues.config import QueueConfig
from queues.order.client import OrderClient
from queues.testing import Declare, StartWorker
from tests.queues import hands
from tests.queues.locks import holding_rows
from tests.queues.oracle import Caller

pytestmark = pytest.mark.rule(4)


def test_what_empty_did_not_remove_keeps_its_id(declare: Declare, order: OrderClient) -> None:
    """Staff empty a queue. A job that the statement did not see (added a moment ago, or held by somebody) stays a row.

    Had the keys been deleted, its id would have gone with the others'.
    """
    # Given ten jobs, one of which somebody holds
    queue = declare(QueueConfig("letters"))
    hands.make_ready(order, queue)
    ids = hands.waiting(order, queue, 10)

    # When the queue is emptied
    with holding_rows(ids[4]):
        assert service.empty_queue(queue) == 9
    added = service.add_job(queue, {})

    # Then the ids of the others drain as no-ops, and the one that stayed and the one added since can be had
    hand = hands.take(order, queue, 100)
    claimed, dropped = hands.claim_hand(queue, hand)
    assert {job.id for job in claimed} == {ids[4], added.id}
    assert [item.delay_ms for item in dropped] == [None] * 9


def test_nothing_that_was_cancelled_removed_or_emptied_runs(
    declare: Declare, worker: StartWorker, caller: Caller
) -> None:
    """Ids of jobs that are no more reach the workers: they are dropped at the claim."""
    ran: list[int] = []
    queue = declare(QueueConfig("letters", actor="letter"), lambda data: ran.append(data["n"]))
    emptied = caller.add_many(queue, [{"n": -1}] * 10)
    service.empty_queue(queue)
    cancelled, removed = caller.add(queue, {"n": -2}), caller.add(queue, {"n": -3})
    service.cancel_job(queue, cancelled)
    service.remove_job(queue, removed)
    caller.removed |= {*emptied, removed}
    caller.add_many(queue, [{"n": number} for number in range(5)])

    worker()

    caller.wait_all_ended()
    assert sorted(ran) == list(range(5))
    caller.assert_oracle()
