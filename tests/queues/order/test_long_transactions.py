"""A job that is added early in a long transaction is due when it was said to be, not that much after the commit."""

import time
from datetime import UTC, datetime, timedelta

import redis
from django.db import transaction

from queues import service
from queues.config import QueueConfig
from queues.order.client import OrderClient
from queues.order.member import base_key
from queues.testing import Declare
from tests.queues import hands


def test_a_delay_counts_from_the_add_not_from_the_commit(
    declare: Declare, order: OrderClient, plain_redis: redis.Redis
) -> None:
    # Given a queue that is ready
    queue = declare(QueueConfig("letters"))
    hands.make_ready(order, queue)

    # When jobs are added at the start of a transaction that goes on for longer than one of them is to wait
    due = datetime.now(UTC) + timedelta(seconds=10)
    with transaction.atomic():
        service.schedule_job(queue, {}, due)
        soon = service.add_job(queue, {}, delay=300)
        time.sleep(0.6)

    # Then the one is placed at its time, and the other, whose time has come, is handed out at once
    scores = [score for _, score in plain_redis.zrange(base_key(queue) + "delayed", 0, -1, withscores=True)]
    assert [abs(score / 1000 - due.timestamp()) < 0.3 for score in scores] == [True]
    assert hands.take(order, queue, 2).ids == [soon.id]
