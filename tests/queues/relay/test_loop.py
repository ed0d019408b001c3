"""The relay's loop: one leads, all rescue, each says that it lives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis

from queues.conf import QueueSettings
from queues.config import QueueConfig
from queues.ledger import sql
from queues.models import Job, Queue, Worker
from queues.order.client import OrderClient
from queues.order.member import base_key
from queues.order.scripts import is_ready
from queues.relay.loop import LEADER_LOCK, RelayLoop
from queues.testing import Declare, wait_for
from tests.queues.oracle import Caller
from tests.queues.rules.losing import lose
from tests.queues.servers import OwnValkey

PARCELS = QueueConfig("parcels", actor="deliver")
Loops = Callable[..., RelayLoop]


@pytest.fixture
def loops(declare: Declare) -> Iterator[Loops]:
    """Start loops, as processes would; they end with the test."""
    started: list[RelayLoop] = []

    def start(kind: Any = "scheduler") -> RelayLoop:
        loop = RelayLoop(kind)
        started.append(loop)
        loop.start()
        return loop

    yield start
    for loop in started:
        loop.stop()


def test_one_of_many_leads_and_another_takes_over(declare: Declare, loops: Loops) -> None:
    declare(PARCELS)
    first, *others = [loops() for _ in range(3)]
    wait_for(lambda: sum(loop.leads for loop in (first, *others)) == 1)
    leader = next(loop for loop in (first, *others) if loop.leads)
    wait_for(lambda: Worker.objects.filter(leads=True).count() == 1)
    assert Worker.objects.get(leads=True).id == leader.id
    leader.stop()
    rest = [loop for loop in (first, *others) if loop is not leader]
    wait_for(lambda: sum(loop.leads for loop in rest) == 1, 5)
    # One that stops says goodbye, rather than being missed.
    assert not Worker.objects.filter(id=leader.id).exists()


def test_a_leader_whose_session_was_ended_leads_no_more_by_itself(declare: Declare, loops: Loops) -> None:
    """The lock goes with the session. The leader's chores opened another without a word, and two of them led."""
    declare(PARCELS)
    loop = loops()
    wait_for(lambda: loop.leads)
    held = (
        "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND granted AND database = ("
        "SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    ((before,),) = sql.rows(held, [LEADER_LOCK])
    sql.rows("SELECT pg_terminate_backend(%s)", [before])
    # It leads again, under a lock that its new session holds.
    after = wait_for(lambda: [pid for (pid,) in sql.rows(held, [LEADER_LOCK]) if pid != before])
    assert len(after) == 1
    wait_for(lambda: loop.leads)


def test_the_leader_makes_the_queues_rows_and_redis_ready(
    declare: Declare, loops: Loops, caller: Caller, order: OrderClient
) -> None:
    queue = declare(PARCELS)
    caller.add(queue)
    assert not is_ready(order, queue)
    loops()
    wait_for(lambda: is_ready(order, queue))
    assert Queue.objects.filter(name=queue).exists() or wait_for(lambda: Queue.objects.filter(name=queue).exists())


def test_the_relay_heals_keys_of_a_wrong_type_without_any_worker(
    declare: Declare, loops: Loops, caller: Caller, order: OrderClient, plain_redis: redis.Redis
) -> None:
    queue = declare(PARCELS)
    loops()
    wait_for(lambda: is_ready(order, queue))
    base = base_key(queue)
    plain_redis.delete(base + "settings")
    plain_redis.lpush(base + "settings", "garbage")
    wait_for(lambda: plain_redis.type(base + "settings") == b"hash", 10)
    wait_for(lambda: is_ready(order, queue))
    job = caller.add(queue)
    assert wait_for(lambda: [m for m in plain_redis.zrange(base + "flow:2:", 0, -1) if str(job).encode() in m])


def test_one_that_does_not_lead_rescues_too(
    declare: Declare, loops: Loops, caller: Caller, order: OrderClient, tuned: Callable[..., QueueSettings]
) -> None:
    """The leader hung in a long chore; for as long, nobody took back what lost workers held."""
    tuned(stalled_interval_ms=300)
    queue = declare(PARCELS)
    job = caller.add(queue)
    # Given that somebody else holds the lead, and does nothing.
    sql.rows("SELECT pg_advisory_lock(%s)", [LEADER_LOCK])
    try:
        loop = loops()
        lose(order, queue, job)
        wait_for(lambda: Job.objects.get(pk=job).state == "waiting", 5)
        assert not loop.leads
    finally:
        sql.rows("SELECT pg_advisory_unlock(%s)", [LEADER_LOCK])


def test_after_an_outage_of_redis_the_workers_have_the_first_word(
    own_valkey: OwnValkey, declare: Declare, loops: Loops, caller: Caller, tuned: Callable[..., QueueSettings]
) -> None:
    """Leases had ended while nobody could renew them: all that ran was taken back, and ran twice."""
    tuned(stalled_interval_ms=200, lock_duration_ms=3000, redis_timeout_s=0.3)
    queue = declare(PARCELS)
    job = caller.add(queue)
    loop = loops()
    wait_for(lambda: loop.leads)
    own_valkey.freeze()
    rested = loop._rescue_due
    wait_for(lambda: loop._rescue_due > rested + 2, 5)
    own_valkey.thaw()
    client = OrderClient(2.0)
    lose(client, queue, job)
    client.close()
    assert Job.objects.get(pk=job).state == "active"
    wait_for(lambda: Job.objects.get(pk=job).state == "waiting", 10)


def test_a_queue_that_nobody_declares_is_named_once(
    declare: Declare, loops: Loops, caller: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    queue = declare(PARCELS)
    jobs = caller.add_many(queue, [{} for _ in range(3)])
    Job.objects.filter(pk__in=jobs).update(queue="no-such-queue")
    loops()
    wait_for(lambda: "queue_unknown" in caplog.text)
    assert caplog.text.count("queue_unknown") == 1
