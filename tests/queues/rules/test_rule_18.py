"""Rule 18: a slow claim is undone, and its jobs are given back."""

import time
from collections.abc import Callable

import pytest

from queues.conf import QueueSettings
from queues.config import QueueConfig
from queues.ledger import sql
from queues.models import Job, JobAttempt
from queues.testing import Declare, StartWorker, wait_for
from tests.queues.locks import elsewhere
from tests.queues.oracle import Caller

pytestmark = pytest.mark.rule(18)

#: Milliseconds of a lease: a claim's time-outs are its third, its result is taken until its half.
LEASE_MS = 1500
#: Waiting for a lock, as PostgreSQL shows it.
_WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND application_name = 'queues-claim' AND wait_event_type = 'Lock'"
)


@pytest.fixture
def ran() -> list[int]:
    return []


@pytest.fixture
def queue(declare: Declare, tuned: Callable[..., QueueSettings], ran: list[int]) -> str:
    tuned(lock_duration_ms=LEASE_MS)
    return declare(QueueConfig("letters", actor="letter"), lambda data: ran.append(data["n"]))


def hold_up_claims(caller: Caller, queue: str, seconds: float) -> None:
    """Add ten jobs while claims must wait for a table, from the first that waits for ``seconds``."""
    with elsewhere() as other:
        other.execute("LOCK TABLE queues_queuetenant IN ACCESS EXCLUSIVE MODE")
        caller.add_many(queue, [{"n": number} for number in range(10)])
        wait_for(lambda: sql.rows(_WAITING, [])[0][0] > 0)
        time.sleep(seconds)


def test_a_claim_that_came_too_late_is_not_run(queue: str, worker: StartWorker, caller: Caller, ran: list[int]) -> None:
    """The database hangs for most of a lease, then claims. Run now, jobs would outlive their leases and run twice."""
    worker()
    hold_up_claims(caller, queue, LEASE_MS * 0.6 / 1000)

    caller.wait_all_ended()

    # Some claims were taken back, each job ran once, and no attempt was spent on it
    undone = sql.rows("SELECT count(*) FROM witness WHERE before = 'active' AND after = 'waiting'", [])
    assert undone[0][0] > 0
    assert sorted(ran) == list(range(10))
    assert not JobAttempt.objects.exists()
    caller.assert_oracle()


def test_a_claim_that_never_comes_gives_its_ids_back(
    queue: str, worker: StartWorker, caller: Caller, ran: list[int]
) -> None:
    """The database hangs for longer than a lease: the consumer must not hang with it, holding ids for ever."""
    worker()
    hold_up_claims(caller, queue, LEASE_MS * 1.5 / 1000)

    caller.wait_all_ended()

    assert sorted(ran) == list(range(10))
    assert not JobAttempt.objects.exists()
    assert set(Job.objects.values_list("stalled", "suspect", "attempts_made")) == {(0, False, 1)}
    caller.assert_oracle()
