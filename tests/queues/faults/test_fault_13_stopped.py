"""Faults 12, 13 and 17: a worker that stands still, one whose clock is wrong, a job that kills its process."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from queues import service
from queues.ledger import sql
from queues.models import JobAttempt
from queues.testing import wait_for
from tests.queues.fleet import RESCUE_S, Fleet

_WRONG_CLOCK = """
import os, time
wrong = float(os.environ["CLOCK_OFF_S"])
now, now_ns = time.time, time.time_ns
time.time = lambda: now() + wrong
time.time_ns = lambda: now_ns() + int(wrong * 1e9)
"""


@pytest.mark.fault(13)
@pytest.mark.rule(35)
def test_a_worker_that_stood_still_past_its_lease_changes_nothing_when_it_goes_on(fleet: Fleet) -> None:
    """Its jobs ran elsewhere meanwhile.

    When it woke, it finished them a second time: two ends, and the counts were wrong for ever.
    """
    fleet.start(2, threads=2)
    job = fleet.caller.add("errands", {"s": 2})
    ((_, pid),) = wait_for(fleet.running, 10, "it runs")
    os.kill(pid, signal.SIGSTOP)
    stopped = time.monotonic()
    try:
        wait_for(lambda: service.get_job("errands", job).suspect, RESCUE_S, "it is taken back")
        rescued_s = time.monotonic() - stopped
        # Others go on: what the stopped process had not claimed is theirs.
        fleet.caller.add_many("chores", [{} for _ in range(20)])
        wait_for(lambda: service.get_job("errands", job).state == "completed", 20, "it ran elsewhere")
    finally:
        os.kill(pid, signal.SIGCONT)
    fleet.caller.wait_all_ended(20)
    wait_for(lambda: sql.rows("SELECT 1 FROM chore_run WHERE job_id = %s HAVING count(*) = 2", [job]), 10)
    time.sleep(2.5)  # the one that woke ends its body, and its finish is refused
    assert [row.outcome for row in JobAttempt.objects.filter(job_id=job)] == ["stalled", "completed"]
    assert service.get_job("errands", job).worker.split(":")[1] != str(pid)
    fleet.assert_oracle()
    print(f"taken back after {rescued_s:.1f} s")  # noqa: T201


@pytest.mark.fault(12)
@pytest.mark.timeout(90)
def test_workers_whose_clocks_are_off_rescue_nothing_and_start_nothing_early(fleet: Fleet, tmp_path: Path) -> None:
    """Leases are measured by Redis's clock, due times by PostgreSQL's; a worker's own decides nothing."""
    (tmp_path / "sitecustomize.py").write_text(_WRONG_CLOCK)
    path = f"{tmp_path}{os.pathsep}{fleet.environment['PYTHONPATH']}"
    for off_s in ("-3600", "-61", "61", "3600"):
        fleet.start(1, threads=2, ready=False, PYTHONPATH=path, CLOCK_OFF_S=off_s)
    fleet.wait_ready(4)
    soon = [fleet.caller.add("chores", {}, delay=1500) for _ in range(16)]
    again = [fleet.caller.add("errands", {"do": "fail once"}) for _ in range(8)]
    # Longer than a lease, on every one of them.
    long = [fleet.caller.add("errands", {"s": 7}) for _ in range(4)]
    by = sql.rows("SELECT clock_timestamp() + interval '20 s'", [])[0][0]
    unexpired = [fleet.caller.add("chores", {}, expires_at=by) for _ in range(8)]
    fleet.caller.wait_all_ended(30)
    assert set(fleet.caller.states().values()) == {"completed"}
    once = dict.fromkeys([*soon, *long, *unexpired], 1)
    assert fleet.runs() == {**once, **dict.fromkeys(again, 2)}
    late = [row[0] for row in sql.rows(
        "SELECT date_part('epoch', started_at - due_at) FROM queues_job WHERE id = ANY(%s)", [soon])]  # fmt: skip
    assert min(late) >= 0
    assert max(late) < 1
    retries = sql.rows(
        "SELECT date_part('epoch', at - finished_at) FROM queues_jobattempt AS a JOIN chore_run AS ran"
        " ON ran.job_id = a.job_id AND ran.attempt = a.number + 1 WHERE outcome = 'retry'", [])  # fmt: skip
    assert min(row[0] for row in retries) >= 0.5
    assert not JobAttempt.objects.filter(outcome="stalled").exists()
    fleet.assert_oracle()


@pytest.mark.fault(17)
@pytest.mark.timeout(180)
def test_a_job_that_kills_its_process_fails_and_takes_no_neighbour_along(fleet: Fleet) -> None:
    """Stock Dramatiq started it twelve times, and its neighbours with it."""
    fleet.start(2, threads=4, supervised=True, QUEUE_LOCK_DURATION="3000", QUEUE_STALLED_INTERVAL="500")
    poison = fleet.caller.add("errands", {"do": "exit", "s": 0.2})
    neighbours = fleet.caller.add_many("chores", [{"s": 0.1} for _ in range(60)])
    neighbours += fleet.caller.add_many("errands", [{"s": 0.1} for _ in range(10)])
    fleet.caller.wait_all_ended(90)
    row = service.get_job("errands", poison)
    assert (row.state, row.error_class, row.attempts_made) == ("failed", "WorkerLost", 0)
    assert fleet.runs()[poison] <= 3
    assert {fleet.caller.states()[job] for job in neighbours} == {"completed"}
    fleet.assert_oracle()
