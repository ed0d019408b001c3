"""Fault 5: FLUSHALL with much outstanding, workers live."""

from __future__ import annotations

import time

import pytest
import redis
from django.conf import settings

from queues import service
from queues.testing import wait_for
from tests.queues.fleet import Fleet

#: CI's short form; 10,000 in life.
OUTSTANDING = 3000


@pytest.mark.fault(5)
def test_an_emptied_redis_is_filled_again_from_the_rows(fleet: Fleet) -> None:
    fleet.start(2, threads=4)
    fleet.caller.add_many("chores", [{"number": number} for number in range(OUTSTANDING)])
    fleet.caller.add("errands", {"do": "fail once"})
    later = fleet.caller.add("chores", {}, delay=8000)
    # Jobs that run while it happens run once all the same: their workers tell Redis of them before anything starts.
    long = fleet.caller.add_many("errands", [{"s": 4} for _ in range(2)])
    wait_for(lambda: all(service.get_job("errands", job).state == "active" for job in long), 15, "long jobs run")
    with redis.Redis.from_url(settings.QUEUES.redis_url) as server:
        server.flushdb()
        began = time.monotonic()
        done = list(fleet.caller.states().values()).count("completed")
        wait_for(lambda: list(fleet.caller.states().values()).count("completed") > done, 60, "under way again")
        again = time.monotonic() - began
        # A second flush, in the middle of the first one's repair.
        server.flushdb()
    fleet.caller.wait_all_ended(60)
    print(f"under way again {again:.1f} s after the flush")  # noqa: T201
    runs = fleet.runs()
    assert {runs[job] for job in long} == {1}
    assert service.get_job("chores", later).state == "completed"
    fleet.assert_oracle()
