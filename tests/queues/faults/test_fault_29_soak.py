"""Fault 29: everything at random, for minutes."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest
import redis
from django.db import DatabaseError, connection

from queues.ledger import sql
from queues.testing import wait_for
from settings.embedded.places import Places, process, read_services
from tests.queues.fleet import Fleet
from tests.queues.servers import OwnValkey

#: Seconds: CI's short form has each fault once; the nightly one says SOAK_S=300.
SOAK_S = float(os.environ.get("SOAK_S", "25"))
#: Seconds between two faults.
PAUSE_S = (20, 60) if SOAK_S >= 120 else (1, 3)
#: Seconds for which Redis is away, at the most.
AWAY_S = 20 if SOAK_S >= 120 else 5


T = TypeVar("T")


def _memory_kb(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    return 0


def _patiently(work: Callable[[], T]) -> T:
    """Do it when the database is there again; what was under way when it went is not done twice by this."""
    while True:
        try:
            return work()
        except (DatabaseError, psycopg.Error):
            connection.close()
            time.sleep(0.2)


@pytest.mark.fault(29)
@pytest.mark.slow
@pytest.mark.timeout(SOAK_S + 300)
def test_soak(  # noqa: C901  one fault beside the other
    own_database: str, own_valkey: OwnValkey, fleet: Fleet, tmp_path: Path
) -> None:
    """Kills of workers, flushes, outages and freezes of Redis, crashes of PostgreSQL, while jobs come."""
    seed = int(os.environ.get("SOAK_SEED", random.randrange(10**6)))
    print(f"SOAK_SEED={seed}")  # noqa: T201  shown with a failure
    chance = random.Random(seed)
    fleet.environment |= {"DATABASE_URL": own_database, "REDIS_URL": own_valkey.url}
    fleet.start(2, threads=4, supervised=True)
    unsure = 0

    def kill_worker() -> None:
        if workers := _patiently(fleet.workers):
            fleet.kill(chance.choice(workers))

    def flush() -> None:
        with redis.Redis.from_url(own_valkey.url) as server:
            server.flushall()

    def redis_down() -> None:
        own_valkey.stop()
        time.sleep(chance.uniform(1, AWAY_S))
        own_valkey.start()

    def redis_frozen() -> None:
        own_valkey.freeze()
        time.sleep(chance.uniform(1, AWAY_S))
        own_valkey.thaw()

    def postgres_crash() -> None:
        services = read_services(Places(tmp_path / "servers"))
        if services is not None:
            os.kill(services.postgres.pid, signal.SIGQUIT)

    begun, due, memory = time.monotonic(), time.monotonic() + 3, list[int]()
    faults: list[Callable[[], None]] = []
    while (now := time.monotonic()) - begun < SOAK_S:
        before = _patiently(lambda: sql.rows("SELECT count(*) FROM queues_job", []))
        try:
            fleet.caller.add_many(
                "chores", [{"s": chance.choice([0, 0, 0.01, 0.05, 0.3]), "do": chance.choice(["", "", "fail once"])}
                           for _ in range(chance.randrange(1, 10))])  # fmt: skip
        except (DatabaseError, psycopg.Error):
            connection.close()
            after = _patiently(lambda: sql.rows("SELECT count(*) FROM queues_job", []))
            unsure += after[0][0] - before[0][0]
        if now >= due:
            if not faults:
                faults = [kill_worker, flush, redis_down, redis_frozen, postgres_crash]
                chance.shuffle(faults)
            fault = faults.pop()
            print(f"{now - begun:6.1f} s {fault.__name__}")  # noqa: T201
            fault()
            due = time.monotonic() + chance.uniform(*PAUSE_S)
            memory.append(sum(_memory_kb(pid) for pid in _patiently(fleet.workers)))
        time.sleep(chance.uniform(0, 0.3))
    wait_for(lambda: len(_patiently(fleet.workers)) == 2, 60)
    fleet.caller.wait_all_ended(180)
    wait_for(lambda: not sql.rows("SELECT 1 FROM queues_job WHERE finished_at IS NULL LIMIT 1", []), 60)
    fleet.assert_oracle(others=unsure)
    assert all(process(pid) for pid in fleet.workers())
    used = sql.rows("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'", [])[0][0]
    assert used <= 40, f"{used} connections"
    print(f"memory of the workers, kB: {memory}")  # noqa: T201
    if len(memory) > 5:
        assert memory[-1] < 1.5 * max(memory[1:3]), "memory grows"
