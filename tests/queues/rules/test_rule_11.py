"""Rule 11: bounds. No script keeps Redis busy for longer than some milliseconds."""

import time
from uuid import uuid4

import pytest
import redis

from queues.config import QueueConfig
from queues.order.client import OrderClient
from queues.order.member import base_key
from queues.order.scripts import Placed, expired, fetch, publish
from queues.testing import Declare
from tests.queues import hands
from tests.queues.servers import OwnValkey

pytestmark = pytest.mark.rule(11)


@pytest.fixture
def queue(declare: Declare) -> str:
    return declare(QueueConfig("letters"))


def test_at_most_256_are_handed_out_and_promoted(queue: str, order: OrderClient, plain_redis: redis.Redis) -> None:
    """Ten thousand reminders fall due at nine: promoted in one call, they would hold up every other queue."""
    hands.make_ready(order, queue)
    delayed = base_key(queue) + "delayed"
    plain_redis.zadd(delayed, {f"{number}|2|{uuid4()}|": 1 for number in range(1000)})

    fetched = fetch(order, queue, str(uuid4()), 1000, lease_ms=1000, not_after=0)

    assert len(fetched.members) == 256
    assert plain_redis.zcard(delayed) == 1000 - 256
    assert fetched.more or fetched.next_ms == 0, "the consumer comes back for the rest at once"


def test_at_most_1000_are_published_a_call(queue: str, own_valkey: OwnValkey) -> None:
    """A caller adds a hundred thousand jobs in one transaction."""
    client = OrderClient(2)
    hands.members(client, queue, 1)
    with redis.Redis.from_url(own_valkey.url) as other:
        before = other.info("commandstats")["cmdstat_evalsha"]["calls"]
        hands.members(client, queue, 2500)
        after = other.info("commandstats")["cmdstat_evalsha"]["calls"]
    client.close()

    assert after - before == 3


def test_at_most_100_are_rescued_a_call(queue: str, order: OrderClient, plain_redis: redis.Redis) -> None:
    """A worker with a long batch dies; its leases end all at once."""
    plain_redis.zadd(base_key(queue) + "leases", {f"{uuid4()}|{number}|2|{uuid4()}|": 1 for number in range(300)})

    assert len(expired(order, queue, limit=1000)) == 100


def test_the_largest_calls_are_short(queue: str, order: OrderClient, plain_redis: redis.Redis) -> None:
    """The measured time of the largest calls, in the worst order: a tenant of its own for each job."""
    hands.make_ready(order, queue)
    placed = [Placed(f"{number}|2|{uuid4()}|tenant-{number}", 0) for number in range(1000)]
    best_publish = best_fetch = 1.0
    for _ in range(3):
        began = time.perf_counter()
        publish(order, queue, placed)
        best_publish = min(best_publish, time.perf_counter() - began)
        began = time.perf_counter()
        hands.take(order, queue, 256)
        best_fetch = min(best_fetch, time.perf_counter() - began)

    # With the way there and back, and room for a busy machine
    assert best_publish < 0.05
    assert best_fetch < 0.05
