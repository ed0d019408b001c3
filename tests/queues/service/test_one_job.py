"""What people may do to one job, through the public door."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User

from queues import service
from queues.config import QueueConfig
from queues.errors import InvalidJobData, InvalidTransition, JobNotFound
from queues.ledger.finish import Kind
from queues.models import AuditEntry, Job, JobAttempt, JobLog, JobSubject
from queues.order.client import OrderClient
from queues.states import TRANSITIONS, JobState
from queues.testing import Declare, StartWorker, wait_for
from tests.queues import hands
from tests.queues.oracle import Caller
from tests.queues.rows import make_job
from tests.queues.threads import at_once

STATES = [str(state) for state in JobState]


@pytest.fixture
def queue(declare: Declare) -> str:
    return declare(QueueConfig("letters", actor="letter", attempts=3, subjects=lambda _: ("patient:1", "visit:2")))


@pytest.fixture
def staff(queue_servers: None) -> User:
    return User.objects.create_user("ada")


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("verb", ["retry", "promote", "reschedule", "remove", "cancel"])
def test_each_verb_from_each_state(queue: str, verb: str, state: str) -> None:
    """What the table of transitions allows works, everything else is refused and changes nothing."""
    job = make_job(state, queue=queue, actor="letter", token=uuid4() if state == "active" else None)
    more: tuple[Any, ...] = (datetime.now(UTC) + timedelta(hours=1),) if verb == "reschedule" else ()
    deed: Callable[..., Any] = getattr(service, f"{verb}_job")
    before = Job.objects.filter(pk=job.pk).values().get()

    if state in TRANSITIONS[verb][0]:
        deed(queue, job.id, *more)
        after = Job.objects.filter(pk=job.pk).first()
        assert after is None if verb == "remove" else after is not None and after.state in TRANSITIONS[verb][1]
    elif verb == "cancel" and state == "active":
        assert deed(queue, job.id).cancel_requested
    else:
        with pytest.raises(InvalidTransition, match=f"Cannot {verb} a job that is {state}") as refusal:
            deed(queue, job.id, *more)
        assert verb not in refusal.value.allowed
        assert Job.objects.filter(pk=job.pk).values().get() == before


def test_a_retry_is_a_new_run_and_keeps_the_old_on_record(queue: str, order: OrderClient, staff: User) -> None:
    # Given a job that failed all its attempts
    hands.make_ready(order, queue)
    job = service.add_job(queue, {})
    for kind in (Kind.RETRY, Kind.RETRY, Kind.FAILED):
        hand = hands.take(order, queue)
        hands.claim_hand(queue, hand)
        hands.end(hand, kind, error_class="Gone", error="no such address")
        hands.let_go(order, queue, hand, 0 if kind is Kind.RETRY else None)
    assert service.get_job(queue, job.id).attempts_made == 3

    # When staff retry it
    again = service.retry_job(queue, job.id, by=staff, reason="address mended")

    # Then it has all attempts anew, and the old ones are on record
    assert (again.state, again.run, again.attempts_made, again.max_attempts) == ("waiting", 2, 0, 3)
    assert (again.error_class, again.finished_at, again.failed_at) == ("", None, None)
    assert list(JobAttempt.objects.order_by("id").values_list("run", "number", "outcome")) == [
        (1, 1, "retry"),
        (1, 2, "retry"),
        (1, 3, "failed"),
    ]
    entry = AuditEntry.objects.get()
    assert (entry.user_name, entry.action, entry.object_id, entry.reason) == (
        "ada", "retry", str(job.id), "address mended",
    )  # fmt: skip
    assert entry.before == {"state": "failed", "run": 1}


@pytest.mark.fault(22)
def test_fifty_people_retrying_at_once_make_one_run(
    declare: Declare, worker: StartWorker, caller: Caller, staff: User
) -> None:
    """A provider is back, and everybody who saw the failed job presses Retry."""
    runs: list[int] = []
    queue = declare(QueueConfig("parcels", actor="parcel"), lambda _: runs.append(1))
    job = make_job("failed", queue=queue, actor="parcel", tenant="")
    caller.added[job.id] = queue
    refusals: list[Exception] = []

    def press() -> None:
        try:
            service.retry_job(queue, job.id, by=staff)
        except InvalidTransition as error:
            refusals.append(error)

    at_once(*[press] * 50)
    worker()
    caller.wait_all_ended()

    assert (len(refusals), len(runs)) == (49, 1)
    assert service.get_job(queue, job.id).run == 2
    assert AuditEntry.objects.filter(action="retry").count() == 1
    caller.assert_oracle()


def test_a_removed_job_leaves_its_audit_entry_and_nothing_else(queue: str, staff: User) -> None:
    job = service.add_job(queue, {})
    service.add_log(queue, job.id, "looked at")
    assert JobSubject.objects.count() == 2

    service.remove_job(queue, job.id, by=staff, reason="added by mistake")

    assert [model.objects.count() for model in (Job, JobSubject, JobLog, JobAttempt)] == [0, 0, 0, 0]
    assert AuditEntry.objects.get().object_id == str(job.id)


def test_a_running_job_that_is_cancelled_stops(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    """Staff cancel a campaign that is running for an hour."""
    going: list[int] = []

    def body(_: dict[str, Any]) -> None:
        going.append(1)
        deadline = datetime.now(UTC) + timedelta(seconds=20)
        while datetime.now(UTC) < deadline:
            time.sleep(0.01)

    queue = declare(QueueConfig("parcels", actor="parcel"), body)
    running = worker()
    job = caller.add(queue)
    wait_for(lambda: going)
    service.cancel_job(queue, job, reason="wrong text")
    running.process.renewer.renew_soon()

    caller.wait_all_ended(10)

    assert service.get_job(queue, job).state == "cancelled"
    caller.assert_oracle()


@pytest.mark.parametrize("wrong", ["", "x", "../etc", "1" * 10_000, "\x00", "😀", str(uuid4()), 7, None])
def test_an_id_that_names_no_job(queue: str, wrong: Any) -> None:
    for deed in (service.get_job, service.retry_job, service.remove_job, service.cancel_job, service.promote_job):
        with pytest.raises(JobNotFound):
            deed(queue, wrong)


def test_a_job_of_another_queue_or_tenant_is_not_found(queue: str, declare: Declare) -> None:
    other = declare(QueueConfig("parcels"))
    job = make_job("failed", queue=queue, tenant="north")

    with pytest.raises(JobNotFound):
        service.get_job(other, job.id)
    for deed in (service.get_job, service.retry_job, service.remove_job, service.cancel_job):
        with pytest.raises(JobNotFound):
            deed(queue, job.id, tenants=["south"])
    assert service.retry_job(queue, job.id, tenants=["south", "north"]).state == "waiting"


def test_a_naive_time_is_refused_and_a_past_one_runs_now(queue: str) -> None:
    naive = datetime.now(UTC).replace(tzinfo=None)
    with pytest.raises(InvalidJobData, match="run_at"):
        service.schedule_job(queue, {}, naive)
    job = service.schedule_job(queue, {}, datetime(2020, 1, 1, tzinfo=UTC))
    assert job.state == "waiting"
    with pytest.raises(InvalidJobData, match="run_at"):
        service.reschedule_job(queue, job.id, naive)


def test_progress_and_log(queue: str) -> None:
    job = service.add_job(queue, {})
    service.update_progress(queue, job.id, {"done": 3, "total": 9})
    service.add_log(queue, job.id, "a line\x00 with a NUL", "warning")

    assert service.get_job(queue, job.id).progress == {"done": 3, "total": 9}
    assert list(JobLog.objects.values_list("level", "text", "run", "attempt")) == [
        ("warning", "a line with a NUL", 1, 1)
    ]
    with pytest.raises(JobNotFound):
        service.update_progress(queue, uuid4(), {})
    with pytest.raises(JobNotFound):
        service.add_log(queue, uuid4(), "x")
