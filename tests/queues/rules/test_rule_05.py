"""Rule 5: all ids of a transaction leave in one call, from callbacks that survived; a slow Redis costs no caller."""

import time
from collections.abc import Iterator

import pytest
import redis
from django.db import transaction

from queues import service
from queues.config import QueueConfig
from queues.errors import JobNotFound
from queues.order.client import OrderClient
from queues.testing import Declare
from tests.queues import hands
from tests.queues.oracle import Caller
from tests.queues.servers import OwnValkey

pytestmark = pytest.mark.rule(5)


class Undo(Exception):
    """Rolls a savepoint back."""


@pytest.fixture
def calls(own_valkey: OwnValkey) -> Iterator[redis.Redis]:
    """Return a client that can tell how many scripts the server has run."""
    with redis.Redis.from_url(own_valkey.url) as client:
        yield client


def scripts_run(client: redis.Redis) -> int:
    stats = client.info("commandstats")
    return sum(stats.get(f"cmdstat_{name}", {}).get("calls", 0) for name in ("eval", "evalsha"))


def test_one_call_for_all_jobs_of_a_transaction(declare: Declare, calls: redis.Redis) -> None:
    """Booking a course of visits adds fifty reminders; fifty round trips would make it slow."""
    queue = declare(QueueConfig("letters"))
    service.add_job(queue, {})  # the script is loaded
    before = scripts_run(calls)

    with transaction.atomic():
        for _ in range(50):
            service.add_job(queue, {})
        assert scripts_run(calls) == before, "told before the commit"

    assert scripts_run(calls) == before + 1


@pytest.mark.fault(11)
def test_a_rolled_back_savepoint_takes_its_ids_with_it(declare: Declare, own_valkey: OwnValkey) -> None:
    """One of three bookings fails and is rolled back; its id must not leave with the other two."""
    queue = declare(QueueConfig("letters"))
    client = OrderClient(2)
    hands.make_ready(client, queue)
    with transaction.atomic():
        first = service.add_job(queue, {})
        with pytest.raises(Undo), transaction.atomic():
            service.add_job(queue, {})
            raise Undo
        last = service.add_job(queue, {})

    assert sorted(hands.take(client, queue, 10).ids) == sorted([first.id, last.id])
    client.close()


@pytest.mark.fault(11)
def test_a_transaction_that_rolls_back_leaves_nothing(declare: Declare, own_valkey: OwnValkey) -> None:
    """The booking fails after its reminder was added: there must be no reminder of an appointment that is not there."""
    queue = declare(QueueConfig("letters"))
    with pytest.raises(Undo), transaction.atomic():
        job = service.add_job(queue, {})
        raise Undo

    with pytest.raises(JobNotFound):
        service.get_job(queue, job.id)
    with redis.Redis.from_url(own_valkey.url) as client:
        assert client.keys() == []
    # And the next transaction's ids are its own
    other = service.add_job(queue, {})
    client = OrderClient(2)
    hands.make_ready(client, queue)
    assert hands.take(client, queue, 10).ids == [other.id]
    client.close()


@pytest.mark.fault(7)
def test_a_frozen_redis_costs_the_first_caller_a_quarter_second_and_the_next_ones_nothing(
    declare: Declare, own_valkey: OwnValkey, caller: Caller
) -> None:
    """Redis hangs. redis-py's defaults would block every booking at the desk for up to a minute."""
    queue = declare(QueueConfig("letters"))
    caller.add(queue)
    own_valkey.freeze()

    began = time.monotonic()
    caller.add(queue)
    first = time.monotonic() - began
    began = time.monotonic()
    for _ in range(20):
        caller.add(queue)
    others = time.monotonic() - began

    assert first < 1.0
    assert others < 0.25
    assert list(caller.states().values()) == ["waiting"] * 22
