"""Faults 4 and 11: a caller that dies between commit and publish; a caller that rolls back."""

from __future__ import annotations

import subprocess
import sys
import time
from uuid import UUID

import pytest
import redis
from django.conf import settings
from django.db import transaction

from queues.models import Job
from tests.queues.fleet import ROOT, Fleet

_CALLER = """
import os, django
django.setup()
from django.db import transaction
from queues import service
from queues.order.outbox import publisher
# It dies when the commit is done and its ids are about to leave.
publisher.publish = lambda *args: os._exit(9)
with transaction.atomic():
    for number in range(20):
        print(service.add_job("chores", {}).id, flush=True)
"""


@pytest.mark.fault(4)
def test_a_caller_killed_between_commit_and_publish_loses_nothing(fleet: Fleet) -> None:
    fleet.start(1)
    done = subprocess.run(
        [sys.executable, "-c", _CALLER], env=fleet.environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 9, done.stderr
    began = time.monotonic()
    fleet.caller.added.update({UUID(line): "chores" for line in done.stdout.split()})
    assert len(fleet.caller.added) == 20
    fleet.caller.wait_all_ended(10)
    assert time.monotonic() - began <= 10
    assert set(fleet.runs().values()) == {1}
    fleet.assert_oracle()


class Rollback(Exception):
    """The caller's transaction ends badly."""


@pytest.mark.fault(11)
def test_what_is_rolled_back_was_never_there(fleet: Fleet) -> None:
    """No row, nothing in Redis: neither of a transaction nor of a savepoint in one that commits."""
    before = _keys()
    with pytest.raises(Rollback), transaction.atomic():
        fleet.caller.add("chores", {"number": 1})
        raise Rollback
    fleet.caller.added.clear()
    assert (Job.objects.count(), _keys()) == (0, before)
    with transaction.atomic():
        kept = fleet.caller.add("chores", {"number": 2})
        with pytest.raises(Rollback), transaction.atomic():
            dropped = fleet.caller.add("chores", {"number": 3})
            raise Rollback
        del fleet.caller.added[dropped]
    assert list(Job.objects.values_list("id", flat=True)) == [kept]
    assert [str(kept) in key or str(dropped) not in key for key in _members()] == [True]
    fleet.start(1)
    fleet.caller.wait_all_ended()
    assert fleet.runs() == {kept: 1}
    fleet.assert_oracle()


def _keys() -> list[bytes]:
    with redis.Redis.from_url(settings.QUEUES.redis_url) as server:
        return sorted(key for key in server.keys("*chores*"))


def _members() -> list[str]:
    with redis.Redis.from_url(settings.QUEUES.redis_url) as server:
        flows = [key for key in server.keys("*chores*") if b":flow:" in key]
        return [member.decode() for key in flows for member in server.zrange(key, 0, -1)]
