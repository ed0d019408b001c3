"""The gate: counting what is held, and who may claim how much."""

from __future__ import annotations

import threading

import pytest

from queues.broker.gate import AHEAD_MAX, Gate
from queues.testing import wait_for


def test_idle_threads_are_granted_and_given_back() -> None:
    gate = Gate(4)
    assert gate.acquire("a", 0.1) == 4
    assert gate.held == 4
    assert gate.acquire("a", 0.01) == 0
    gate.give_back("a", 3)
    gate.give_back("a", 0)
    assert gate.acquire("a", 0.1) == 3
    for _ in range(4):
        gate.done("a", 1.0)
    assert gate.held == 0


def test_a_queues_own_concurrency_counts_in_the_process() -> None:
    gate = Gate(4)
    assert gate.acquire("scan", 0.1, limit=1) == 1
    assert gate.acquire("scan", 0.01, limit=1) == 0
    assert gate.acquire("other", 0.1) == 3


@pytest.mark.parametrize(
    ("run_s", "ahead"), [(0.0, AHEAD_MAX), (0.0002, AHEAD_MAX), (0.002, 40), (0.02, 4), (0.021, 0), (5.0, 0)]
)
def test_ahead_is_what_the_threads_eat_in_twenty_milliseconds(run_s: float, ahead: int) -> None:
    gate = Gate(4)
    assert gate.ahead("a") == 0  # nothing is known yet
    gate.acquire("a", 0.1)
    gate.done("a", run_s)
    assert gate.ahead("a") == ahead


def test_a_long_job_makes_a_queue_careful_at_once() -> None:
    gate = Gate(2)
    for _ in range(50):
        gate.acquire("a", 0.1)
        gate.done("a", 0.001)
        gate.give_back("a", gate.held)
    assert gate.ahead("a") > 0
    gate.acquire("a", 0.1)
    gate.done("a", 1.0)
    assert gate.ahead("a") == 0


def test_capped_and_limited_queues_take_nothing_ahead() -> None:
    gate = Gate(1)
    gate.acquire("a", 0.1)
    gate.done("a", 0.0001)
    assert gate.acquire("a", 0.1, eager=False) == 1
    gate.give_back("a", 1)
    assert gate.acquire("a", 0.1, limit=5) == 1


def test_nothing_is_granted_while_the_committer_has_no_room() -> None:
    room: list[int] = []
    gate = Gate(1, lambda: bool(room))
    assert gate.acquire("a", 0.05) == 0
    threading.Timer(0.1, room.append, [1]).start()
    assert gate.acquire("a", 2) == 1


def test_shutting_ends_the_wait_of_all_and_grants_no_more() -> None:
    gate = Gate(1)
    gate.acquire("a", 0.1)
    granted: list[int] = []
    thread = threading.Thread(target=lambda: granted.append(gate.acquire("b", 10)))
    thread.start()
    gate.shut()
    thread.join(2)
    assert granted == [0]
    gate.give_back("a", 1)
    assert gate.acquire("a", 0.01) == 0
    assert not gate.begin_alone("a", 0.01)


def test_alone_waits_until_nothing_is_held_and_lets_nobody_else_in() -> None:
    gate = Gate(2)
    gate.acquire("a", 0.1)
    assert not gate.begin_alone("a", 0.02)
    assert gate.acquire("b", 0.01) == 0
    gate.give_back("a", 2)
    assert gate.begin_alone("a", 0.02)
    gate.take_alone("a")
    assert gate.held == 1
    assert not gate.wait_empty(0.01)
    gate.done("a", 0.1)
    assert gate.wait_empty(0.01)
    gate.end_alone()
    assert gate.acquire("b", 0.1) == 2


def test_free_threads_are_shared_among_the_queues_in_line() -> None:
    gate = Gate(8)
    gate.acquire("a", 0.1)
    got: dict[str, int] = {}

    def ask(queue: str) -> None:
        got[queue] = gate.acquire(queue, 5)

    threads = [threading.Thread(target=ask, args=(queue,)) for queue in "abcd"]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(gate._line) == 4)
    gate.give_back("a", 8)
    for thread in threads:
        thread.join(5)
    assert sum(got.values()) == 8
    assert set(got.values()) == {2} or max(got.values()) <= 4
