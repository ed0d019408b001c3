"""What people may do to a whole queue: pause, resume, clean, empty."""

import threading
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User

from queues import service
from queues.config import QueueConfig
from queues.errors import InvalidTransition, UnknownQueue
from queues.models import AuditEntry, Job, Queue, QueueTenant
from queues.testing import Declare, StartWorker, wait_for
from tests.queues.oracle import Caller
from tests.queues.rows import make_jobs
from tests.queues.servers import OwnValkey

DAY = timedelta(days=1)


@pytest.fixture
def queue(declare: Declare) -> str:
    return declare(QueueConfig("letters", actor="letter"))


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled", "waiting", "delayed"])
def test_clean_removes_what_is_old_enough_in_one_state(queue: str, status: str) -> None:
    for state in ("completed", "failed", "cancelled", "waiting", "delayed", "active"):
        make_jobs(3, state, queue=queue, ago=2 * DAY)
        make_jobs(2, state, queue=queue)
    make_jobs(1, status, ago=2 * DAY)  # another queue's

    assert service.clean_queue(queue, DAY.total_seconds(), status) == 3

    assert Job.objects.filter(queue=queue, state=status).count() == 2
    assert Job.objects.count() == 6 * 5 - 3 + 1


def test_clean_heeds_its_limit_and_tenant_and_refuses_what_runs(queue: str) -> None:
    make_jobs(5, "completed", queue=queue, ago=DAY)
    make_jobs(5, "completed", queue=queue, ago=DAY, tenant="south")

    assert service.clean_queue(queue, 0, "completed", limit=2) == 2
    assert service.clean_queue(queue, 0, "completed", tenant="south") >= 3
    assert not Job.objects.filter(tenant="south").exists()
    for wrong in ("active", "paused", ""):
        with pytest.raises(InvalidTransition):
            service.clean_queue(queue, 0, wrong)


@pytest.mark.fault(24)
def test_empty_while_workers_run_keeps_what_runs(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    """Staff empty a queue under load: what runs ends as it would have, and nothing that was emptied runs."""
    # Given two running jobs and five hundred that wait
    go = threading.Event()
    ran: list[int] = []

    def body(data: dict[str, int]) -> None:
        ran.append(data["n"])
        go.wait(10)

    queue = declare(QueueConfig("parcels", actor="parcel"), body)
    worker(threads=2)
    ids = caller.add_many(queue, [{"n": number} for number in range(500)])
    wait_for(lambda: len(ran) == 2)

    # When it is emptied
    removed = service.empty_queue(queue)
    caller.removed |= set(ids) - set(caller.states())
    go.set()

    # Then those two end, and no other starts
    caller.wait_all_ended()
    assert removed == 498
    assert sorted(caller.states().values()) == ["completed"] * 2
    assert len(ran) == 2
    caller.assert_oracle()


def test_everything_that_a_person_does_is_on_record(queue: str) -> None:
    staff = User.objects.create_user("ada")
    service.pause_queue(queue, by=staff, reason="provider down")
    service.pause_queue(queue, tenant="north", by=staff)
    service.empty_queue(queue, by=staff)
    service.clean_queue(queue, 0, "failed", by=staff)
    service.resume_queue(queue, by=staff)

    assert list(AuditEntry.objects.order_by("id").values_list("user_name", "action", "tenant", "reason")) == [
        ("ada", "pause", "", "provider down"),
        ("ada", "pause", "north", ""),
        ("ada", "empty", "", ""),
        ("ada", "clean", "", ""),
        ("ada", "resume", "", ""),
    ]
    assert not Queue.objects.get(name=queue).paused
    assert QueueTenant.objects.get(queue=queue).paused_by == "ada"


def test_a_pause_is_stored_while_redis_is_away(queue: str, own_valkey: OwnValkey) -> None:
    own_valkey.stop()

    service.pause_queue(queue, reason="Redis is away")

    assert Queue.objects.get(name=queue).paused_reason == "Redis is away"
    assert service.get_queue_stats(queue).paused
    own_valkey.start()


def test_the_asynchronous_twins_do_the_same(queue: str) -> None:
    async def life() -> str:
        job = await service.aadd_job(queue, {}, delay=60_000)
        await service.apromote_job(queue, job.id)
        await service.acancel_job(queue, job.id)
        await service.aretry_job(queue, job.id)
        return (await service.aget_job(queue, job.id)).state

    assert async_to_sync(life)() == "waiting"


@pytest.mark.parametrize("wrong", ["", "letter", "../letters", None, 7])
def test_an_unknown_queue_is_refused(queue: str, wrong: object) -> None:
    for deed in (service.pause_queue, service.resume_queue, service.empty_queue, service.get_queue_stats):
        with pytest.raises(UnknownQueue, match="letters"):
            deed(wrong)
