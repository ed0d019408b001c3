"""Rule 17: what is not claimed has a reason, and its id is dropped or given back by it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import redis

from queues import service
from queues.config import QueueConfig
from queues.ledger.claim import LOCKED_MS, PAUSED_MS
from queues.ledger.finish import Kind
from queues.models import Job, QueueTenant
from queues.order.client import OrderClient
from queues.order.member import base_key
from queues.order.scripts import Placed, publish
from queues.testing import Declare, StartWorker, wait_for
from tests.queues import hands
from tests.queues.locks import holding_rows
from tests.queues.oracle import Caller

pytestmark = pytest.mark.rule(17)


@pytest.fixture
def queue(declare: Declare, order: OrderClient) -> str:
    name = declare(QueueConfig("letters"))
    hands.make_ready(order, name)
    return name


def reasons(queue: str, hand: hands.Hand) -> dict[UUID, int | None]:
    """The delay after which each id that was not claimed is offered again; None: dropped."""
    claimed, rest = hands.claim_hand(queue, hand)
    assert not {job.id for job in claimed} & {item.id for item in rest}
    assert len(claimed) + len(rest) == len(hand.ids)
    return {item.id: item.delay_ms for item in rest}


def test_each_reason(queue: str, order: OrderClient) -> None:
    """A redelivery is a no-op by construction: whatever Redis hands out, the row decides."""
    # Given ids of a job in every condition there is
    good, running, done, gone, later, locked, paused = (hands.waiting(order, queue, 1)[0] for _ in range(7))
    elsewhere = uuid4()
    Job.objects.filter(pk=running).update(state="active", token=elsewhere, worker="another")
    Job.objects.filter(pk=done).update(state="completed", finished_at=datetime.now(UTC))
    Job.objects.filter(pk=gone).delete()
    Job.objects.filter(pk=later).update(run_at=datetime.now(UTC) + timedelta(seconds=20), state="delayed")
    Job.objects.filter(pk=paused).update(tenant="north")
    QueueTenant.objects.create(queue=queue, tenant="north", paused=True)

    # When they are handed out and claimed
    with holding_rows(locked):
        found = reasons(queue, hands.take(order, queue, 10))

    # Then those for which nothing is left to do are dropped, the others given back, the one due later by what is left
    assert found.pop(later) in range(19_000, 20_001)
    assert found == {running: None, done: None, gone: None, locked: LOCKED_MS, paused: PAUSED_MS}
    assert Job.objects.get(pk=good).state == "active"
    assert Job.objects.get(pk=running).token == elsewhere


def test_an_id_of_another_queue_is_dropped(queue: str, order: OrderClient, declare: Declare) -> None:
    """Somebody copied keys; a job must not run by the rules of a queue that is not its own."""
    other = declare(QueueConfig("parcels"))
    (job,) = hands.rows(other, 1)
    publish(order, queue, [Placed(job.placed.member, 0)])

    assert reasons(queue, hands.take(order, queue)) == {job.id: None}
    assert Job.objects.get().state == "waiting"


@pytest.mark.fault(10)
def test_published_twice_and_after_its_end_it_runs_once(
    declare: Declare, worker: StartWorker, caller: Caller, order: OrderClient, plain_redis: redis.Redis
) -> None:
    """Every id is published twice, and again when its job has ended; under another place in the flow too."""
    ran: list[int] = []
    queue = declare(QueueConfig("parcels", actor="parcel"), lambda data: ran.append(data["n"]))
    worker()
    caller.add_many(queue, [{"n": number} for number in range(100)])

    def again() -> None:
        members = [f"{due}|2|{job}|" for job in caller.added for due in (1, 2)]
        publish(order, queue, [Placed(member, 0) for member in members])

    again()
    caller.wait_all_ended()
    again()
    wait_for(lambda: plain_redis.zcard(base_key(queue) + "flow:2:") == 0)

    assert sorted(ran) == list(range(100))
    caller.assert_oracle()


def test_what_is_given_back_is_not_missing_meanwhile(queue: str, order: OrderClient) -> None:
    """One call for all of them, under the token: between a release and a push the id would be nowhere."""
    job = service.add_job(queue, {})
    hand = hands.take(order, queue)
    Job.objects.update(run_at=datetime.now(UTC) + timedelta(seconds=5), state="delayed")
    ((_, delay),) = reasons(queue, hand).items()

    hands.let_go(order, queue, hand, delay)

    assert hands.sweep(order, queue) == 0
    assert hands.take(order, queue).ids == []
    assert hands.end(hand, Kind.COMPLETED) == set(), "it never held it"
    assert Job.objects.get(pk=job.id).attempts_made == 0
