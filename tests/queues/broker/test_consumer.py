"""A consumer step by step: it holds no more than it was granted, and what it cannot use it gives back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from uuid import uuid4

import pytest
import redis

from queues.broker.consumer import LedgerConsumer
from queues.broker.process import WorkerProcess
from queues.config import QueueConfig
from queues.models import Job
from queues.order.client import OrderClient
from queues.order.member import base_key
from queues.testing import Declare, broker, wait_for
from tests.queues import hands


@pytest.fixture
def process(declare: Declare) -> Iterator[WorkerProcess]:
    """Return a worker's runtime without Dramatiq's threads."""
    made = WorkerProcess(4, ["letters"])
    made.start()
    yield made
    made.shut_gate()
    made.stop()


def test_an_answer_that_holds_more_than_was_granted_is_used_as_far_as_granted(
    declare: Declare, process: WorkerProcess, order: OrderClient
) -> None:
    """The answer of a fetch was lost; asked again for fewer, the token still held all.

    They were all run, beyond the queue's concurrency, and the gate counted below zero: one thread's job too many was
    claimed for as long as the process lived.
    """
    # Given a fetch for four whose answer was lost
    queue = declare(QueueConfig("letters", actor="letter", concurrency=2), lambda _: None)
    hands.make_ready(order, queue)
    hands.waiting(order, queue, 4, actor="letter")
    consumer = LedgerConsumer(broker(), process, queue)
    consumer._token, consumer._token_since = uuid4(), time.monotonic()
    hands.take(order, queue, 4, token=consumer._token)

    # When it is asked again, for two
    taken = [next(consumer), next(consumer)]

    # Then two are held and counted, and the others are there for somebody else
    assert all(taken)
    assert process.gate.held == 2
    assert Job.objects.filter(state="active").count() == 2
    wait_for(lambda: len(hands.take(order, queue, 4).members) == 2)
    for message in taken:
        consumer.ack(message)
    assert process.gate.held == 0
    consumer.close()


def test_a_suspect_that_may_not_start_yet_does_not_keep_its_process_from_all_other_work(
    declare: Declare, process: WorkerProcess, order: OrderClient, plain_redis: redis.Redis
) -> None:
    """The queue's cap was taken by another process's job of ten minutes.

    For so long a process stopped fetching for all its queues, ran empty, got nothing, and began again at once.
    """
    queue = declare(QueueConfig("letters", actor="letter", global_concurrency=1), lambda _: None)
    hands.make_ready(order, queue)
    hands.waiting(order, queue, 1, actor="letter")
    running = hands.take(order, queue)
    hands.rows(queue, 1, actor="letter")
    suspect = hands.members(order, "letters", 1)[0]
    plain_redis.zrem(base_key(queue) + "flow:2:", suspect)
    plain_redis.zadd(base_key(queue) + "suspects", {suspect: 1})
    began: list[float] = []
    begin_alone = process.gate.begin_alone
    process.gate.begin_alone = lambda *args: (began.append(0.0), begin_alone(*args))[1]  # type: ignore[method-assign]
    consumer = LedgerConsumer(broker(), process, queue)

    until = time.monotonic() + 1.0
    while time.monotonic() < until:
        next(consumer)

    assert 1 <= len(began) <= 4
    assert running.members
    consumer.close()
