"""A scheduler whose machine's clock is wrong: nothing early, nothing twice, nothing lost."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from apscheduler.schedulers import base

from queues.models import Job, RecurringJob, Tick, Worker
from queues.recurring import scheduler as scheduler_module
from queues.recurring.cron import times_after
from queues.recurring.scheduler import Scheduler
from queues.recurring.ticks import clock
from tests.queues.recurring.processes import eventually

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("redis_url", "parcels"),
    pytest.mark.slow,
]


@pytest.mark.fault(12)
@pytest.mark.rule(42)
@pytest.mark.parametrize("wrong_s", [61, -61, 3602.5, -3602.5])
def test_each_tick_makes_one_job_at_its_time(wrong_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a machine whose clock is wrong by a minute or an hour, and a tick every five seconds (only tests have such).
    class Wrong(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) + timedelta(seconds=wrong_s)

    monkeypatch.setattr(base, "datetime", Wrong)
    monkeypatch.setattr(scheduler_module, "datetime", Wrong)
    begin = clock()
    row = RecurringJob.objects.create(
        queue="parcels", name="n", data={"depot": "north"}, cron="*/5 * * * * *", reconciled_until=begin
    )
    expected = [due for due, _ in zip(times_after(row.cron, "UTC", begin), range(2), strict=False)]
    scheduler = Scheduler()
    # When its scheduler runs.
    scheduler.start()
    try:
        eventually(lambda: Tick.objects.filter(scheduled_for__in=expected).count() == 2, 25, "two ticks")
        beat = Worker.objects.get(kind="scheduler")
    finally:
        scheduler.stop()
    # Then each tick is there once, was made no earlier than its time by PostgreSQL's clock, and has its job.
    ticks = list(Tick.objects.filter(scheduled_for__in=expected))
    assert [tick.outcome for tick in ticks] == ["ran", "ran"]
    assert all(tick.created_at >= tick.scheduled_for for tick in ticks)
    assert Job.objects.filter(run_at__in=expected).count() == 2
    # Then people can see that the clock is wrong, and by how much.
    assert beat.details["clock_ahead_s"] == pytest.approx(wrong_s, abs=1)
    assert clock() - beat.heartbeat_at < timedelta(minutes=1)
    assert datetime.now(UTC) - clock() < timedelta(seconds=2)
