"""Rule 6: a queue's settings are rows; Redis has a copy. A pause is exact even where Redis does not know it."""

import pytest
import redis

from queues import service
from queues.config import QueueConfig
from queues.models import Queue, QueueTenant
from queues.order.client import OrderClient
from queues.order.member import base_key
from queues.order.scripts import assert_settings
from queues.relay.wanted import order_settings
from queues.testing import Declare, StartWorker, wait_for
from tests.queues import hands
from tests.queues.oracle import Caller

pytestmark = pytest.mark.rule(6)


def test_no_claim_after_the_pause_committed_starts_a_job(declare: Declare, order: OrderClient) -> None:
    """Staff pause a queue while Redis is away: it goes on handing out ids, and none of them may start."""
    # Given ids that were handed out, and a pause of which Redis knows nothing
    queue = declare(QueueConfig("letters"))
    hands.make_ready(order, queue)
    hands.waiting(order, queue, 3, tenant="north")
    hands.waiting(order, queue, 3, tenant="south")
    whole, part = hands.take(order, queue, 3), hands.take(order, queue, 3)
    Queue.objects.update_or_create(name=queue, defaults={"paused": True})

    # When they are claimed, then none is, and all are offered again
    claimed, rest = hands.claim_hand(queue, whole)
    assert claimed == []
    assert all(item.delay_ms for item in rest)

    # And of a paused tenant none, while the others run
    Queue.objects.update(paused=False)
    QueueTenant.objects.create(queue=queue, tenant="north", paused=True)
    claimed, rest = hands.claim_hand(queue, part)
    assert {job.tenant for job in claimed} == {"south"}
    assert len(claimed) + len(rest) == 3


def test_paused_and_resumed(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    """Staff pause a queue, look, and resume it: what was added meanwhile waits, then runs at once."""
    # Given a paused queue with jobs, beside one that runs
    ran: list[int] = []
    queue = declare(QueueConfig("letters", actor="letter"), lambda data: ran.append(data["n"]))
    other = declare(QueueConfig("parcels", actor="parcel"), lambda _: None)
    worker()
    service.pause_queue(queue, reason="the provider is down")
    caller.add_many(queue, [{"n": number} for number in range(20)])
    for _ in range(3):
        job = caller.add(other)
        wait_for(lambda job=job: service.get_job(other, job).state == "completed")
    assert ran == []

    # When it is resumed
    service.resume_queue(queue)

    # Then its jobs run
    wait_for(lambda: len(ran) == 20, 3)
    caller.wait_all_ended()


def test_redis_is_told_again_what_it_forgot(declare: Declare, worker: StartWorker, plain_redis: redis.Redis) -> None:
    """The copy in Redis is overwritten, or was never written since Redis was away when staff paused."""
    queue = declare(QueueConfig("letters", actor="letter", global_concurrency=7), lambda _: None)
    worker()
    service.pause_queue(queue)
    key = base_key(queue) + "settings"
    plain_redis.hset(key, mapping={"paused": "0", "cap": "0"})

    wait_for(lambda: plain_redis.hmget(key, "paused", "cap") == [b"1", b"7"], 5)


def test_a_pause_is_no_credit(declare: Declare, order: OrderClient) -> None:
    """A clinic pauses for a day. Resumed, it must not have all turns until it has caught up with the others."""
    # Given a paused tenant, and another that had a hundred turns meanwhile
    queue = declare(QueueConfig("letters"))
    hands.make_ready(order, queue)
    QueueTenant.objects.create(queue=queue, tenant="paused", paused=True)
    assert_settings(order, queue, order_settings(queue))
    hands.members(order, queue, 50, tenant="paused")
    hands.members(order, queue, 150, tenant="other")
    assert set(hands.take(order, queue, 100).tenants) == {"other"}

    # When it is resumed, then the two take turns
    QueueTenant.objects.update(paused=False)
    assert_settings(order, queue, order_settings(queue))
    assert hands.take(order, queue, 40).tenants.count("paused") == 20
