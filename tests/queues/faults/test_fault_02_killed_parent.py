"""Fault 2, rule 38: kill -9 of the workers' parent."""

from __future__ import annotations

import os
import signal

import pytest

from queues.ledger import sql
from queues.testing import wait_for
from settings.embedded.places import process
from tests.queues.fleet import RESCUE_S, Fleet


@pytest.mark.fault(2)
@pytest.mark.rule(38)
def test_children_drain_when_their_parent_is_gone_and_nothing_completes_twice(fleet: Fleet) -> None:
    """Dramatiq's master was killed.

    Its children worked on for ever, with the code of last month, and every deploy left more of them.
    """
    fleet.start(1, threads=2)
    fleet.caller.add_many("chores", [{"s": 0.3} for _ in range(40)])
    wait_for(lambda: len(fleet.running()) == 2, 10, "jobs run")
    (orphan,) = fleet.workers()
    os.kill(fleet.roots[0].pid, signal.SIGKILL)
    # The child finishes what it runs, and is gone. It was not stopped by anybody.
    wait_for(lambda: process(orphan) is None, 15, "the orphan has gone")
    states = sorted(set(fleet.caller.states().values()))
    assert states in (["completed", "waiting"], ["waiting"])
    assert sql.rows("SELECT count(*) FROM queues_job WHERE stalled > 0 OR suspect", []) == [(0,)]
    # What it had not begun is done by others, at once: its claims were given back, not lost.
    fleet.start(1, threads=4)
    fleet.caller.wait_all_ended(RESCUE_S)
    assert set(fleet.runs().values()) == {1}
    fleet.assert_oracle()


@pytest.mark.fault(2)
def test_nothing_of_a_killed_supervisor_stays(fleet: Fleet) -> None:
    fleet.start(2, threads=2, supervised=True)
    fleet.caller.add_many("chores", [{"s": 0.2} for _ in range(30)])
    wait_for(fleet.running, 10, "jobs run")
    orphans = fleet.workers()
    assert len(orphans) == 2
    os.kill(fleet.roots[0].pid, signal.SIGKILL)
    wait_for(lambda: not any(process(pid) for pid in orphans), 15, "the orphans have gone")
    fleet.start(1, threads=4)
    fleet.caller.wait_all_ended(RESCUE_S + 10)
    fleet.assert_oracle()
