"""Everything that may happen to jobs, done to the real servers and to the model alike."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from queues import service
from queues.ledger.claim import undo as ledger_undo
from queues.ledger.finish import Kind
from queues.order.scripts import Settled, publish, settle
from queues.relay.rescue import rescue_queue
from tests.queues import hands
from tests.queues.model.model import OPEN, JobModel
from tests.queues.model.steps import finish_all
from tests.queues.model.world import LATER_MS, Holding, World, must_be_reachable

TENANTS = ("north", "south")


class Lives:
    """The state of one example: jobs by the model, what workers hold, what is paused, a replica that is behind."""

    world: World

    def begin_life(self) -> None:
        """Empty servers, and a few jobs to start with."""
        self.world.begin()
        self.jobs: dict[UUID, JobModel] = {}
        self.holdings: list[Holding] = []
        self.members: list[str] = []
        self.paused: set[str] = set()
        self.replica: dict[bytes, bytes] | None = None
        for tenant in TENANTS:
            self.add_jobs(5, tenant, 2, later=False, untold=False)

    def add_jobs(self, count: int, tenant: str, priority: int, *, later: bool, untold: bool) -> None:
        """Callers add jobs; one that dies between commit and publish leaves Redis untold."""
        how: dict[str, Any] = {"tenant": tenant, "priority": priority, "delay_ms": LATER_MS if later else 0}
        added = hands.rows(self.world.queue, count, **how)
        if not untold:
            publish(self.world.order, self.world.queue, [item.placed for item in added])
        for item in added:
            self.jobs[item.id] = JobModel(tenant, priority, "delayed" if later else "waiting", due=not later)
            self.members.append(item.placed.member)

    def work_once(self, count: int, *, alone: bool, only: bool, answer_lost: bool, settle_lost: bool) -> None:
        """One worker fetches and, unless told only that, claims."""
        hand = hands.take(self.world.order, self.world.queue, 1 if alone else count, alone=alone)
        if hand.members:
            again = hands.take(self.world.order, self.world.queue, 5, token=hand.token, alone=alone)
            assert again.members == hand.members
            self.holdings.append(Holding(hand, alone))
            if not only:
                self.claim(self.holdings[-1], answer_lost=answer_lost, settle_lost=settle_lost)

    def claim(self, holding: Holding, *, answer_lost: bool, settle_lost: bool) -> None:
        """A claim takes exactly what may run, however often it is asked."""
        hand = holding.hand
        may = {job_id for job_id in hand.ids if self._may_claim(job_id, hand.token, alone=holding.alone)}
        if answer_lost:
            hands.claim_hand(self.world.queue, hand, alone=holding.alone)
        claimed, rest = hands.claim_hand(self.world.queue, hand, alone=holding.alone)
        assert {job.id for job in claimed} == may
        assert may | {item.id for item in rest} == set(hand.ids)
        for job_id in may:
            if self.jobs[job_id].token != hand.token:
                self.jobs[job_id].claim(hand.token, alone=holding.alone)
        holding.claimed = sorted(may)
        if not settle_lost:
            given_back = [Settled(str(hand.token), hand.of(it.id), it.delay_ms, it.suspect) for it in rest]
            settle(self.world.order, self.world.queue, given_back)

    def undo(self, holding: Holding) -> None:
        """A claim is taken back where it still holds."""
        token = holding.hand.token
        mine = {job_id for job_id in holding.claimed if job_id in self.jobs and self.jobs[job_id].token == token}
        assert set(ledger_undo(holding.hand.ids, token)) == mine
        for job_id in mine:
            self.jobs[job_id].undo()
        hands.let_go(self.world.order, self.world.queue, holding.hand, 0)

    def finish_holding(self, index: int, kinds: list[Kind], *, later: bool, settle_lost: bool) -> None:
        """Outcomes count where the token still holds the job, and nowhere else."""
        holding = self.holdings.pop(index)
        outcomes = dict(zip(holding.claimed, kinds, strict=False))
        mine = {job_id for job_id in outcomes if job_id in self.jobs and self.jobs[job_id].token == holding.hand.token}
        kept = finish_all(self.world, holding, outcomes, later=later, settle_lost=settle_lost)
        assert kept == mine, "a finish counts where its token still holds the job, and nowhere else"
        for job_id in mine:
            self.jobs[job_id].finish(outcomes[job_id], later=later)
        for job_id, member in zip(holding.hand.ids, holding.hand.members, strict=True):
            if job_id in kept:
                self.members.append(member)

    def empty(self) -> None:
        """Remove all that waits."""
        gone = {job_id for job_id, job in self.jobs.items() if job.state in ("waiting", "delayed")}
        assert service.empty_queue(self.world.queue) == len(gone)
        for job_id in gone:
            del self.jobs[job_id]

    def sweep(self) -> None:
        """Compare rows with Redis, as long after a flush that active rows count."""
        self.world.renew(self.holdings)
        unleased = {job_id for job_id, job in self.jobs.items()
                    if job.token is not None and (job_id, job.token) not in self.world.leases()}  # fmt: skip
        self.world.sweep_after_rest()
        for job_id in unleased:
            self.jobs[job_id].rescue()
        assert must_be_reachable(self.jobs) <= self.world.reachable()

    def rescue(self) -> None:
        """Take back what was lost."""
        ended = {pair for pair, over in self.world.leases().items() if over}
        lost = {job_id for job_id, job in self.jobs.items() if job.token is not None and (job_id, job.token) in ended}
        assert rescue_queue(self.world.order, self.world.queue) == len(lost)
        for job_id in lost:
            self.jobs[job_id].rescue()

    def time_passes(self) -> None:
        """Let everything that waits for its time be due."""
        self.world.time_passes()
        for job in self.jobs.values():
            job.due = job.due or job.state == "delayed"

    def _may_claim(self, job_id: UUID, token: UUID, *, alone: bool) -> bool:
        job = self.jobs.get(job_id)
        if job is None:
            return False
        if job.token is not None:
            return job.token == token
        paused = "" in self.paused or job.tenant in self.paused
        return job.state in ("waiting", "delayed") and job.due and job.suspect <= alone and not paused

    def end_life(self) -> None:
        """Whatever has happened: left alone, every open job comes to its end."""
        for tenant in sorted(self.paused):
            service.resume_queue(self.world.queue, tenant=tenant or None)
        self.paused.clear()
        for holding in self.holdings:
            self.world.end_leases(holding.hand.token)
        self.holdings.clear()
        self.world.rebuild()
        for _ in range(4):
            self.time_passes()
            self.rescue()
            self.sweep()
            for alone in (False, True):
                while (
                    hand := hands.take(self.world.order, self.world.queue, 1 if alone else 100, alone=alone)
                ).members:
                    claimed, rest = hands.claim_hand(self.world.queue, hand, alone=alone)
                    for job in claimed:
                        self.jobs[job.id].claim(hand.token, alone=alone)
                        self.jobs[job.id].finish(Kind.COMPLETED, later=False)
                    hands.end(hand, Kind.COMPLETED, [job.id for job in claimed])
                    settle(self.world.order, self.world.queue, [
                        Settled(str(hand.token), hand.of(it.id), it.delay_ms, it.suspect) for it in rest
                    ] + [Settled(str(hand.token), hand.of(job.id), None) for job in claimed])  # fmt: skip
        self.compare()
        left = {job_id: job.state for job_id, job in self.jobs.items() if job.state in OPEN}
        assert not left, "jobs that never come to an end"

    def compare(self) -> None:
        """Every row is as the model says, and there is no other."""
        assert self.world.rows() == {job_id: job.row for job_id, job in self.jobs.items()}
