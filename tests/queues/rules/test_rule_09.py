"""Rule 9: not ready, no work. After a flush, Redis first learns what it must not get wrong."""

import threading
import time
from collections.abc import Callable
from uuid import uuid4

import pytest
import redis

from queues import service
from queues.conf import QueueSettings
from queues.config import QueueConfig
from queues.ledger.finish import Kind
from queues.order.client import OrderClient
from queues.order.scripts import begin_rebuild, fetch, finish_rebuild, is_ready, renew
from queues.relay.rebuild import Rebuild
from queues.relay.sweep import Sweep
from queues.testing import Declare, StartWorker, wait_for
from tests.queues import hands
from tests.queues.oracle import Caller

pytestmark = pytest.mark.rule(9)


def status(order: OrderClient, queue: str) -> str:
    return fetch(order, queue, str(uuid4()), 1, lease_ms=1000, not_after=0).status


def test_each_queue_has_a_mark_of_its_own(declare: Declare, order: OrderClient) -> None:
    """In a Redis Cluster one shard is lost and with it some queues; the others go on."""
    letters, parcels = declare(QueueConfig("letters")), declare(QueueConfig("parcels"))
    hands.make_ready(order, letters)
    hands.members(order, parcels, 1)

    assert status(order, letters) == "ok"
    assert status(order, parcels) == "rebuilding"
    assert hands.take(order, parcels).members == ()


def test_a_second_flush_begins_the_rebuild_anew(declare: Declare, order: OrderClient, plain_redis: redis.Redis) -> None:
    """Redis is emptied again while its first rebuild is under way: "ready" would be said of an empty Redis."""
    queue = declare(QueueConfig("letters"))
    begin_rebuild(order, queue, "first")
    plain_redis.flushdb()

    assert finish_rebuild(order, queue, "first") is False
    assert status(order, queue) == "rebuilding"
    # Nor does one leader's rebuild end another's
    begin_rebuild(order, queue, "second")
    assert finish_rebuild(order, queue, "first") is False
    assert finish_rebuild(order, queue, "second") is True


def test_a_flush_under_way_runs_nothing_twice_and_heeds_cap_and_pause(
    declare: Declare,
    worker: StartWorker,
    caller: Caller,
    plain_redis: redis.Redis,
    tuned: Callable[..., QueueSettings],
) -> None:
    """Redis is emptied while jobs run: each would run twice, caps would read 0, a paused queue would start."""
    # Given one running job of a queue that may run one at a time, more waiting, and a paused queue
    tuned(lock_duration_ms=6000)
    going = threading.Event()
    ran: list[str] = []
    together: list[int] = []

    def capped(data: dict[str, int]) -> None:
        together.append(1)
        ran.append(f"capped {data['n']} beside {len(together) - 1}")
        going.wait(10)
        together.pop()

    queue = declare(QueueConfig("capped", actor="capped", global_concurrency=1), capped)
    paused = declare(QueueConfig("paused", actor="paused"), lambda _: ran.append("paused"))
    service.pause_queue(paused)
    worker(threads=4)
    caller.add_many(queue, [{"n": number} for number in range(5)])
    wait_for(lambda: ran)
    service.add_job(paused, {})

    # When Redis is emptied, and is ready again
    plain_redis.flushdb()
    client = OrderClient(2)
    wait_for(lambda: is_ready(client, queue) and is_ready(client, paused), 10)
    client.close()
    time.sleep(1.0)

    # Then still only the one job runs, and when it ends the others follow, one by one
    assert ran == ["capped 0 beside 0"]
    going.set()
    caller.wait_all_ended(20)
    assert ran == [f"capped {number} beside 0" for number in range(5)]
    service.empty_queue(paused)
    caller.assert_oracle()


def test_ready_waits_for_the_leases_of_what_runs(
    declare: Declare, order: OrderClient, plain_redis: redis.Redis
) -> None:
    """A worker that is busy renews a little later than another asks: ready before that, the cap would read 0."""
    # Given a running job, and a Redis that was emptied
    queue = declare(QueueConfig("capped", global_concurrency=1))
    hands.make_ready(order, queue)
    service.add_job(queue, {})
    service.add_job(queue, {})
    hand = hands.take(order, queue)
    hands.claim_hand(queue, hand)
    plain_redis.flushdb()

    # When it is rebuilt, then it is not ready until the running job's worker has spoken
    rebuild = Rebuild(order, Sweep(order, queue))
    assert [rebuild.step() for _ in range(3)] == [False] * 3
    assert status(order, queue) == "rebuilding"
    renew(order, queue, hands.LEASE_MS, [(str(hand.token), hand.members[0])])
    assert rebuild.step()
    assert hands.take(order, queue).members == (), "the cap holds"


def test_active_rows_without_a_lease_rest_for_one_lease(
    declare: Declare, order: OrderClient, tuned: Callable[..., QueueSettings], caller: Caller
) -> None:
    """After a flush every running job is without a lease for a moment; taken back then, each would run twice."""
    tuned(lock_duration_ms=1000)
    queue = declare(QueueConfig("letters"))
    hands.make_ready(order, queue)
    job = caller.add(queue)
    hand = hands.take(order, queue)
    hands.claim_hand(queue, hand)
    hands.let_go(order, queue, hand)

    hands.sweep(order, queue)
    assert service.get_job(queue, job).state == "active"

    # Not renewed for a lease, it is taken back, and its first runner's finish is refused
    wait_for(lambda: [hands.sweep(order, queue), service.get_job(queue, job).state == "waiting"][1], 5)
    assert hands.end(hand, Kind.COMPLETED) == set()
