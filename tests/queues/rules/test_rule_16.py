"""Rule 16: a claim takes what it can get; statements on many rows lock in id order."""

import random
import time
from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import connection, transaction

from queues.config import QueueConfig
from queues.ledger import sql
from queues.ledger.claim import LOCKED_MS, claim, undo
from queues.ledger.finish import Ended, Kind, finish
from queues.order.client import OrderClient
from queues.testing import Declare, StartWorker, wait_for
from tests.queues import hands
from tests.queues.locks import holding_rows
from tests.queues.oracle import Caller
from tests.queues.threads import at_once

pytestmark = pytest.mark.rule(16)


def test_one_held_row_does_not_hold_up_the_batch(declare: Declare, order: OrderClient) -> None:
    """A clinic reschedules one appointment in a transaction that takes long; the batch would wait for it."""
    queue = declare(QueueConfig("letters"))
    hands.make_ready(order, queue)
    ids = hands.waiting(order, queue, 10)
    hand = hands.take(order, queue, 10)

    with holding_rows(ids[3]), connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '1s'")
        claimed, rest = hands.claim_hand(queue, hand)
        cursor.execute("RESET lock_timeout")

    assert {job.id for job in claimed} == set(ids) - {ids[3]}
    assert [(item.id, item.delay_ms) for item in rest] == [(ids[3], LOCKED_MS)]


def test_a_held_job_runs_when_it_is_let_go(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    """Its id came while the row was held; given back with a short delay, it is offered again until it can be had."""
    queue = declare(QueueConfig("letters", actor="letter"), lambda _: None)
    jobs = caller.add_many(queue, [{}] * 5)
    with holding_rows(jobs[2]):
        worker()
        wait_for(lambda: list(caller.states().values()).count("completed") == 4)
        assert caller.states()[jobs[2]] == "waiting"

    caller.wait_all_ended(2)
    caller.assert_oracle()


def test_statements_on_the_same_rows_do_not_deadlock(declare: Declare, queue_servers: None) -> None:
    """Claims, finishes and undone claims of overlapping batches, each in an order of its own."""
    queue = declare(QueueConfig("letters"))
    ids = [item.id for item in hands.rows(queue, 40)]
    seed = random.randrange(2**32)
    until = time.monotonic() + 1.5

    def work(number: int) -> None:
        chance = random.Random(seed + number)
        while time.monotonic() < until:
            mine = chance.sample(ids, 30)
            token = UUID(int=chance.getrandbits(128))
            claimed, _ = claim(queue, mine, token, "worker", alone=False, wrapper=connection)
            got = [job.id for job in claimed]
            chance.shuffle(got)
            if chance.random() < 0.5:
                undo(got, token)
            else:
                with transaction.atomic():
                    finish([Ended(job_id, token, Kind.RELEASED) for job_id in got], connection)

    at_once(*[_nth(work, number) for number in range(4)])

    assert sql.rows("SELECT state, count(*) FROM queues_job GROUP BY 1", []) == [("waiting", 40)], f"seed {seed}"


def _nth(work: Callable[[int], None], number: int) -> Callable[[], None]:
    return lambda: work(number)
