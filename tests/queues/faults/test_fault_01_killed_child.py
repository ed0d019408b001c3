"""Fault 1: kill -9 of worker processes in mid-job, again and again."""

from __future__ import annotations

import os
import random
import time

import pytest

from queues.ledger import sql
from queues.models import Job
from queues.testing import wait_for
from tests.queues.chores.queues import CHORES
from tests.queues.fleet import RESCUE_S, Fleet


@pytest.mark.fault(1)
def test_killed_workers_lose_nothing(fleet: Fleet) -> None:
    """CI's short form: 3 kills over 300 jobs; the nightly one has 20 over 2,000."""
    _kill_and_check(fleet, kills=3, jobs=300)


@pytest.mark.fault(1)
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif("NIGHTLY" not in os.environ, reason="the nightly form: NIGHTLY=1")
def test_twenty_killed_workers_lose_nothing(fleet: Fleet) -> None:
    _kill_and_check(fleet, kills=20, jobs=2000)


def _kill_and_check(fleet: Fleet, *, kills: int, jobs: int) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201  shown with a failure
    chance = random.Random(seed)
    fleet.start(2, threads=4, supervised=True)
    made = 0
    rescued_after = []
    for _ in range(kills):
        for _ in range(jobs // kills // 10):
            fleet.caller.add_many("chores", [{"s": chance.choice([0, 0.02, 0.2])} for _ in range(10)])
            made += 10
        # A job that is sure to be running when its process dies.
        fleet.caller.add("errands", {"s": 0.5})
        job, pid = wait_for(lambda: next(iter(fleet.running()), None), 20, "a job runs")
        time.sleep(chance.random() * 0.1)
        lost = [one for one, where in fleet.running() if where == pid]
        began = time.monotonic()
        fleet.kill(pid)
        # Each lost job's row is waiting again (or further) within lease + 10 s.
        wait_for(lambda lost=lost, pid=pid: not _still_lost(lost, pid), RESCUE_S, "lost jobs wait again")
        rescued_after.append(round(time.monotonic() - began, 2))
        assert job
    fleet.caller.wait_all_ended(60)
    # A job whose process was killed twice while it ran alone counts as poison; no other may fail.
    failed = Job.objects.filter(state="failed")
    assert all(job.stalled > CHORES.max_stalled for job in failed)
    fleet.assert_oracle()
    print(f"rescued after {rescued_after} s")  # noqa: T201


def _still_lost(jobs: list[object], pid: int) -> bool:
    return bool(
        sql.rows(
            "SELECT 1 FROM queues_job WHERE id = ANY(%s) AND state = 'active' AND worker LIKE '%%:' || %s || ':%%'",
            [jobs, str(pid)],
        )
    )
