"""Rule 21: expiry is a condition of the claim, on PostgreSQL's clock."""

import time
from datetime import UTC, datetime, timedelta

import dramatiq
import pytest

from queues import service
from queues.config import QueueConfig
from queues.order.client import OrderClient
from queues.testing import Declare, StartWorker, wait_for
from tests.queues import hands
from tests.queues.oracle import Caller

pytestmark = pytest.mark.rule(21)


def ahead(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def test_what_was_not_started_by_then_is_not_started(declare: Declare, order: OrderClient) -> None:
    """A message says "please bring your card tomorrow" and is sent the day after since the queue stood still."""
    queue = declare(QueueConfig("letters"))
    hands.make_ready(order, queue)
    stale = service.add_job(queue, {}, expires_at=ahead(0.3))
    fresh = service.add_job(queue, {}, expires_at=ahead(60))
    hand = hands.take(order, queue, 2)
    wait_for(lambda: stale.expires_at is not None and datetime.now(UTC) > stale.expires_at)

    claimed, dropped = hands.claim_hand(queue, hand)

    assert [job.id for job in claimed] == [fresh.id]
    assert [(item.id, item.delay_ms) for item in dropped] == [(stale.id, None)]
    ended = service.get_job(queue, stale.id)
    assert (ended.state, ended.reason) == ("cancelled", "expired")
    assert ended.finished_at is not None


def test_what_nobody_claims_is_ended_by_the_sweep(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    """A queue is paused for a week: its expired jobs would stand in the lists as waiting."""
    queue = declare(QueueConfig("letters", actor="letter"), lambda _: None)
    service.pause_queue(queue)
    worker()
    caller.add(queue, expires_at=ahead(0.2))
    caller.add(queue, expires_at=ahead(0.2), delay=100)

    caller.wait_all_ended(10)

    assert set(caller.states().values()) == {"cancelled"}
    caller.assert_oracle()


def test_a_started_job_does_not_expire(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    queue = declare(QueueConfig("letters", actor="letter"), lambda _: time.sleep(0.4))
    worker()
    caller.add(queue, expires_at=ahead(0.3))

    caller.wait_all_ended()

    assert set(caller.states().values()) == {"completed"}


def test_the_workers_clock_has_no_say(
    declare: Declare, worker: StartWorker, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker's clock is an hour fast: Dramatiq's AgeLimit, which asks it, would drop every job unseen."""
    queue = declare(QueueConfig("letters", actor="letter"), lambda _: None)
    caller.add(queue, expires_at=ahead(60))
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 3600)
    worker()

    caller.wait_all_ended()

    assert set(caller.states().values()) == {"completed"}
    names = [type(middleware).__name__ for middleware in dramatiq.get_broker().middleware]
    assert "AgeLimit" not in names
