"""Rules 32 and 33: the ledger takes a lost job back before Redis moves its id; what never ran was not lost."""

from __future__ import annotations

import psycopg
import pytest
import redis

from queues import service
from queues.config import QueueConfig
from queues.models import JobAttempt
from queues.order.client import OrderClient
from queues.order.member import base_key
from queues.relay.rescue import rescue_queue
from queues.testing import Declare, StartWorker
from tests.queues.holding import refusing
from tests.queues.oracle import Caller
from tests.queues.rules.losing import lose, member_of

BASE = base_key("parcels")
PARCELS = QueueConfig("parcels", actor="deliver")


@pytest.mark.rule(32)
def test_the_ledger_comes_first(declare: Declare, caller: Caller, order: OrderClient, plain_redis: redis.Redis) -> None:
    """A script moved the id of a lost job back by itself.

    At the claim the row was still active under the old token: the id was dropped as a redelivery, and the job was
    nowhere.
    """
    queue = declare(PARCELS)
    job = caller.add(queue)
    plain_redis.delete(BASE + "flow:2:")
    token = lose(order, queue, job)
    entry = f"{token}|{member_of(job)}".encode()
    # Given a database that refuses. When the rescue comes, then Redis is not touched.
    with refusing("old.state = 'active'"), pytest.raises(psycopg.Error):
        rescue_queue(order, queue)
    assert plain_redis.zrange(BASE + "leases", 0, -1) == [entry]
    assert plain_redis.zcard(BASE + "suspects") == 0
    # When it no longer refuses, then the row waits, and Redis knows it.
    assert rescue_queue(order, queue) == 1
    row = service.get_job(queue, job)
    assert (row.state, row.suspect, row.token, row.stalled) == ("waiting", True, None, 0)
    assert plain_redis.zrange(BASE + "suspects", 0, -1) == [member_of(job).encode()]
    assert plain_redis.zcard(BASE + "leases") == 0


@pytest.mark.rule(32)
def test_a_rescued_job_is_run(declare: Declare, worker: StartWorker, caller: Caller, order: OrderClient) -> None:
    runs: list[str] = []
    queue = declare(PARCELS, lambda _: runs.append("ran"))
    jobs = [caller.add(queue) for _ in range(3)]
    lose(order, queue, *jobs)
    worker(threads=2)
    caller.wait_all_ended()
    assert runs == ["ran"] * 3
    # The lost attempts are on record, and count for nothing.
    rows = [service.get_job(queue, job) for job in jobs]
    assert {(row.attempts_made, row.stalled, row.suspect) for row in rows} == {(1, 0, False)}
    assert JobAttempt.objects.filter(outcome="stalled").count() == 3
    caller.assert_oracle()


@pytest.mark.rule(32)
def test_of_two_who_rescue_one_job_one_does(declare: Declare, caller: Caller, order: OrderClient) -> None:
    queue = declare(PARCELS)
    job = caller.add(queue)
    lose(order, queue, job)
    assert [rescue_queue(order, queue), rescue_queue(order, queue)] == [1, 0]
    assert JobAttempt.objects.filter(job_id=job).count() == 1


@pytest.mark.rule(33)
def test_a_lease_that_ended_before_any_claim_is_no_stall(
    declare: Declare, worker: StartWorker, caller: Caller, order: OrderClient, plain_redis: redis.Redis
) -> None:
    """A process fetched two hundred ids and died before it claimed them.

    Two hundred jobs counted as killers of workers, ran one at a time, and some were failed as poison.
    """
    queue = declare(PARCELS, lambda _: None)
    job = caller.add(queue)
    plain_redis.delete(BASE + "flow:2:")
    lose(order, queue, job, claimed=False)
    assert rescue_queue(order, queue) == 0
    row = service.get_job(queue, job)
    assert (row.state, row.suspect, row.stalled) == ("waiting", False, 0)
    assert not JobAttempt.objects.exists()
    # Its id is back in its flow, and it runs like any other.
    assert plain_redis.zrange(BASE + "flow:2:", 0, -1) == [member_of(job).encode()]
    worker(threads=1)
    caller.wait_all_ended()
    caller.assert_oracle()


@pytest.mark.rule(33)
def test_a_lease_that_outlived_its_finished_job_is_only_let_go_of(
    declare: Declare, worker: StartWorker, caller: Caller, order: OrderClient
) -> None:
    runs: list[str] = []
    queue = declare(PARCELS, lambda _: runs.append("ran"))
    worker(threads=1)
    job = caller.add(queue)
    caller.wait_all_ended()
    lose(order, queue, job, claimed=False)
    rescue_queue(order, queue)
    again = caller.add(queue)
    caller.wait_all_ended()
    assert service.get_job(queue, again).state == "completed"
    assert runs == ["ran"] * 2
    caller.assert_oracle()
