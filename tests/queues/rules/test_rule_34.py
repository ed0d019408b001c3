"""Rule 34: a lost job runs next alone in its process, and only a death while alone counts against it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis

from queues import service
from queues.conf import QueueSettings
from queues.config import QueueConfig
from queues.models import Job, JobAttempt
from queues.order.client import OrderClient
from queues.order.member import base_key
from queues.relay.rescue import rescue_queue
from queues.testing import Declare, StartWorker, wait_for
from tests.queues.oracle import Caller
from tests.queues.rules.losing import lose

pytestmark = pytest.mark.rule(34)

BASE = base_key("parcels")


class Spans:
    """Notes who ran beside whom in this process."""

    def __init__(self) -> None:
        self.running: set[Any] = set()
        self.beside: dict[Any, set[Any]] = {}
        self._lock = threading.Lock()

    def run(self, data: dict[str, Any]) -> None:
        who = data["name"]
        with self._lock:
            self.running.add(who)
            for one in self.running:
                self.beside.setdefault(one, set()).update(self.running - {one})
        time.sleep(data.get("s", 0.02))
        with self._lock:
            self.running.discard(who)


def test_suspects_run_one_by_one_with_nothing_beside_them_in_any_queue(
    declare: Declare, worker: StartWorker, caller: Caller, order: OrderClient
) -> None:
    """A job that ate all memory was run again beside its neighbours.

    Each death took them along, until all of them counted as poison. With two queues, two suspects of one process ran
    side by side, each "alone".
    """
    spans = Spans()
    queues = [
        declare(QueueConfig("parcels", actor="deliver"), spans.run),
        declare(QueueConfig("letters", actor="post"), spans.run),
    ]
    suspects = {queue: [caller.add(queue, {"name": f"suspect {queue} {n}", "s": 0.1}) for n in range(2)]
                for queue in queues}  # fmt: skip
    for queue, jobs in suspects.items():
        lose(order, queue, *jobs)
        assert rescue_queue(order, queue) == 2
    for queue in queues:
        caller.add_many(queue, [{"name": f"{queue} {number}"} for number in range(60)])
    worker(threads=4)
    caller.wait_all_ended(40)
    alone = [who for who in spans.beside if str(who).startswith("suspect")]
    assert len(alone) == 4
    assert {who: spans.beside[who] for who in alone} == {who: set() for who in alone}
    assert any(spans.beside.values())  # the others did run side by side
    assert not Job.objects.filter(suspect=True).exists()
    caller.assert_oracle()


def test_death_in_company_counts_nothing_and_death_alone_is_poison(
    declare: Declare, caller: Caller, order: OrderClient, plain_redis: redis.Redis
) -> None:
    queue = declare(QueueConfig("parcels", actor="deliver", max_stalled=1))
    job = caller.add(queue)
    seen = []
    for alone in (False, True, True):
        lose(order, queue, job, alone=alone)
        assert rescue_queue(order, queue) == 1
        row = service.get_job(queue, job)
        seen.append((row.state, row.stalled, row.suspect))
    assert seen == [
        ("waiting", 0, True), ("waiting", 1, True), ("failed", 2, False),
    ]  # fmt: skip
    row = service.get_job(queue, job)
    assert (row.error_class, row.attempts_made) == ("WorkerLost", 0)
    assert "died while it ran this job alone" in row.error
    assert list(JobAttempt.objects.values_list("outcome", flat=True)) == ["stalled"] * 3
    assert plain_redis.zcard(BASE + "suspects") <= 1  # an extra id is a no-op at the claim
    caller.assert_oracle()


def test_a_suspect_that_is_not_due_or_paused_keeps_no_process_from_its_work(
    declare: Declare, worker: StartWorker, caller: Caller, order: OrderClient, plain_redis: redis.Redis
) -> None:
    """A clinic was paused while one of its jobs was suspect.

    The id was taken and given back without a rest, and each time the process stopped fetching and ran empty first.
    """
    taken: list[float] = []
    config = QueueConfig(
        "parcels", actor="deliver", tenant=lambda data: data["depot"] if isinstance(data, dict) else ""
    )
    queue = declare(config, lambda _: None)
    later, paused = caller.add(queue, {"depot": "north"}), caller.add(queue, {"depot": "south"})
    lose(order, queue, later, paused)
    assert rescue_queue(order, queue) == 2
    # Given one suspect that was put off, and one whose tenant is paused.
    service.reschedule_job(queue, later, datetime.now(UTC) + timedelta(hours=1))
    service.pause_queue(queue, tenant="south")
    running = worker(threads=2)
    begin_alone = running.process.gate.begin_alone
    running.process.gate.begin_alone = lambda *args: (taken.append(0.0), begin_alone(*args))[1]  # type: ignore[method-assign]
    # When other work comes, then it is done, and the process hardly ever runs empty.
    wait_for(lambda: plain_redis.zcard(BASE + "suspects") == 0)
    time.sleep(1.5)
    assert len(taken) < 5
    others = caller.add_many(queue, [{"depot": "east"}] * 50)
    wait_for(lambda: all(service.get_job(queue, job).state == "completed" for job in others), 5)
    # When the tenant is resumed and the other's time has come, then both run.
    service.resume_queue(queue, tenant="south")
    service.promote_job(queue, later)
    caller.wait_all_ended()
    assert JobAttempt.objects.filter(outcome="stalled").count() == 2
    caller.assert_oracle()


def test_a_process_with_suspects_that_another_is_at_does_not_spin(
    declare: Declare, worker: StartWorker, caller: Caller, order: OrderClient, tuned: Callable[..., QueueSettings]
) -> None:
    """While one process ran a suspect for a minute, all the others asked for the lock thousands of times a second."""
    queue = declare(QueueConfig("parcels", actor="deliver"), lambda _: None)
    other = declare(QueueConfig("letters", actor="post"), lambda _: None)
    job = caller.add(queue)
    lose(order, queue, job)
    rescue_queue(order, queue)
    running = worker(threads=1, queues=[other])
    assert running.process.try_alone()  # this process is at it, for another queue
    asked: list[int] = []
    try_alone = running.process.try_alone
    running.process.try_alone = lambda: (asked.append(1), try_alone())[1]  # type: ignore[method-assign]
    lose_other = caller.add(other)
    lose(order, other, lose_other)
    rescue_queue(order, other)
    time.sleep(2)
    assert 1 <= len(asked) <= 6
    running.process.end_alone()
    wait_for(lambda: service.get_job(other, lose_other).state == "completed", 5)
    running.stop()
    worker(threads=1, queues=[queue])
    caller.wait_all_ended()
    caller.assert_oracle()
