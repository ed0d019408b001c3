"""Rule 37: a stop shuts the gate, gives back what was not begun, lets running jobs end, and leaves nothing behind."""

from __future__ import annotations

import signal
import threading
import time
from typing import Any

import pytest
import redis

from queues import service
from queues.config import QueueConfig
from queues.ledger import sql
from queues.models import Job, JobAttempt
from queues.order.member import base_key
from queues.testing import Declare, StartWorker, wait_for
from tests.queues.fleet import Fleet
from tests.queues.oracle import Caller

pytestmark = pytest.mark.rule(37)

BASE = base_key("parcels")


def test_claims_that_were_not_begun_go_back_to_the_front(
    declare: Declare, worker: StartWorker, caller: Caller, plain_redis: redis.Redis
) -> None:
    """Dramatiq's consumers fetch on while workers stop.

    Each deploy left hundreds of claims to run into their leases: half a minute in which nobody's reminders went out.
    """
    go, order = threading.Event(), list[int]()

    def deliver(data: dict[str, Any]) -> None:
        if data["number"] == 0:
            assert go.wait(10)
        order.append(data["number"])

    queue = declare(QueueConfig("parcels", actor="deliver"), deliver)
    running = worker(threads=1)
    # Given a worker that has learnt that jobs are short, and claims ahead of its one thread.
    while running.process.gate.ahead(queue) <= 5:
        caller.add_many(queue, [{"number": -1}] * 50)
        caller.wait_all_ended()
    order.clear()
    service.pause_queue(queue)
    caller.add_many(queue, [{"number": number} for number in range(30)])
    service.resume_queue(queue)
    wait_for(lambda: Job.objects.filter(state="active").count() > 5)
    # When it is stopped while the first of them runs, and more is added meanwhile.
    stopping = threading.Thread(target=running.stop)
    stopping.start()
    wait_for(lambda: not running._worker.workers[0].running)
    caller.add_many(queue, [{"number": number} for number in range(30, 40)])
    go.set()
    stopping.join(10)
    # Then the one that ran is done, and the others wait: no attempt spent, no lease left, nothing claimed since.
    assert order == [0]
    assert dict(sql.rows("SELECT state, count(*) FROM queues_job WHERE state <> 'completed' GROUP BY 1", [])) == {
        "waiting": 39
    }
    assert set(JobAttempt.objects.values_list("outcome", flat=True)) == {"released"}
    assert not Job.objects.filter(state="waiting", attempts_made__gt=0).exists()
    assert plain_redis.zcard(BASE + "leases") == 0
    # And they are at the front of their flow: in order, before what came later.
    worker(threads=1)
    caller.wait_all_ended()
    assert order == list(range(40))
    caller.assert_oracle()


def test_nothing_is_claimed_once_a_stop_has_begun(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    """Dramatiq's consumers fetch on until its threads have ended: what they took waited for nobody, for 25 s."""
    go = threading.Event()
    queue = declare(QueueConfig("parcels", actor="deliver"), lambda _: go.wait(10) and None)
    running = worker(threads=3)
    first = caller.add(queue)
    wait_for(lambda: service.get_job(queue, first).state == "active")
    # Given a worker that stops, with idle threads, while one job still runs.
    stopping = threading.Thread(target=running.stop)
    stopping.start()
    wait_for(lambda: not running._worker.workers[0].running)
    later = caller.add_many(queue, [{} for _ in range(5)])
    time.sleep(1)  # nothing may happen; there is nothing to wait for
    assert {service.get_job(queue, job).state for job in later} == {"waiting"}
    go.set()
    stopping.join(10)
    assert not JobAttempt.objects.exists()
    worker(threads=1)
    caller.wait_all_ended()
    caller.assert_oracle()


@pytest.mark.timeout(60)
def test_a_worker_that_is_told_to_stop_leaves_nothing_half_done(fleet: Fleet) -> None:
    fleet.start(1, threads=2)
    fleet.caller.add_many("chores", [{"s": 1} for _ in range(6)])
    wait_for(lambda: len(fleet.running()) == 2, 10, "jobs run")
    ran = [job for job, _ in fleet.running()]
    began = time.monotonic()
    fleet.roots[0].send_signal(signal.SIGTERM)
    assert fleet.roots[0].wait(20) == 0
    assert time.monotonic() - began < 8
    states = fleet.caller.states()
    assert {states[job] for job in ran} == {"completed"}
    assert sorted(states.values()) == ["completed"] * 2 + ["waiting"] * 4
    assert sql.rows("SELECT count(*) FROM queues_worker", []) == [(0,)]
    fleet.start(1, threads=4)
    fleet.caller.wait_all_ended()
    assert set(fleet.runs().values()) == {1}
    fleet.assert_oracle()


@pytest.mark.timeout(60)
def test_what_outlives_its_time_at_a_stop_is_run_again_after_its_lease(fleet: Fleet) -> None:
    """The limit: a body that does not end within the time that a stop gives is cut off with its process."""
    fleet.start(1, threads=1)
    job = fleet.caller.add("errands", {"s": 25})
    wait_for(fleet.running, 10, "it runs")
    (pid,) = fleet.workers()
    fleet.roots[0].send_signal(signal.SIGTERM)
    wait_for(lambda: fleet.roots[0].poll() is not None, 25, "it has ended")
    assert pid not in fleet.workers()
    sql.execute("UPDATE queues_job SET data = '{}' WHERE id = %s", [job])
    fleet.start(1, threads=1)
    fleet.caller.wait_all_ended(20)
    assert [row.outcome for row in JobAttempt.objects.filter(job_id=job)] == ["stalled", "completed"]
    assert fleet.runs()[job] == 2
    fleet.assert_oracle()
