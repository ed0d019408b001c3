"""One clinic's hundred thousand jobs, and the others' one."""

import time

import pytest

from queues import service
from queues.config import QueueConfig
from queues.ledger.add import NewJob, insert
from queues.models import Job
from queues.order.client import OrderClient
from queues.testing import Declare, StartWorker, wait_for
from tests.queues import hands
from tests.queues.oracle import Caller

CROWD = 100_000


@pytest.mark.slow
def test_another_tenants_single_job_starts_within_a_second(
    declare: Declare, worker: StartWorker, order: OrderClient
) -> None:
    """A clinic group imports a hundred thousand letters; a small clinic's reminder is due now."""
    # Given a hundred thousand waiting jobs of one tenant, all known to Redis, and a worker busy with them
    started: list[float] = []

    def letter(data: dict[str, object]) -> None:
        if data:
            started.append(time.monotonic())
        else:
            time.sleep(0.02)

    queue = declare(QueueConfig("letters", actor="letter", tenant=lambda _: "small"), letter)
    hands.make_ready(order, queue)
    for _ in range(CROWD // 10_000):
        insert([NewJob(queue, "letter", "{}", 2, 3, tenant="large") for _ in range(10_000)])
    assert hands.sweep(order, queue, all_due=True) == CROWD
    worker(threads=2)
    wait_for(lambda: Job.objects.filter(queue=queue, state="completed").exists())

    # When the other tenant adds its one, time and again
    for number in range(3):
        began = time.monotonic()
        service.add_job(queue, {"n": number})
        wait_for(lambda number=number: len(started) > number, 5)

        # Then it starts within a second
        assert started[number] - began < 1.0


def test_a_retry_keeps_its_place_behind_nobody(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    """A job fails once. When its wait is over it comes before those that were added after it."""
    order_of_runs: list[int] = []

    def body(data: dict[str, int]) -> None:
        order_of_runs.append(data["n"])
        if data["n"] == 0 and order_of_runs.count(0) == 1:
            raise ConnectionError
        time.sleep(0.01)

    queue = declare(QueueConfig("letters", actor="letter", attempts=2, concurrency=1), body)
    caller.add(queue, {"n": 0})
    caller.add_many(queue, [{"n": number} for number in range(1, 400)])
    Job.objects.filter(queue=queue).update(options={"min_backoff": 300})
    worker(threads=1)

    caller.wait_all_ended(30)

    # It was tried again about 0.3 s later, with most of the others still to come
    again = len(order_of_runs) - 1 - order_of_runs[::-1].index(0)
    assert 0 < again < 200
    assert order_of_runs[:again] + order_of_runs[again + 1 :] == list(range(400))
    caller.assert_oracle()
