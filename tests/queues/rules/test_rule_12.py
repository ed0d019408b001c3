"""Rule 12: one gate for all queues of a process."""

import threading
import time
from collections import Counter

import pytest

from queues import service
from queues.broker.gate import AHEAD_S, Gate
from queues.config import QueueConfig
from queues.testing import Declare, StartWorker, wait_for
from tests.queues.oracle import Caller
from tests.queues.threads import at_once

pytestmark = pytest.mark.rule(12)


def learn(gate: Gate, queue: str, run_s: float) -> None:
    """Let the gate see runs of that length."""
    for _ in range(20):
        gate.acquire(queue, 0.1)
        while gate.held:
            gate.done(queue, run_s)


def test_what_is_claimed_ahead_is_what_threads_soon_eat() -> None:
    """A job waits claimed and invisible behind a long one in one process, while another process is idle."""
    gate = Gate(threads=4)
    assert gate.acquire("letters", 0.1) == 4, "of unknown length: one a thread"
    learn(gate, "long", AHEAD_S * 2)
    learn(gate, "short", 0.001)

    assert gate.ahead("long") == 0
    assert gate.ahead("short") == pytest.approx(4 * AHEAD_S / 0.001, rel=0.2)
    # Nor for capped queues, whatever their length
    assert gate.acquire("short", 0.1, eager=False) == 4
    assert gate.acquire("short", 0.01, eager=False) == 0


def test_a_queue_has_no_more_jobs_here_than_its_concurrency() -> None:
    gate = Gate(threads=8)

    assert gate.acquire("scan", 0.1, limit=1) == 1
    assert gate.acquire("scan", 0.01, limit=1) == 0
    assert gate.acquire("letters", 0.1) == 7
    gate.done("scan", 1.0)
    assert gate.acquire("scan", 0.1, limit=1) == 1


def test_free_threads_go_to_the_waiting_queues_in_turn() -> None:
    """A queue with a backlog asks again at once, whenever a thread is free; four other queues would never get one."""
    gate = Gate(threads=1)
    got: Counter[str] = Counter()
    until = time.monotonic() + 0.5

    def ask(queue: str) -> None:
        while time.monotonic() < until:
            for _ in range(gate.acquire(queue, 0.05)):
                got[queue] += 1
                time.sleep(0.001)
                gate.done(queue, 0.1)

    at_once(*[lambda queue=queue: ask(queue) for queue in ("a", "b", "c", "d", "e")])

    assert len(got) == 5
    assert max(got.values()) <= 4 * min(got.values())


def test_no_consumer_claims_more_than_the_threads_can_run(
    declare: Declare, worker: StartWorker, caller: Caller
) -> None:
    """Dramatiq prefetches per queue, twice the threads, and does not count (546 rows were claimed, 4 asked for)."""
    # Given a worker with three threads and two queues full of long jobs
    go = threading.Event()
    queues = [declare(QueueConfig(f"long-{n}", actor=f"long_{n}"), lambda _: go.wait(10)) for n in range(2)]
    for queue in queues:
        caller.add_many(queue, [{}] * 20)
    running = worker(threads=3)

    # When all threads are at work
    wait_for(lambda: list(caller.states().values()).count("active") >= 3)

    # Then no more than they hold is claimed
    deadline = time.monotonic() + 0.5
    while time.monotonic() < deadline:
        assert list(caller.states().values()).count("active") == 3
        assert running.process.gate.held == 3
    go.set()
    caller.wait_all_ended()
    caller.assert_oracle()


def test_one_queues_backlog_does_not_hold_up_another_queues_job(
    declare: Declare, worker: StartWorker, caller: Caller
) -> None:
    """A clinic imports 200 letters of a tenth of a second each; a reminder of another queue is due now."""
    started: list[float] = []
    backlog = declare(QueueConfig("letters", actor="letter"), lambda _: time.sleep(0.1))
    other = declare(QueueConfig("parcels", actor="parcel"), lambda _: started.append(time.monotonic()))
    worker(threads=2)
    caller.add_many(backlog, [{}] * 200)
    wait_for(lambda: "active" in caller.states().values())

    for number in range(5):
        began = time.monotonic()
        caller.add(other)
        wait_for(lambda number=number: len(started) > number, 3)
        assert started[number] - began < 1.0

    service.empty_queue(backlog)
    caller.removed |= set(caller.added)
    wait_for(lambda: "active" not in caller.states().values())
