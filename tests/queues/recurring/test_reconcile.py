"""Expected ticks against recorded ones: every tick ends as something, whatever happened to the schedulers."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queues.models import Job, RecurringJob, Tick
from queues.recurring.reconcile import make_plan, reconcile, reconcile_all
from queues.recurring.schedules import (
    change_recurring_job,
    disable_recurring_job,
    enable_recurring_job,
    schedule_recurring_job,
)
from queues.recurring.ticks import clock, fire

pytestmark = [pytest.mark.rule(43)]
with_servers = pytest.mark.usefixtures("redis_url", "parcels")


def recurring(cron: str, down: timedelta, **given: Any) -> RecurringJob:
    """Return a schedule that no scheduler has come to for so long."""
    row = schedule_recurring_job("parcels", {"depot": "north"}, cron, **given)
    RecurringJob.objects.filter(pk=row.pk).update(reconciled_until=clock() - down)
    row.refresh_from_db()
    return row


def outcomes() -> Counter[str]:
    return Counter(Tick.objects.values_list("outcome", flat=True))


@with_servers
@pytest.mark.django_db
def test_a_tick_that_no_scheduler_fired_in_time_runs() -> None:
    # Given a schedule of every second (as only tests have) that nobody came to for 20 s.
    row = recurring("* * * * *", timedelta(seconds=20))
    RecurringJob.objects.filter(pk=row.pk).update(cron="* * * * * *")
    row.refresh_from_db()
    # When it is reconciled, twice.
    assert reconcile(row) in (20, 21)
    made = Job.objects.count()
    row.refresh_from_db()
    reconcile(row)
    # Then each tick ran once, due at its own time, and the span is done with.
    assert set(outcomes()) == {"ran"}
    ticks = dict(Tick.objects.values_list("job_id", "scheduled_for"))
    assert ticks == dict(Job.objects.values_list("pk", "run_at"))
    assert len(ticks) >= made
    assert row.reconciled_until == max(ticks.values()) or Job.objects.count() > made


@with_servers
@pytest.mark.django_db
def test_run_once_makes_one_job_for_all_that_were_missed() -> None:
    # Given three daily ticks that were missed, the newest hours ago.
    now = clock()
    hour = (now - timedelta(hours=2)).hour
    row = recurring(f"0 {hour} * * *", timedelta(days=3), misfire="run_once")
    # When it is reconciled.
    assert reconcile(row) == 1
    # Then the newest ran late, and the others are on record as missed.
    assert outcomes() == {"late": 1, "missed": 2}
    late = Tick.objects.get(outcome="late")
    assert late.scheduled_for == max(Tick.objects.values_list("scheduled_for", flat=True))
    assert Job.objects.get().pk == late.job_id
    assert Job.objects.get().state == "waiting"


@with_servers
@pytest.mark.django_db
def test_skip_makes_no_job_and_keeps_the_record() -> None:
    row = recurring(f"0 {(clock() - timedelta(hours=2)).hour} * * *", timedelta(days=3), misfire="skip")
    assert reconcile(row) == 0
    assert outcomes() == {"skipped": 3}
    assert not Job.objects.exists()


@with_servers
@pytest.mark.django_db
def test_a_month_down_of_a_minutely_job_is_a_thousand_rows_and_a_summary() -> None:
    # Given a month in which no scheduler ran.
    row = recurring("* * * * *", timedelta(days=30))
    # When one comes.
    reconcile(row)
    # Then the newest minute ran, a thousand have rows of their own, and one row stands for the others.
    assert Job.objects.count() == outcomes()["ran"] == 1
    missed = Tick.objects.filter(outcome="missed")
    assert missed.filter(count=1).count() == 1000
    summary = missed.get(count__gt=1)
    assert 30 * 1440 - 1 <= summary.count + 1000 + 1 <= 30 * 1440 + 1
    assert summary.scheduled_for == min(missed.values_list("scheduled_for", flat=True))
    assert f"{summary.count} ticks from" in summary.note
    # When it is looked at again, then nothing comes twice.
    before = Tick.objects.count()
    row.refresh_from_db()
    reconcile(row)
    assert Tick.objects.count() - before <= 1


@with_servers
@pytest.mark.django_db
def test_what_was_fired_is_not_fired_again_and_what_was_missed_before_is_covered_by_it() -> None:
    # Given an outage that ended with a tick which a scheduler fired in time.
    row = recurring("* * * * *", timedelta(minutes=5))
    newest = clock().replace(second=0, microsecond=0)
    fire(row.pk, row.revision, newest)
    # When it is reconciled, then the older ones are missed, since the newest ran for all of them.
    assert reconcile(row) == 0
    assert outcomes()["ran"] == Job.objects.count() == 1
    assert outcomes()["missed"] in (4, 5)


@with_servers
@pytest.mark.django_db
def test_changing_or_disabling_a_schedule_does_not_run_what_was_missed() -> None:
    # Given a schedule that nobody came to for an hour, and that staff then change.
    row = recurring("*/10 * * * *", timedelta(hours=1))
    change_recurring_job(row.pk, cron="0 0 * * *")
    # Then what was missed is on record, and no job was made of it, then or later.
    assert set(outcomes()) == {"missed"}
    assert outcomes()["missed"] in (5, 6, 7)
    reconcile_all()
    assert not Job.objects.exists()


@with_servers
@pytest.mark.django_db
def test_the_time_of_rest_is_not_made_up_for() -> None:
    row = recurring("* * * * *", timedelta(0))
    disable_recurring_job(row.pk)
    RecurringJob.objects.filter(pk=row.pk).update(reconciled_until=clock() - timedelta(hours=1))
    reconcile_all()
    row = enable_recurring_job(row.pk)
    assert reconcile(row) == 0
    assert not Tick.objects.exists()


@with_servers
@pytest.mark.django_db
def test_one_schedule_that_cannot_be_reconciled_does_not_stop_the_others() -> None:
    broken = recurring("*/10 * * * *", timedelta(minutes=30), name="broken")
    RecurringJob.objects.filter(pk=broken.pk).update(cron="what is this")
    recurring("* * * * *", timedelta(minutes=1), name="sound")
    assert reconcile_all() == 1


moments = st.lists(st.integers(0, 5000), unique=True, max_size=1500).map(sorted)


@given(moments, st.data(), st.integers(0, 5000), st.booleans())
def test_every_expected_tick_ends_as_exactly_one_thing(
    minutes: list[int],
    data: st.DataObject,
    late_before: int,
    run_once: bool,  # noqa: FBT001
) -> None:
    # Given any expected ticks, some of which are recorded.
    start = datetime(2026, 1, 1, tzinfo=UTC)
    expected = [start + timedelta(minutes=number) for number in minutes]
    recorded = set(data.draw(st.lists(st.sampled_from(expected), unique=True))) if expected else set()
    boundary = start + timedelta(minutes=late_before)
    # When the plan is made.
    plan = make_plan(expected, recorded, boundary, run_once=run_once)
    # Then each that is not recorded is in one place: run, late, missed on its own, or in the summary.
    named = [*plan.on_time, *plan.single, *([plan.late] if plan.late else [])]
    open_ticks = [due for due in expected if due not in recorded]
    assert len(named) == len(set(named))
    assert len(named) + plan.summed == len(open_ticks)
    assert set(named) <= set(open_ticks)
    assert all(due >= boundary for due in plan.on_time)
    assert len(plan.single) <= 1000
    # Then at most one late tick runs, the newest, and only where nothing newer runs anyway.
    if plan.late is not None:
        assert run_once
        assert plan.late == expected[-1] < boundary
    if plan.summed:
        assert plan.first is not None
        assert plan.first <= min(plan.single)
