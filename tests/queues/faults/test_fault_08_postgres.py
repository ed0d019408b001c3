"""Fault 8: an immediate restart of PostgreSQL, in the midst of claims and finishes."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from pathlib import Path

import psycopg
import pytest
from django.db import DatabaseError, connection

from queues.ledger import sql
from queues.testing import wait_for
from settings.embedded.places import Places, read_services
from tests.queues.fleet import Fleet


def _restart(folder: Path) -> None:
    """Let PostgreSQL crash; its keeper starts it again. Wait until this process can use it."""
    services = read_services(Places(folder))
    assert services is not None
    os.kill(services.postgres.pid, signal.SIGQUIT)
    wait_for(lambda: not services.postgres.is_alive(), 10, "PostgreSQL has crashed")

    def answers() -> bool:
        connection.close()
        with contextlib.suppress(DatabaseError, psycopg.Error):
            return bool(sql.rows("SELECT 1", []))
        return False

    wait_for(answers, 20, "PostgreSQL is back")


@pytest.mark.fault(8)
def test_workers_carry_on_after_a_crash_of_postgresql(own_database: str, fleet: Fleet, tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201  shown with a failure
    chance = random.Random(seed)
    fleet.environment["DATABASE_URL"] = own_database
    fleet.start(2, threads=4)
    workers = fleet.workers()
    fleet.caller.add_many("chores", [{"s": chance.choice([0, 0.01, 0.1])} for _ in range(800)])
    fleet.caller.add_many("chores", [{"do": "fail once"} for _ in range(10)])
    for _ in range(3):
        wait_for(lambda: len(fleet.running()) >= 2, 10, "jobs run")
        time.sleep(chance.random() * 0.3)
        _restart(tmp_path / "servers")
    fleet.caller.wait_all_ended(60)
    assert fleet.workers() == workers
    states = fleet.caller.states()
    # A body that was writing when the database went has failed an attempt; none may have failed all four.
    assert set(states.values()) == {"completed"}
    fleet.assert_oracle()
