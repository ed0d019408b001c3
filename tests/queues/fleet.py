"""Real worker processes of a test: started as in production, killed as in life."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection

from queues.ledger import sql
from queues.order.client import OrderClient
from queues.order.scripts import is_ready
from queues.testing import Declare, wait_for
from settings.embedded.places import process
from tests.queues.chores.queues import CHORES, ERRANDS
from tests.queues.oracle import Caller

ROOT = Path(__file__).resolve().parents[2]
#: Milliseconds: quicker than life, so that tests need not wait long for what is lost.
LEASE_MS = 6000
#: Seconds within which a lost job's row must be waiting again: lease + 10.
RESCUE_S = LEASE_MS / 1000 + 10

_TABLES = """
CREATE TABLE IF NOT EXISTS chore_run (
    seen bigint GENERATED ALWAYS AS IDENTITY, at timestamptz DEFAULT clock_timestamp(),
    job_id uuid, run smallint, attempt smallint, pid int);
CREATE TABLE IF NOT EXISTS chore_effect (key text PRIMARY KEY);
TRUNCATE chore_run, chore_effect;
"""


@dataclass
class Fleet:
    """Worker processes that share the test's database and Redis."""

    environment: dict[str, str]
    folder: Path
    caller: Caller
    roots: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(
        self, units: int = 1, *, threads: int = 4, supervised: bool = False, ready: bool = True, **env: str
    ) -> None:
        """Start one-process units of Dramatiq or, ``supervised``, ``manage.py rundramatiq`` with so many processes."""
        tail = ["--threads", str(threads), "--worker-shutdown-timeout", "10000"]
        if supervised:
            self._spawn(
                ["manage.py", "rundramatiq", "--processes", str(units), *tail, "--queues", "chores", "errands"], env
            )
        else:
            for _ in range(units):
                modules = ["django_dramatiq.setup", "tests.queues.chores.actors"]
                self._spawn(["-m", "dramatiq", "--skip-logging", "--processes", "1", *tail, *modules,
                             "--queues", "chores", "errands"], env)  # fmt: skip
        if ready:
            self.wait_ready(units)

    def _spawn(self, command: list[str], env: dict[str, str]) -> None:
        log = (self.folder / f"fleet-{len(self.roots)}.log").open("wb")
        self.roots.append(
            subprocess.Popen(
                [sys.executable, *command], cwd=ROOT, env={**self.environment, **env}, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True,
            )
        )  # fmt: skip
        log.close()

    def workers(self) -> list[int]:
        """Pids of the worker processes that live and have said so."""
        pids = [row[0] for row in sql.rows("SELECT pid FROM queues_worker WHERE kind = 'worker' ORDER BY id", [])]
        return [pid for pid in pids if process(pid) is not None]

    def wait_ready(self, units: int, timeout_s: float = 40.0) -> None:
        """Wait until so many workers live and Redis knows what waits."""
        wait_for(lambda: len(self.workers()) >= units, timeout_s, f"{units} workers live")
        client = OrderClient(2.0)
        try:
            for queue in (CHORES.name, ERRANDS.name):
                wait_for(lambda queue=queue: is_ready(client, queue), timeout_s, f"{queue} is ready")
        finally:
            client.close()

    def kill(self, pid: int) -> None:
        """Kill -9."""
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: process(pid) is None, 5, f"{pid} is gone")

    def stop(self, timeout_s: float = 25.0) -> list[int]:
        """Stop what still runs, as a deploy does; returns the exit codes."""
        for root in self.roots:
            if root.poll() is None:
                root.send_signal(signal.SIGTERM)
        codes = []
        for root in self.roots:
            with contextlib.suppress(subprocess.TimeoutExpired):
                root.wait(timeout_s)
            codes.append(-99 if root.returncode is None else root.returncode)
        self.roots = [root for root in self.roots if root.poll() is None]
        return codes

    def end(self) -> None:
        """Leave nothing behind, whatever happened."""
        self.stop(12)
        for pid in [*(root.pid for root in self.roots), *self.workers()]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for root in self.roots:
            root.wait()

    def logs(self) -> str:
        """Everything the processes have written."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("fleet-*.log")))

    # What the actors noted

    def runs(self) -> dict[UUID, int]:
        """How often each job's body began."""
        return dict(sql.rows("SELECT job_id, count(*) FROM chore_run GROUP BY job_id", []))

    def running(self) -> list[tuple[UUID, int]]:
        """(job, pid) of jobs whose body has begun and whose row is active."""
        rows = sql.rows(
            "SELECT DISTINCT ON (job.id) job.id, pid FROM queues_job AS job JOIN chore_run ON job_id = job.id"
            " WHERE state = 'active' ORDER BY job.id, seen DESC", [])  # fmt: skip
        return [(job, pid) for job, pid in rows]

    def assert_oracle(self, *, others: int = 0, settle_s: float = RESCUE_S) -> None:
        """The oracle, and one effect for each run that completed."""
        self.caller.assert_oracle(others=others, settle_s=settle_s)
        short = sql.rows(
            "SELECT id FROM queues_job WHERE state = 'completed' AND actor IN ('chore', 'errand')"
            " AND NOT EXISTS (SELECT FROM chore_effect WHERE key = id || '/' || run)", [])  # fmt: skip
        assert not short, f"{len(short)} jobs are completed without their effect"

    def assert_in_time(self, since: float) -> None:
        """A lost job's row is waiting again within lease + 10 s of ``since`` (monotonic)."""
        assert time.monotonic() - since <= RESCUE_S


@pytest.fixture
def fleet(process_environment: dict[str, str], declare: Declare, caller: Caller, tmp_path: Path) -> Iterator[Fleet]:
    """Return a fleet without workers; this process knows its queues, so that it can add jobs."""
    for config in (CHORES, ERRANDS):
        declare(config)
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
    environment = {
        **process_environment,
        "DJANGO_SETTINGS_MODULE": "tests.queues.chores.settings",
        "QUEUE_LOCK_DURATION": str(LEASE_MS),
        "QUEUE_STALLED_INTERVAL": "2000",
        "PYTHONUNBUFFERED": "1",
    }
    ours = Fleet(environment, tmp_path, caller)
    yield ours
    ours.end()
    print(ours.logs()[-6000:])  # noqa: T201  shown with a failure
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS chore_run, chore_effect")
