"""Rule 20: the claim's commit may be asynchronous, the finish's is not."""

from collections.abc import Callable

import pytest

from queues import service
from queues.conf import QueueSettings
from queues.config import QueueConfig
from queues.ledger import sql
from queues.ledger.finish import Kind
from queues.models import Job
from queues.order.client import OrderClient
from queues.testing import Declare, StartWorker
from tests.queues import hands

pytestmark = pytest.mark.rule(20)


@pytest.mark.parametrize(("asynchronous", "setting"), [(1, "off"), (0, "on")])
def test_the_setting_is_the_claims_alone(
    declare: Declare, worker: StartWorker, tuned: Callable[..., QueueSettings], asynchronous: int, setting: str
) -> None:
    """To wait for the disk at each claim halves what a worker can do for nothing: a lost claim is a waiting row."""
    tuned(async_claim_commit=bool(asynchronous))
    seen: list[str] = []
    declare(QueueConfig("letters", actor="letter"), lambda _: seen.append("ran"))
    running = worker()

    with running.process._claim_lock:
        claims = sql.rows("SHOW synchronous_commit", [], running.process._claim_connection())

    assert claims == [(setting,)]
    # Outcomes, and what callers add, wait for the disk
    assert sql.rows("SHOW synchronous_commit", []) == [("on",)]


@pytest.mark.parametrize("kind", list(Kind))
def test_the_finish_of_a_lost_claim_is_refused(declare: Declare, order: OrderClient, kind: Kind) -> None:
    """The database crashes and forgets a claim: the row waits, somebody else claims it, and then the first one ends."""
    # Given a claim that the crash undid, and another's of the same job
    queue = declare(QueueConfig("letters"))
    hands.make_ready(order, queue)
    job = service.add_job(queue, {})
    first = hands.take(order, queue)
    hands.claim_hand(queue, first)
    Job.objects.update(state="waiting", token=None)
    hands.let_go(order, queue, first, 0)

    # When the first runner ends while the job waits, then nothing changes
    assert hands.end(first, kind, until=job.run_at) == set()
    assert service.get_job(queue, job.id).state == "waiting"

    # Nor while another runs it
    second = hands.take(order, queue)
    hands.claim_hand(queue, second)
    assert hands.end(first, kind, until=job.run_at) == set()
    assert service.get_job(queue, job.id).token == second.token
    assert hands.end(second, Kind.COMPLETED) == {job.id}
