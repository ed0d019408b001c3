"""Rule 19: a claim whose answer was lost is found again by its token."""

from collections.abc import Callable

import pytest
from django.db import connection

from queues.conf import QueueSettings
from queues.config import QueueConfig
from queues.ledger import sql
from queues.order.client import OrderClient
from queues.testing import Declare, StartWorker, wait_for
from tests.queues import hands
from tests.queues.oracle import Caller

pytestmark = pytest.mark.rule(19)

_END_CLAIMS = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = 'queues-claim'"
)


def test_asked_again_under_its_token_it_answers_what_it_claimed(declare: Declare, order: OrderClient) -> None:
    """The claim commits, then the connection breaks. Repeated blindly, it finds nothing: active rows nobody runs."""
    queue = declare(QueueConfig("letters"))
    hands.make_ready(order, queue)
    hands.waiting(order, queue, 5)
    hand = hands.take(order, queue, 5)
    first, _ = hands.claim_hand(queue, hand)
    connection.close()

    again, rest = hands.claim_hand(queue, hand)

    assert sorted(job.id for job in again) == sorted(job.id for job in first)
    assert {job.data for job in again} == {"{}"}
    assert rest == []
    # But not under another's token
    other = hands.Hand(hands.take(order, queue).token, hand.members)
    claimed, dropped = hands.claim_hand(queue, other)
    assert claimed == []
    assert [item.delay_ms for item in dropped] == [None] * 5


def test_connections_that_break_under_a_worker_cost_nothing(
    declare: Declare, worker: StartWorker, caller: Caller, tuned: Callable[..., QueueSettings]
) -> None:
    """The database's connections are cut again and again while a worker claims."""
    tuned(lock_duration_ms=5000)
    ran: list[int] = []
    queue = declare(QueueConfig("letters", actor="letter"), lambda data: ran.append(data["n"]))
    worker()
    for start in range(0, 400, 100):
        caller.add_many(queue, [{"n": number} for number in range(start, start + 100)])
        wait_for(lambda start=start: len(ran) > start)
        assert sql.rows(_END_CLAIMS, [])[0][0] >= 1

    caller.wait_all_ended()

    assert sorted(ran) == list(range(400))
    caller.assert_oracle()
