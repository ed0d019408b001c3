"""Rule 1: no "published" mark. The relay compares rows with Redis and pushes what is missing."""

from datetime import UTC, datetime, timedelta

import pytest

from queues.config import QueueConfig
from queues.order.client import OrderClient
from queues.relay.sweep import Sweep
from queues.testing import Declare, StartWorker
from tests.queues import hands
from tests.queues.oracle import Caller

pytestmark = pytest.mark.rule(1)


def ago(**how: float) -> datetime:
    return datetime.now(UTC) - timedelta(**how)


def test_a_caller_that_died_before_publishing_is_made_up_for(
    declare: Declare, worker: StartWorker, caller: Caller
) -> None:
    """A caller commits a job and is killed before it tells Redis: nobody else knows that the job is there."""
    # Given a worker, and rows that Redis was never told of: one of now, one that has been due for an hour
    queue = declare(QueueConfig("letters", actor="letter"), lambda _: None)
    worker()
    added = hands.rows(queue, 1, actor="letter") + hands.rows(queue, 1, actor="letter", run_at=ago(hours=1))
    caller.added.update({item.id: queue for item in added})

    # Then both run, found by the sweep
    caller.wait_all_ended(10)
    caller.assert_oracle()


def test_a_failover_that_loses_ids_is_made_up_for(declare: Declare, order: OrderClient) -> None:
    """A mark "published" in the row would lie: the replica that took over had never heard of some of the ids."""
    # Given jobs that Redis was told of, some of which it then lost
    queue = declare(QueueConfig("letters"))
    hands.make_ready(order, queue)
    ids = hands.waiting(order, queue, 20)
    lost = hands.take(order, queue, 7)
    hands.let_go(order, queue, lost)

    # When the relay compares
    pushed = hands.sweep(order, queue)

    # Then exactly those are pushed, and all can be had
    assert pushed == 7
    assert sorted(hands.take(order, queue, 100).ids) == sorted(ids)


def test_the_walk_passes_through_every_page(declare: Declare, order: OrderClient) -> None:
    """A sweep that looked only at its first page would leave row 2,001 waiting for ever."""
    # Given more old rows than a page holds, among them some of one microsecond, none known to Redis
    queue = declare(QueueConfig("letters"))
    hands.make_ready(order, queue)
    same = ago(hours=2)
    hands.rows(queue, 2500, run_at=same)
    hands.rows(queue, 700, run_at=ago(hours=1))
    sweep = Sweep(order, queue)

    # When it walks to its end, then it has pushed each once, and a second walk finds nothing
    steps = [sweep.walk() for _ in range(2)]
    assert [ended for _, ended in steps] == [False, True]
    assert sum(pushed for pushed, _ in steps) == 3200
    assert hands.sweep(order, queue, all_due=True, sweeping=sweep) == 0


def test_what_is_far_off_stays_a_row(declare: Declare, order: OrderClient) -> None:
    """Reminders three weeks off would fill Redis's memory for nothing."""
    queue = declare(QueueConfig("letters"))
    hands.make_ready(order, queue)
    hands.rows(queue, 3, run_at=ago(days=-21))
    hands.rows(queue, 2, run_at=ago(seconds=-30))

    assert hands.sweep(order, queue) == 2
    assert hands.sweep(order, queue, all_due=True) == 0


def test_leased_and_delayed_ids_are_not_missing(declare: Declare, order: OrderClient) -> None:
    """A sweep that pushes what is running or delayed doubles the work of every claim."""
    queue = declare(QueueConfig("letters"))
    hands.make_ready(order, queue)
    hands.waiting(order, queue, 4)
    hands.waiting(order, queue, 3, delay_ms=20_000)
    claimed, _ = hands.claim_hand(queue, hands.take(order, queue, 2))

    assert len(claimed) == 2
    assert hands.sweep(order, queue) == 0
