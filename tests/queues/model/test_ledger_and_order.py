"""Random lives of jobs: ledger, order and relay against the model.

No job is lost, none ends twice, Redis is never short of an id after a sweep. `MODEL_EXAMPLES` asks for more examples
than a test has time for; a failure prints the steps and the line that replays them.
"""
# ruff: noqa: FBT001  Hypothesis draws a rule's arguments by name

import os

import pytest
import redis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from queues import service
from queues.config import QueueConfig
from queues.errors import InvalidTransition
from queues.ledger.finish import Kind
from queues.order.client import OrderClient
from queues.order.scripts import Placed, is_ready, publish
from queues.testing import Declare
from tests.queues import hands
from tests.queues.model.lives import TENANTS, Lives
from tests.queues.model.model import OPEN
from tests.queues.model.world import LATER_MS, World, must_be_reachable

PICK = st.integers(0, 999)
#: True once in so many; what is rare here is rare in life.
SELDOM, RARE = st.sampled_from([False] * 3 + [True]), st.sampled_from([False] * 7 + [True])
KINDS = st.lists(st.sampled_from(list(Kind)), min_size=5, max_size=5)


class LivesOfJobs(Lives, RuleBasedStateMachine):
    """What happens, and when, is drawn at random."""

    @initialize()
    def begin(self) -> None:
        self.begin_life()

    @rule(
        count=st.integers(1, 6),
        tenant=st.sampled_from(TENANTS),
        priority=st.integers(0, 3),
        later=SELDOM,
        untold=SELDOM,
    )
    def add(self, count: int, tenant: str, priority: int, later: bool, untold: bool) -> None:
        self.add_jobs(count, tenant, priority, later=later, untold=untold)

    # Workers

    @rule(
        counts=st.lists(st.integers(1, 5), min_size=1, max_size=3),
        alone=st.booleans(),
        only=SELDOM,
        answer_lost=SELDOM,
        settle_lost=SELDOM,
    )
    def work(self, counts: list[int], alone: bool, only: bool, answer_lost: bool, settle_lost: bool) -> None:
        """Fetch and, unless told only that, claim: one worker after another."""
        for count in counts:
            self.work_once(count, alone=alone, only=only, answer_lost=answer_lost, settle_lost=settle_lost)

    @precondition(lambda self: self.holdings)
    @rule(pick=PICK, what=st.sampled_from(["claimed again", "undone", "published", "crashed", "came back"]))
    def mishap(self, pick: int, what: str) -> None:
        """A claim is asked again or taken back, a stale publish arrives, a worker crashes or comes back to finish."""
        if what == "published" and self.members:
            member = self.members[pick % len(self.members)]
            publish(self.world.order, self.world.queue, [Placed(member, pick % 2 * LATER_MS, pick % 3 == 0)])
            return
        holding = self.holdings[pick % len(self.holdings)]
        if what == "claimed again":
            self.claim(holding, answer_lost=False, settle_lost=False)
        elif what == "undone":
            self.holdings.remove(holding)
            self.undo(holding)
        else:
            holding.crashed = True
            self.world.end_leases(holding.hand.token)
            if what == "came back":
                self.rescue()
                self.finish_holding(self.holdings.index(holding), list(Kind), later=False, settle_lost=False)

    @precondition(lambda self: self.holdings)
    @rule(
        pick=PICK,
        kinds=st.lists(st.sampled_from(list(Kind)), min_size=5, max_size=5),
        later=st.booleans(),
        settle_lost=SELDOM,
    )
    def finish(self, pick: int, kinds: list[Kind], later: bool, settle_lost: bool) -> None:
        self.finish_holding(pick % len(self.holdings), kinds, later=later, settle_lost=settle_lost)

    # Staff

    @precondition(lambda self: self.jobs)
    @rule(pick=PICK, verb=st.sampled_from(["retry", "retry", "promote", "cancel", "remove"]))
    def staff(self, pick: int, verb: str) -> None:
        job_id = sorted(self.jobs)[pick % len(self.jobs)]
        job = self.jobs[job_id]
        allowed = {
            "retry": job.state in ("failed", "cancelled"),
            "promote": job.state == "delayed",
            "cancel": job.state in OPEN,
            "remove": job.state != "active",
        }[verb]
        deed = getattr(service, f"{verb}_job")
        if not allowed:
            with pytest.raises(InvalidTransition):
                deed(self.world.queue, job_id)
            return
        deed(self.world.queue, job_id)
        if verb == "remove":
            del self.jobs[job_id]
        else:
            {"retry": job.retry, "promote": job.promote, "cancel": job.stop}[verb]()

    @rule(tenant=st.sampled_from(["", *TENANTS]), pause=RARE, told=st.booleans())
    def pause_or_resume(self, tenant: str, pause: bool, told: bool) -> None:
        """Pause, or resume what is paused; Redis may not hear of it."""
        if pause == (tenant in self.paused):
            return
        before = self.world.snapshot() if not told else None
        if tenant in self.paused:
            service.resume_queue(self.world.queue, tenant=tenant or None)
        else:
            service.pause_queue(self.world.queue, tenant=tenant or None)
        self.paused ^= {tenant}
        if before is not None:
            key = f"{self.world.base}settings".encode()
            for name in (key, f"{self.world.base}paused_tenants".encode()):
                self.world.redis.delete(name)
                if name in before:
                    self.world.redis.restore(name, 0, before[name])

    # Redis, time and the relay

    @rule(what=st.sampled_from(["flush", "fail over", "replicate", "replicate", "empty"]), really=SELDOM)
    def disaster(self, what: str, really: bool) -> None:
        """Redis loses all keys, or a replica that is behind takes over; or staff empty the queue."""
        if what == "replicate":
            self.replica = self.world.snapshot()
        elif really and what == "flush":
            self.world.flush()
        elif really and what == "empty":
            self.empty()
        elif really and self.replica is not None:
            self.world.fail_over(self.replica)
            assert hands.take(self.world.order, self.world.queue, 5).members == (), "a stale replica hands out nothing"

    @rule(what=st.sampled_from(["relay", "rebuild", "rescue", "rescue", "time"]))
    def housekeeping(self, what: str) -> None:
        """Compare or, if Redis is not ready, rebuild; take back what was lost; let time pass."""
        if what == "time":
            self.time_passes()
        elif what == "rescue":
            self.rescue()
        elif what == "relay" and is_ready(self.world.order, self.world.queue):
            self.sweep()
        else:
            self.world.renew(self.holdings)
            self.world.rebuild()
            assert must_be_reachable(self.jobs) <= self.world.reachable()

    @invariant()
    def rows_are_as_the_model_says(self) -> None:
        self.compare()

    def teardown(self) -> None:
        if hasattr(self, "jobs"):
            self.end_life()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_any_life_of_jobs_keeps_the_promises(declare: Declare, order: OrderClient, plain_redis: redis.Redis) -> None:
    queue = declare(QueueConfig("letters", actor="work"))

    class Case(LivesOfJobs):
        world = World(order, plain_redis, queue)

    run_state_machine_as_test(
        Case,
        settings=settings(
            max_examples=int(os.environ.get("MODEL_EXAMPLES", "40")),
            stateful_step_count=40,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
        ),
    )
