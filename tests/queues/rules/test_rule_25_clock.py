"""Rules 22 and 25: what is postponed starts by PostgreSQL's clock, whatever the worker's says."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest

from queues import service
from queues.config import QueueConfig
from queues.errors import Postpone
from queues.ledger import sql
from queues.testing import Declare, StartWorker, wait_for
from tests.queues.oracle import Caller


@pytest.mark.rule(25)
@pytest.mark.parametrize("wrong_s", [-45, 45])
def test_a_postponed_job_starts_on_time_with_a_workers_clock_off(
    declare: Declare, worker: StartWorker, caller: Caller, monkeypatch: pytest.MonkeyPatch, wrong_s: int
) -> None:
    """A worker's clock was 45 s slow. Redis was told of every postponed job 45 s too late, and took it for known."""
    until = sql.rows("SELECT clock_timestamp()", [])[0][0] + timedelta(seconds=2)
    runs: list[float] = []

    def deliver(data: dict[str, Any]) -> None:
        runs.append(time.monotonic())
        if len(runs) == 1:
            raise Postpone(until, "a channel on hold")

    queue = declare(QueueConfig("parcels", actor="deliver", attempts=1), deliver)
    worker(threads=1)
    clock = time.time
    monkeypatch.setattr(time, "time", lambda: clock() + wrong_s)
    job = caller.add(queue)
    wait_for(lambda: service.get_job(queue, job).state == "completed", 6)
    started = service.get_job(queue, job).started_at
    assert started is not None
    late = (started - until).total_seconds()
    assert 0 <= late < 0.5
    caller.assert_oracle()
