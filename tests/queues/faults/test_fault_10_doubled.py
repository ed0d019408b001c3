"""Faults 10, 15 and 24: ids told twice, garbage among the keys, emptying while workers run."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from uuid import UUID

import pytest
import redis
from django.conf import settings

from queues import service
from queues.ledger import sql
from queues.models import Job
from queues.order.client import OrderClient
from queues.order.member import base_key, member_text
from queues.order.scripts import Placed, publish
from queues.testing import wait_for
from tests.queues.fleet import Fleet

BASE = base_key("chores")


def _members(jobs: Sequence[UUID]) -> list[Placed]:
    rows = sql.rows(
        f"SELECT id, priority, tenant, {sql.DUE_MS.format('')} FROM queues_job WHERE id = ANY(%s)",  # noqa: S608
        [list(jobs)],
    )
    return [Placed(member_text(due, priority, job, tenant), 0) for job, priority, tenant, due in rows]


@pytest.mark.fault(10)
def test_ids_told_twice_and_told_again_when_done_run_once(fleet: Fleet, order: OrderClient) -> None:
    fleet.start(2, threads=4)
    jobs = [*fleet.caller.add_many("chores", [{"s": 0.005} for _ in range(400)])]
    members = _members(jobs)
    for _ in range(20):
        publish(order, "chores", random.sample(members, 200))
        time.sleep(0.05)
    publish(order, "chores", members)
    fleet.caller.wait_all_ended()
    publish(order, "chores", members)
    last = fleet.caller.add("chores", {})
    wait_for(lambda: service.get_job("chores", last).state == "completed")
    assert set(fleet.runs().values()) == {1}
    fleet.assert_oracle()


@pytest.mark.fault(15)
def test_garbage_among_the_keys_costs_no_good_job(fleet: Fleet) -> None:
    fleet.start(1, threads=4)
    workers = fleet.workers()
    service.pause_queue("chores")
    fleet.caller.add_many("chores", [{"number": number} for number in range(1000)])
    later = fleet.caller.add("chores", {}, delay=3000)
    junk = [
        "",
        "x",
        "|||",
        "1|2|not-a-uuid|",
        "9" * 40 + "|2|" + "0" * 36 + "|",
        "1|7|" + "a" * 36 + "|t",
        b"\xff\x00\xfe",
    ]
    with redis.Redis.from_url(settings.QUEUES.redis_url) as server:
        for number, member in enumerate(junk):
            for key in ("flow:2:", "delayed", "suspects", "leases", "band1"):
                server.zadd(BASE + key, {member: number})
        server.sadd(BASE + "cancels", *[item for item in junk if item])
        service.resume_queue("chores")
        wait_for(lambda: Job.objects.filter(state="completed").count() > 200, 20)
        # Keys of a wrong type, while the rest is under way: they are deleted, and the queue is rebuilt from its rows.
        for key in ("critical", "virtual", "cancels", "flow:2:"):
            server.delete(BASE + key)
            server.lpush(BASE + key, "garbage")
    fleet.caller.wait_all_ended(40)
    assert service.get_job("chores", later).state == "completed"
    assert fleet.workers() == workers
    assert set(fleet.runs().values()) == {1}
    log = fleet.logs()
    assert 1 <= log.count("garbage_dropped") <= 3
    assert "order_keys_healed" in log
    assert "Traceback" not in log
    fleet.assert_oracle()


@pytest.mark.fault(24)
def test_emptying_and_cleaning_while_workers_run(fleet: Fleet) -> None:
    fleet.start(2, threads=4)
    fleet.caller.add_many("chores", [{"s": 0.2} for _ in range(400)])
    fleet.caller.add_many("chores", [{"do": "fail once"} for _ in range(4)])
    wait_for(lambda: len(fleet.running()) >= 4, 10, "jobs run")
    running = dict(fleet.running())
    removed = service.empty_queue("chores")
    with pytest.raises(Exception, match="active"):
        service.clean_queue("chores", 0, "active")
    left = fleet.caller.states()
    fleet.caller.removed |= set(fleet.caller.added) - set(left)
    assert removed == len(fleet.caller.removed) > 200
    # Running jobs are kept; nothing that was emptied runs, then or later.
    assert set(running) <= set(left)
    fleet.caller.wait_all_ended()
    assert not fleet.caller.removed & set(fleet.runs())
    completed = [job for job, state in fleet.caller.states().items() if state == "completed"]
    assert service.clean_queue("chores", 0, "completed") == len(completed)
    fleet.caller.removed |= set(completed)
    fleet.assert_oracle()
