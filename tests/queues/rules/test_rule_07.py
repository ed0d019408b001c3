"""Rule 7: the same id added twice, and unique keys."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import dramatiq
import pytest

from queues import service
from queues.config import QueueConfig
from queues.errors import DuplicateJob, UniqueConflict
from queues.ledger.add import NewJob, insert
from queues.ledger.finish import Kind
from queues.models import Job
from queues.order.client import OrderClient
from queues.testing import Declare
from tests.queues import hands
from tests.queues.threads import at_once

pytestmark = pytest.mark.rule(7)


def test_a_caller_that_repeats_an_id_is_told(declare: Declare, queue_servers: None) -> None:
    """A caller repeats a request with the id it made. A second job under it would overwrite the first one's record."""
    queue = declare(QueueConfig("letters", actor="letter"), lambda _: None)
    job_id = uuid4()
    service.add_job(queue, {"n": 1}, job_id=job_id)

    with pytest.raises(DuplicateJob, match=str(job_id)):
        service.add_job(queue, {"n": 2}, job_id=job_id)
    message: dramatiq.Message[None] = dramatiq.Message(queue, "letter", ({"n": 3},), {}, {}, str(job_id))
    with pytest.raises(DuplicateJob):
        dramatiq.get_broker().enqueue(message)

    assert Job.objects.get().data == {"n": 1}


def test_a_hook_that_repeats_an_id_does_nothing(declare: Declare, queue_servers: None) -> None:
    """A pipeline's next stage carries a fixed id; the stage before it ran twice. It must not fail for that."""
    queue = declare(QueueConfig("letters"))
    stage = NewJob(queue, "letter", '{"n": 1}', 2, 3)

    assert [len(insert([stage])) for _ in range(2)] == [1, 0]
    assert Job.objects.count() == 1


def test_one_open_job_a_key_though_ten_add_at_once(declare: Declare, queue_servers: None) -> None:
    """Ten web processes book the same reminder in the same instant."""
    queue, other = declare(QueueConfig("letters")), declare(QueueConfig("parcels"))
    found: list[UUID] = []

    def add() -> None:
        found.append(service.add_job(queue, {}, unique_key="appointment:1").id)

    at_once(*[add] * 10)

    assert len(set(found)) == 1
    assert Job.objects.count() == 1
    # And another queue's keys are its own
    assert service.add_job(other, {}, unique_key="appointment:1").id not in found


def test_a_key_is_free_again_when_its_job_has_ended(
    declare: Declare, order: OrderClient, ended: Callable[..., UUID]
) -> None:
    queue = declare(QueueConfig("letters"))
    first = ended(queue, Kind.COMPLETED, unique_key="appointment:1")

    assert service.add_job(queue, {}, unique_key="appointment:1").id != first


def test_an_old_job_is_not_retried_beside_its_newer_self(
    declare: Declare, order: OrderClient, ended: Callable[..., UUID]
) -> None:
    """Staff retry yesterday's failed reminder while today's of the same appointment is open: it would go out twice."""
    queue = declare(QueueConfig("letters"))
    old = ended(queue, Kind.FAILED, unique_key="appointment:1", error_class="Gone")
    newer = service.add_job(queue, {}, unique_key="appointment:1")

    with pytest.raises(UniqueConflict) as refusal:
        service.retry_job(queue, old)

    assert str(newer.id) in str(refusal.value)
    assert service.get_job(queue, old).state == "failed"


@pytest.fixture
def ended(order: OrderClient) -> Callable[..., UUID]:
    """Return a function that adds a job and lets its one attempt end."""

    def make(queue: str, kind: Kind, *, unique_key: str, **how: Any) -> UUID:
        hands.make_ready(order, queue)
        job = service.add_job(queue, {}, unique_key=unique_key)
        hand = hands.take(order, queue)
        hands.claim_hand(queue, hand)
        hands.end(hand, kind, **how)
        hands.let_go(order, queue, hand)
        return job.id

    return make
