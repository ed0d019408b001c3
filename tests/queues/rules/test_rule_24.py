"""Rule 24: the thread does not wait for the commit; lease and slot are freed by the settle after it."""

from __future__ import annotations

import threading
import time

import pytest
import redis
from django.conf import settings

from queues import service
from queues.broker import committer
from queues.config import QueueConfig
from queues.order.member import base_key
from queues.testing import Declare, StartWorker, wait_for
from tests.queues.holding import refusing
from tests.queues.locks import holding_rows
from tests.queues.oracle import Caller


@pytest.mark.rule(24)
def test_a_thread_goes_on_while_an_outcome_waits_for_its_commit(
    declare: Declare, worker: StartWorker, caller: Caller
) -> None:
    """A booking held one job's row in a long transaction. Every thread that finished such a job stood still with it."""
    done: list[str] = []
    go = threading.Event()

    def deliver(data: dict[str, str]) -> None:
        if data["to"] == "first":
            assert go.wait(5)
        done.append(data["to"])

    queue = declare(QueueConfig("parcels", actor="deliver"), deliver)
    worker(threads=1)
    first = caller.add(queue, {"to": "first"})
    wait_for(lambda: service.get_job(queue, first).state == "active")
    with redis.Redis.from_url(settings.QUEUES.redis_url) as server:
        with holding_rows(first):
            # Given an outcome that cannot be committed. When more work comes, then the one thread does it.
            go.set()
            wait_for(lambda: done == ["first"])
            second = caller.add(queue, {"to": "second"})
            wait_for(lambda: done == ["first", "second"])
            # And nothing was let go of before its commit.
            assert [service.get_job(queue, job).state for job in (first, second)] == ["active", "active"]
            assert server.zcard(base_key(queue) + "leases") == 2
        # When the row is free, then both are committed and let go of.
        caller.wait_all_ended()
    caller.assert_oracle()


@pytest.mark.rule(24)
def test_the_slot_of_a_cap_is_freed_by_the_commit_not_by_the_thread(
    declare: Declare, worker: StartWorker, caller: Caller
) -> None:
    """A provider allows one call at a time.

    The slot was free before the outcome was on record: had the process died in between, two would have run at once.
    """
    go = threading.Event()
    begun: list[str] = []

    def deliver(data: dict[str, str]) -> None:
        begun.append(data["to"])
        assert go.wait(5)

    queue = declare(QueueConfig("parcels", actor="deliver", global_concurrency=1), deliver)
    worker(threads=2)
    first = caller.add(queue, {"to": "first"})
    wait_for(lambda: begun == ["first"])
    caller.add(queue, {"to": "second"})
    with holding_rows(first):
        go.set()
        time.sleep(0.7)  # nothing may happen; there is nothing to wait for
        assert begun == ["first"]
    caller.wait_all_ended()
    assert begun == ["first", "second"]
    caller.assert_oracle()


@pytest.mark.rule(24)
def test_nothing_is_fetched_while_many_outcomes_are_uncommitted(
    declare: Declare, worker: StartWorker, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database stood still for a minute.

    The workers ran a hundred thousand jobs in it and then died of memory, and all of them ran again.
    """
    monkeypatch.setattr(committer, "BACKLOG_MAX", 8)
    done: list[int] = []
    queue = declare(QueueConfig("parcels", actor="deliver"), lambda data: done.append(data["number"]))
    worker(threads=2)
    # Given a database that takes claims and, for now, no outcome.
    with refusing("new.state = 'completed'", "40001"):
        # When much work comes, then the threads do what is claimed, and no more is fetched.
        caller.add_many(queue, [{"number": number} for number in range(2000)])
        wait_for(lambda: done)
        assert wait_for(lambda: _stands_still(done)) < 1000
    caller.wait_all_ended(30)
    caller.assert_oracle()
    assert sorted(done) == list(range(2000))


def _stands_still(done: list[int]) -> int:
    before = len(done)
    time.sleep(0.5)
    return before if len(done) == before else 0
