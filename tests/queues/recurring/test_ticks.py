"""A tick and its job: both or neither, once, and never of a schedule that was changed meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from queues.errors import InvalidJobData
from queues.models import AuditEntry, Job, RecurringJob, Tick
from queues.recurring.schedules import change_recurring_job, schedule_recurring_job
from queues.recurring.ticks import Fired, RecurringJobNotFound, clock, fire, run_now

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_url", "parcels")]


def second(ago: int = 0) -> datetime:
    """Return the start of this second, or one so many seconds ago."""
    return clock().replace(microsecond=0) - timedelta(seconds=ago)


def recurring(**given: Any) -> RecurringJob:
    return schedule_recurring_job("parcels", {"depot": "north"}, "* * * * *", **given)


@pytest.mark.rule(42)
def test_a_tick_adds_its_job_due_at_the_ticks_time() -> None:
    # Given a recurring job. When its tick fires.
    row, due = recurring(priority=1), second()
    assert fire(row.pk, row.revision, due) is Fired.RAN
    # Then tick and job are there, and the job is what the queue would have made of the data.
    tick, job = Tick.objects.get(), Job.objects.get()
    assert (tick.scheduled_for, tick.outcome, tick.job_id) == (due, "ran", job.pk)
    assert (job.run_at, job.tenant, job.subjects, job.priority) == (due, "north", ["depot:north"], 1)
    assert (job.data, job.max_attempts, job.state) == ({"depot": "north"}, 4, "waiting")


@pytest.mark.rule(42)
def test_five_schedulers_that_fire_one_tick_make_one_job() -> None:
    # Given five schedulers that wake at the same instant, twenty times over.
    row = recurring()
    moments = [second(ago) for ago in range(20)]
    start = Barrier(5)

    def scheduler(_: int) -> list[Fired]:
        try:
            start.wait()
            return [fire(row.pk, row.revision, due) for due in moments]
        finally:
            connection.close()

    # When all of them fire every tick.
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(scheduler, range(5)))
    # Then each tick has one job, and one scheduler made it.
    assert Job.objects.count() == Tick.objects.count() == 20
    for each in zip(*answers, strict=True):
        assert sorted(each) == [Fired.ALREADY] * 4 + [Fired.RAN]


@pytest.mark.rule(42)
@pytest.mark.parametrize("change", [{"cron": "0 * * * *"}, {"enabled": False}, {"data": {"depot": "south"}}, None])
def test_an_edit_at_the_last_second_wins(change: dict[str, Any] | None) -> None:
    # Given a scheduler that woke for a schedule which is then changed, or removed.
    row, due = recurring(), second()
    if change is None:
        row_id = row.pk
        row.delete()
        row.pk = row_id
    else:
        change_recurring_job(row.pk, **change)
    ticks = Tick.objects.count()
    # When it fires for what it had read, then nothing is made.
    assert fire(row.pk, row.revision, due) is Fired.STALE
    assert (Tick.objects.count(), Job.objects.count()) == (ticks, 0)


@pytest.mark.rule(42)
def test_an_edit_waits_for_the_tick_that_is_being_made() -> None:
    # Given a transaction that is making a tick.
    row, due = recurring(), second()

    def edit() -> int:
        try:
            return change_recurring_job(row.pk, enabled=False).revision
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert fire(row.pk, row.revision, due) is Fired.RAN
            # When somebody edits the schedule meanwhile, then the edit waits.
            edited = pool.submit(edit)
            with pytest.raises(TimeoutError):
                edited.result(timeout=0.3)
        # Then both are done, one after the other.
        assert edited.result(timeout=5) == row.revision + 1
    assert Job.objects.count() == 1


@pytest.mark.rule(42)
@pytest.mark.fault(3)
def test_a_tick_whose_transaction_ends_badly_leaves_neither_tick_nor_job() -> None:
    row, due = recurring(), second()
    # When the process dies before its commit.
    with pytest.raises(RuntimeError, match="dies"), transaction.atomic():
        assert fire(row.pk, row.revision, due) is Fired.RAN
        raise RuntimeError("dies")
    # Then neither is there, and another scheduler makes both.
    assert (Tick.objects.count(), Job.objects.count()) == (0, 0)
    assert fire(row.pk, row.revision, due) is Fired.RAN
    assert (Tick.objects.count(), Job.objects.count()) == (1, 1)


@pytest.mark.rule(42)
def test_a_scheduler_whose_clock_is_fast_is_refused_and_runs_nothing_early() -> None:
    # Given a scheduler three seconds ahead of PostgreSQL. When it fires, then it is refused.
    row = recurring()
    assert fire(row.pk, row.revision, clock() + timedelta(seconds=3)) is Fired.REFUSED
    assert not Job.objects.exists()
    # Given one that is only a second ahead. When it fires, then the job waits for its time.
    due = clock() + timedelta(seconds=1.5)
    assert fire(row.pk, row.revision, due) is Fired.RAN
    assert Job.objects.get().run_at == due
    assert Job.objects.get().state == "delayed"


@pytest.mark.rule(43)
def test_a_tick_that_is_late_is_left_to_the_misfire_policy() -> None:
    row = recurring()
    assert fire(row.pk, row.revision, second(ago=62)) is Fired.LATE
    assert not Tick.objects.exists()


def test_a_tick_whose_data_no_longer_fits_the_queue_is_recorded_as_missed_with_the_reason() -> None:
    # Given a recurring job whose data the queue's schema refuses since a release.
    row = recurring()
    RecurringJob.objects.update(data={"dept": "north"})
    # When its tick fires, then it is on record why it did not run, and not tried again.
    assert fire(row.pk, row.revision, second()) is Fired.MISSED
    tick = Tick.objects.get()
    assert (tick.outcome, tick.job_id) == ("missed", None)
    assert "depot" in tick.note
    assert fire(row.pk, row.revision, second()) is Fired.ALREADY
    assert not Job.objects.exists()


def test_run_now_makes_a_manual_tick_and_says_who() -> None:
    # Given a recurring job that rests. When somebody runs it now, twice.
    user = User.objects.create_user("olga")
    row = recurring()
    change_recurring_job(row.pk, enabled=False)
    jobs = {run_now(row.pk, by=user, reason="catching up"), run_now(row.pk, by=user)}
    # Then two jobs are there, each with its tick, and who did it.
    assert {job.pk for job in Job.objects.all()} == jobs
    assert set(Tick.objects.values_list("outcome", "job_id")) == {("manual", job) for job in jobs}
    entry = AuditEntry.objects.filter(action="run").order_by("id")[0]
    assert (entry.user_name, entry.object_id, entry.reason, entry.tenant) == (
        "olga",
        str(row.pk),
        "catching up",
        "north",
    )


def test_run_now_of_what_is_not_there_or_of_another_clinic_or_refused_makes_nothing() -> None:
    row = recurring()
    with pytest.raises(RecurringJobNotFound):
        run_now(row.pk + 1)
    with pytest.raises(RecurringJobNotFound):
        run_now(row.pk, tenants={"south"})
    RecurringJob.objects.update(data={})
    with pytest.raises(InvalidJobData):
        run_now(row.pk)
    assert (Tick.objects.count(), Job.objects.count(), AuditEntry.objects.count()) == (0, 0, 0)
