"""Rule 15: the rate limit takes tokens for ids handed out; a flush costs one extra burst at the most."""

import time
from uuid import uuid4

import pytest
import redis

from queues.config import QueueConfig, RateLimit
from queues.order.client import OrderClient
from queues.order.scripts import Fetched, fetch
from queues.testing import Declare, StartWorker
from tests.queues import hands
from tests.queues.oracle import Caller

pytestmark = pytest.mark.rule(15)


def ask(order: OrderClient, queue: str, count: int) -> Fetched:
    return fetch(order, queue, str(uuid4()), count, lease_ms=30_000, not_after=0)


def test_tokens_are_taken_for_what_is_handed_out(declare: Declare, order: OrderClient) -> None:
    """Idle workers ask all the time; if asking cost tokens, the provider's allowance would go to waste."""
    queue = declare(QueueConfig("letters", rate_limit=RateLimit(10, per_ms=60_000)))
    hands.make_ready(order, queue)

    for _ in range(50):
        assert ask(order, queue, 10).members == []
    hands.members(order, queue, 30)

    assert [len(ask(order, queue, 4).members) for _ in range(4)] == [4, 4, 2, 0]
    # The next event is the next token: a tenth of a minute
    assert 5_000 < ask(order, queue, 4).next_ms <= 6_000


def test_a_flush_allows_one_burst_more(declare: Declare, order: OrderClient, plain_redis: redis.Redis) -> None:
    """The limit of the rule: what was taken stands in Redis alone, so a flush forgets it once."""
    queue = declare(QueueConfig("letters", rate_limit=RateLimit(10, per_ms=60_000)))
    hands.make_ready(order, queue)
    hands.members(order, queue, 100)
    assert len(ask(order, queue, 100).members) == 10
    plain_redis.flushdb()
    hands.make_ready(order, queue)
    hands.members(order, queue, 100)

    assert [len(ask(order, queue, 100).members) for _ in range(2)] == [10, 0]


def test_a_worker_keeps_the_rate_and_uses_it(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    """A provider allows ten a half second. Above it answers 429; far below it the queue never empties."""
    started: list[float] = []
    queue = declare(
        QueueConfig("letters", actor="letter", rate_limit=RateLimit(10, per_ms=500)),
        lambda _: started.append(time.monotonic()),
    )
    worker(threads=4)
    caller.add_many(queue, [{}] * 30)

    caller.wait_all_ended()

    # A full bucket at once, then twenty a second: thirty in one second, not sooner and not much later
    assert 0.9 < started[-1] - started[0] < 2.0
    caller.assert_oracle()
