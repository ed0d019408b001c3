"""Adding rows: many at once, subjects, keys that were freed meanwhile, bulk removal beside others."""

from uuid import UUID

import pytest
from django.db import transaction

from queues import service
from queues.config import QueueConfig
from queues.errors import InvalidJobData
from queues.ledger.add import BATCH, NewJob, insert
from queues.models import Job, JobSubject
from queues.testing import Declare
from tests.queues.locks import elsewhere


@pytest.fixture
def queue(declare: Declare) -> str:
    return declare(QueueConfig("letters"))


def test_more_than_a_statement_holds_keep_their_order(queue: str) -> None:
    ids = service.add_jobs(queue, [{"n": number} for number in range(2 * BATCH + 1)])

    assert len(ids) == 2 * BATCH + 1
    assert ids == sorted(ids)
    assert list(Job.objects.order_by("due_at", "id").values_list("data__n", flat=True)) == list(range(2 * BATCH + 1))


def test_all_of_many_or_none(queue: str) -> None:
    with pytest.raises(InvalidJobData, match=r"\[2\]\.data") as refusal:
        service.add_jobs(queue, [{}, {}, {"bad": float("nan")}, {}])

    assert list(refusal.value.errors) == ["[2].data.bad"]
    assert not Job.objects.exists()


def test_subjects_are_linked_once_each(queue: str) -> None:
    insert([NewJob(queue, "letter", "{}", 2, 3, subjects=("patient:1", "visit:1", "patient:1")) for _ in range(3)])

    assert JobSubject.objects.filter(subject="patient:1").count() == 3
    assert JobSubject.objects.count() == 6


def test_a_key_that_is_freed_while_the_caller_waits_for_it(queue: str) -> None:
    """The holder of the key is removed by a transaction that is still open: the add waits, then finds nobody there."""
    first = service.add_job(queue, {"n": 1}, unique_key="visit:1")
    with elsewhere() as other:
        other.execute("DELETE FROM queues_job WHERE id = %s", [first.id])
        other.commit()
        second = service.add_job(queue, {"n": 2}, unique_key="visit:1")

    assert second.id != first.id
    assert Job.objects.get().data == {"n": 2}


def test_a_transaction_goes_on_after_a_repeated_key(queue: str) -> None:
    """The caller's transaction must not be broken by what is no error."""
    with transaction.atomic():
        first = service.add_job(queue, {}, unique_key="visit:1")
        again = service.add_job(queue, {}, unique_key="visit:1")
        other = service.add_job(queue, {})

    assert again.id == first.id
    assert set(Job.objects.values_list("id", flat=True)) == {first.id, other.id}
    assert isinstance(other.id, UUID)
