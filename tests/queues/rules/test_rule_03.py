"""Rule 3: publishing an id already delayed keeps the earlier time."""

from datetime import UTC, datetime, timedelta

import pytest
import redis

from queues import service
from queues.config import QueueConfig
from queues.order.client import OrderClient
from queues.order.member import base_key
from queues.order.scripts import Placed, publish
from queues.testing import Declare, StartWorker, wait_for
from tests.queues import hands
from tests.queues.oracle import Caller

pytestmark = pytest.mark.rule(3)


def due_in_ms(client: redis.Redis, queue: str, member: str) -> float:
    """Milliseconds until Redis will promote the member."""
    seconds, micros = client.time()
    score = client.zscore(base_key(queue) + "delayed", member)
    assert score is not None
    return float(score) - (seconds * 1000 + micros / 1000)


def test_moved_earlier_takes_effect_and_a_stale_publish_does_not_undo_it(
    declare: Declare, order: OrderClient, plain_redis: redis.Redis
) -> None:
    """Staff move a reminder from ten seconds to two; the caller's first publish, held up, arrives after that."""
    queue = declare(QueueConfig("letters"))
    hands.make_ready(order, queue)
    (member,) = hands.members(order, queue, 1)
    hands.take(order, queue)
    publish(order, queue, [Placed(member, 10_000)])

    # When it is moved earlier, then a stale publish repeats the old time
    publish(order, queue, [Placed(member, 2_000)])
    publish(order, queue, [Placed(member, 20_000)])

    # Then the earlier time stands
    assert 1_000 < due_in_ms(plain_redis, queue, member) <= 2_000


def test_moved_later_is_caught_at_the_claim(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    """A job is moved later; Redis, not told, hands its id out at the old time. It must not run early."""
    # Given a job due in a moment
    started: list[datetime] = []
    queue = declare(QueueConfig("letters", actor="letter"), lambda _: started.append(datetime.now(UTC)))
    worker()
    job = caller.add(queue, delay=300)

    # When it is moved to later
    later = datetime.now(UTC) + timedelta(seconds=1.5)
    service.reschedule_job(queue, job, later)

    # Then it runs then, not before
    wait_for(lambda: started)
    assert timedelta(0) <= started[0] - later < timedelta(seconds=0.5)
    caller.wait_all_ended()
    caller.assert_oracle()
