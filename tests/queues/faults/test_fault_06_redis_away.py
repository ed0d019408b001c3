"""Faults 6, 7 and 25: Redis is down, does not answer, or is full."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
import redis

from queues import service
from queues.testing import wait_for
from tests.queues.fleet import Fleet
from tests.queues.servers import OwnValkey

#: Seconds; longer than a lease. CI's short form of 15 s down and 30 s frozen.
AWAY_S = 8.0


def _load(fleet: Fleet) -> None:
    """Short jobs, long ones, some that fail first, some that are delayed."""
    fleet.caller.add_many("chores", [{"s": 0.05} for _ in range(60)])
    fleet.caller.add_many("chores", [{"do": "fail once"} for _ in range(15)])
    fleet.caller.add_many("errands", [{"s": 10} for _ in range(2)])
    for number in range(10):
        fleet.caller.add("chores", {}, delay=1000 + 700 * number)


@pytest.mark.fault(6)
@pytest.mark.parametrize("data", ["kept", "lost"])
def test_an_outage_of_redis_loses_no_retry_and_needs_no_restart(
    own_valkey: OwnValkey, fleet: Fleet, tmp_path: Path, data: str
) -> None:
    fleet.environment["REDIS_URL"] = own_valkey.url
    fleet.start(2, threads=4)
    workers = fleet.workers()
    _load(fleet)
    wait_for(lambda: len(fleet.running()) >= 2, 10, "jobs run")
    own_valkey.stop()
    # Those who add jobs meanwhile do not notice.
    began = time.monotonic()
    fleet.caller.add("chores", {})
    assert time.monotonic() - began < 1
    time.sleep(AWAY_S)
    if data == "lost":
        shutil.rmtree(tmp_path / "valkey" / "appendonlydir")
    own_valkey.start()
    fleet.caller.wait_all_ended(60)
    assert set(fleet.caller.states().values()) == {"completed"}
    assert fleet.workers() == workers
    # What ran all the time ran once: its workers had the first word when Redis was back.
    errands = [job for job, queue in fleet.caller.added.items() if queue == "errands"]
    assert [fleet.runs()[job] for job in errands] == [1, 1]
    fleet.assert_oracle()


@pytest.mark.fault(7)
def test_a_frozen_redis_holds_no_caller_and_loses_nothing(own_valkey: OwnValkey, fleet: Fleet) -> None:
    fleet.environment["REDIS_URL"] = own_valkey.url
    fleet.start(2, threads=4)
    workers = fleet.workers()
    _load(fleet)
    wait_for(lambda: len(fleet.running()) >= 2, 10, "jobs run")
    own_valkey.freeze()
    frozen, slowest = time.monotonic(), 0.0
    while time.monotonic() - frozen < AWAY_S:
        began = time.monotonic()
        fleet.caller.add("chores", {})
        slowest = max(slowest, time.monotonic() - began)
        time.sleep(0.2)
    own_valkey.thaw()
    assert slowest < 1
    fleet.caller.wait_all_ended(60)
    assert set(fleet.caller.states().values()) == {"completed"}
    assert fleet.workers() == workers
    fleet.assert_oracle()
    print(f"slowest add {slowest:.3f} s")  # noqa: T201


@pytest.mark.fault(25)
def test_a_full_redis_refuses_no_job(own_valkey: OwnValkey, fleet: Fleet) -> None:
    fleet.environment["REDIS_URL"] = own_valkey.url
    fleet.start(1, threads=4)
    workers = fleet.workers()
    long = fleet.caller.add("errands", {"s": 4})
    wait_for(lambda: service.get_job("errands", long).state == "active", 10)
    with redis.Redis.from_url(own_valkey.url) as server:
        server.config_set("maxmemory-policy", "noeviction")
        server.config_set("maxmemory", 1)
        began = time.monotonic()
        fleet.caller.add_many("chores", [{"number": number} for number in range(500)])
        for _ in range(5):
            fleet.caller.add("chores", {})
        assert time.monotonic() - began < 5
        time.sleep(3)
        assert not any(job != long for job in fleet.runs())
        # When there is room again, then everything drains.
        server.config_set("maxmemory", 0)
    fleet.caller.wait_all_ended(60)
    assert set(fleet.caller.states().values()) == {"completed"}
    assert fleet.workers() == workers
    fleet.assert_oracle()
