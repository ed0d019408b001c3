"""Real scheduler processes: one job a tick however many there are, whatever happens to them."""

import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import takewhile

import pytest
from django.db import connection

from queues.models import Job, RecurringJob, Tick, Worker
from queues.recurring.cron import times_after
from queues.recurring.scheduler import Scheduler
from queues.recurring.schedules import change_recurring_job
from queues.recurring.ticks import clock
from tests.queues.recurring.processes import eventually, kill, start_scheduler

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

#: Six fields: every second. Only tests have such schedules; the door refuses them.
EVERY_SECOND = "* * * * * *"
#: A queue of the clinic's, as the processes know only declared ones.
QUEUE = "follow-up-monitor"
DATA = {"workplaceId": "0190d5a2-7b1c-7c3e-9f00-3d2a5b6c7d8e", "checkOverdue": True, "escalateCritical": False}


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Scheduler processes, ended with the test."""
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for process in started:
        kill(process)


def every_second() -> RecurringJob:
    return RecurringJob.objects.create(
        queue=QUEUE, name="ticker", data=DATA, cron=EVERY_SECOND, reconciled_until=clock()
    )


def schedulers_alive() -> int:
    return Worker.objects.filter(kind="scheduler", heartbeat_at__gt=clock() - timedelta(seconds=15)).count()


def check_ticks(row: RecurringJob, begin: datetime, end: datetime) -> Counter[str]:
    """Hold every second of the span against ticks and jobs: one of each."""
    expected = list(takewhile(lambda due: due <= end, times_after(EVERY_SECOND, "UTC", begin)))
    ticks = {tick.scheduled_for: tick for tick in Tick.objects.filter(recurring_job_id=row.pk, scheduled_for__lte=end)}
    assert sorted(ticks) == expected
    jobs = {job.pk: job for job in Job.objects.filter(queue=QUEUE)}
    made = {due: jobs.get(tick.job_id) for due, tick in ticks.items() if tick.job_id is not None}
    assert all(job is not None and job.run_at == due for due, job in made.items())
    assert len(made) == len(ticks)
    assert len({tick.job_id for tick in ticks.values()}) == len(ticks)
    later = Tick.objects.filter(recurring_job_id=row.pk, scheduled_for__gt=end, job_id__isnull=False)
    assert len(jobs) == len(ticks) + later.count()
    return Counter(tick.outcome for tick in ticks.values())


@pytest.mark.fault(9)
@pytest.mark.fault(3)
@pytest.mark.rule(42)
def test_five_schedulers_make_one_job_a_tick_while_some_are_killed(
    process_environment: dict[str, str], processes: list[subprocess.Popen[bytes]]
) -> None:
    # Given five scheduler processes and a schedule of every second.
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    print(f"seed {seed}")  # noqa: T201  shown with a failure
    # One of them is without the relay, so that ticks are seen not to need it.
    processes += [start_scheduler(process_environment, *options) for options in (["--no-relay"], [], [], [], [])]
    eventually(lambda: schedulers_alive() >= 5, 40, "five heartbeats")
    begin = clock()
    row = every_second()
    # When some are killed at any moment, for 12 s, and one is started anew.
    for _ in range(3):
        time.sleep(chance.uniform(1.5, 2.5))
        kill(processes.pop(chance.randrange(len(processes))))
    processes.append(start_scheduler(process_environment))
    eventually(lambda: clock() - begin > timedelta(seconds=12), 13, "twelve seconds")
    end = clock() - timedelta(seconds=1)
    # Then, once the slowest round of reconciliation has passed, each second has one tick and one job.
    row_count = int((end - begin).total_seconds())
    eventually(
        lambda: Tick.objects.filter(scheduled_for__lte=end, job_id__isnull=False).count() >= row_count, 15, "all ticks"
    )
    outcomes = check_ticks(row, begin, end)
    assert set(outcomes) == {"ran"}


@pytest.mark.fault(3)
@pytest.mark.rule(43)
def test_what_was_missed_while_no_scheduler_ran_follows_the_policy(
    process_environment: dict[str, str], processes: list[subprocess.Popen[bytes]]
) -> None:
    # Given an hourly schedule, and no scheduler for five hours.
    now = clock()
    minute = (now - timedelta(minutes=20)).minute
    row = RecurringJob.objects.create(
        queue=QUEUE, name="hourly", data=DATA, cron=f"{minute} * * * *", reconciled_until=now - timedelta(hours=5)
    )
    # When one starts.
    processes.append(start_scheduler(process_environment))
    # Then the newest tick runs late, the others are recorded as missed.
    eventually(lambda: Tick.objects.filter(recurring_job_id=row.pk).count() == 5, 40, "five ticks")
    assert Counter(Tick.objects.values_list("outcome", flat=True)) == {"late": 1, "missed": 4}
    assert Job.objects.filter(queue=QUEUE).count() == 1


@pytest.mark.rule(42)
def test_edits_take_effect_within_two_seconds_without_a_restart_and_a_stop_is_clean(
    process_environment: dict[str, str], processes: list[subprocess.Popen[bytes]]
) -> None:
    # Given a scheduler that runs.
    scheduler = start_scheduler(process_environment)
    processes.append(scheduler)
    eventually(lambda: schedulers_alive() >= 1, 40, "a heartbeat")

    def newest() -> float:
        """Return how long ago the newest tick was due, seconds."""
        tick = Tick.objects.order_by("-scheduled_for").first()
        return (clock() - tick.scheduled_for).total_seconds() if tick else 1e9

    # When a schedule is made, then it fires within 2 s and its next second.
    row = every_second()
    eventually(lambda: newest() < 1.5, 3.5, "a first tick")
    # When it is disabled, then no tick comes of any time after that.
    row = change_recurring_job(row.pk, enabled=False)
    disabled = clock()
    time.sleep(2.5)
    assert not Tick.objects.filter(scheduled_for__gt=disabled).exists()
    # When it is enabled again, then it fires again within 2 s, and of the time of rest nothing is made up for.
    row.refresh_from_db()
    change_recurring_job(row.pk, cron="0 0 1 1 *")
    RecurringJob.objects.filter(pk=row.pk).update(cron=EVERY_SECOND)
    change_recurring_job(row.pk, enabled=True)
    enabled = clock()
    eventually(lambda: newest() < 1.5, 3.5, "ticks again")
    assert not Tick.objects.filter(scheduled_for__gt=disabled, scheduled_for__lt=enabled).exists()
    # When it is asked to stop, then it does so by itself, and is gone from the list of processes.
    scheduler.send_signal(signal.SIGTERM)
    assert scheduler.wait(15) == 0
    assert not Worker.objects.filter(kind="scheduler").exists()


def test_it_says_goodbye_to_a_server_that_was_started_anew_meanwhile(
    process_environment: dict[str, str], processes: list[subprocess.Popen[bytes]]
) -> None:
    # Given a scheduler whose connections were all ended, and that reports again.
    scheduler = start_scheduler(process_environment)
    processes.append(scheduler)
    eventually(lambda: schedulers_alive() >= 1, 40, "a heartbeat")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    cut = clock()
    eventually(lambda: Worker.objects.filter(heartbeat_at__gt=cut).exists(), 40, "another heartbeat")
    # When it is asked to stop, then it is gone from the list of processes, and complains of nothing.
    scheduler.send_signal(signal.SIGTERM)
    output, _ = scheduler.communicate(timeout=15)
    assert scheduler.returncode == 0
    assert b"goodbye_failed" not in output
    assert not Worker.objects.filter(kind="scheduler").exists()


@pytest.mark.fault(8)
@pytest.mark.rule(43)
def test_a_scheduler_outlives_its_database_connections_and_a_row_that_cannot_be_read(redis_url: str) -> None:
    # Given a scheduler, a schedule of every second, and a row that somebody wrote past the door.
    scheduler = Scheduler()
    scheduler.start()
    try:
        RecurringJob.objects.create(queue=QUEUE, name="broken", data=DATA, cron="what is this")
        begin = clock()
        row = every_second()
        eventually(lambda: Tick.objects.count() >= 2, 10, "ticks")
        # When PostgreSQL ends all its connections.
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        cut = clock()
        # Then it goes on by itself, and each second has its tick and its job.
        eventually(lambda: Tick.objects.filter(scheduled_for__gt=cut + timedelta(seconds=2)).count() >= 2, 20, "more")
        end = Tick.objects.filter(job_id__isnull=False).latest("scheduled_for").scheduled_for - timedelta(seconds=1)
        expected = int((end - begin).total_seconds())
        eventually(lambda: Tick.objects.filter(scheduled_for__lte=end).count() >= expected, 15, "all of them")
        check_ticks(row, begin, end)
    finally:
        scheduler.stop()
    assert not Worker.objects.filter(kind="scheduler").exists()
