"""What must hold after any fault: a witness of every transition in the database, and the caller's own log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

import redis
from django.conf import settings
from django.db import connection

from queues import service
from queues.ledger import sql
from queues.order.member import base_key
from queues.testing import wait_for

_INSTALL = """
CREATE TABLE IF NOT EXISTS witness (
    seen bigint GENERATED ALWAYS AS IDENTITY, at timestamptz DEFAULT clock_timestamp(),
    job_id uuid, run smallint, before text, after text, token uuid);
TRUNCATE witness;
CREATE OR REPLACE FUNCTION witness_see() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO witness (job_id, run, before, after, token)
    VALUES (new.id, new.run, old.state, new.state, coalesce(new.token, old.token));
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER witness AFTER UPDATE OF state ON queues_job
    FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION witness_see();
"""
_REMOVE = "DROP TRIGGER IF EXISTS witness ON queues_job; DROP TABLE IF EXISTS witness"

TERMINAL = ("completed", "failed", "cancelled")


def install() -> None:
    """Let the database note every change of a job's state from now on."""
    with connection.cursor() as cursor:
        cursor.execute(_INSTALL)


def remove() -> None:
    """Take the witness away."""
    with connection.cursor() as cursor:
        cursor.execute(_REMOVE)


@dataclass
class Caller:
    """The caller's side: which jobs were added by a transaction that committed, which were removed by a call."""

    added: dict[UUID, str] = field(default_factory=dict)
    removed: set[UUID] = field(default_factory=set)
    #: One key for each effect that an actor had on the world.
    effects: list[Any] = field(default_factory=list)

    def add(self, queue: str, data: dict[str, Any] | None = None, **how: Any) -> UUID:
        """Add a job and note it."""
        job = service.add_job(queue, data or {}, **how)
        self.added[job.id] = queue
        return job.id

    def add_many(self, queue: str, many: Iterable[dict[str, Any]]) -> list[UUID]:
        """Add many jobs in one statement and note them."""
        ids = service.add_jobs(queue, many)
        self.added.update(dict.fromkeys(ids, queue))
        return ids

    def states(self) -> dict[UUID, str]:
        """The states of the noted jobs that are there."""
        return dict(sql.rows("SELECT id, state FROM queues_job WHERE id = ANY(%s)", [list(self.added)]))

    def wait_all_ended(self, timeout_s: float = 20.0) -> None:
        """Wait until no noted job has anything ahead of it."""
        wait_for(
            lambda: all(state in TERMINAL for state in self.states().values()),
            timeout_s,
            f"all {len(self.added)} jobs have ended",
        )

    def assert_oracle(self, *, others: int = 0, settle_s: float = 5.0) -> None:
        """Assert the oracle, at rest: nothing is lost, terminal twice or half done.

        ``others`` rows were added by jobs, ticks or adds whose commit the caller could not learn.
        """
        states = self.states()
        lost = [job_id for job_id in self.added if job_id not in states and job_id not in self.removed]
        assert not lost, f"{len(lost)} committed jobs are gone: {lost[:5]}"
        unfinished = {job_id: state for job_id, state in states.items() if state not in TERMINAL}
        assert not unfinished, f"{len(unfinished)} jobs have not ended: {list(unfinished.items())[:5]}"
        twice = sql.rows(
            "SELECT job_id, run, array_agg(after ORDER BY seen) FROM witness WHERE after = ANY(%s)"
            " GROUP BY job_id, run HAVING count(*) > 1",
            [list(TERMINAL)],
        )
        assert not twice, f"{len(twice)} runs ended more than once: {twice[:5]}"
        rows = sql.rows("SELECT count(*) FROM queues_job WHERE NOT id = ANY(%s)", [list(self.added)])
        assert rows[0][0] == others, f"{rows[0][0]} rows that nobody added, {others} expected"
        active = sql.rows("SELECT count(*) FROM queues_job WHERE state = 'active' OR token IS NOT NULL", [])
        assert active[0][0] == 0, f"{active[0][0]} rows are active, or hold a token, at rest"
        again = sorted({str(key) for key in self.effects if self.effects.count(key) > 1}) if self.effects else []
        assert not again, f"effects more than once: {again[:5]}"
        with redis.Redis.from_url(settings.QUEUES.redis_url) as client:
            for queue in sorted(set(self.added.values())):
                leases = base_key(queue) + "leases"
                wait_for(partial(_is_empty, client, leases), settle_s, f"no lease is left in {queue}")


def _is_empty(client: redis.Redis, key: str) -> bool:
    return client.zcard(key) == 0
