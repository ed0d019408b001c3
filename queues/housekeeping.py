"""What the leader does beside the relay, each chore at its own interval; one that fails does not stop the others."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from django.db import connection

from queues.counts.check import SelfCheck
from queues.counts.fold import fold_all
from queues.counts.rollup import Rollup
from queues.inspection.health import HealthWatch
from queues.retention import Retention

log = structlog.get_logger(__name__)

#: Seconds between two runs.
FOLD_EVERY_S = 1.0
WATCH_EVERY_S = 5.0
ROLLUP_EVERY_S = 10.0
RETENTION_EVERY_S = 10.0
CHECK_EVERY_S = 60.0
#: While there is more to remove, the rest after each batch as a share of the time that it took.
RETENTION_REST = 0.25


@dataclass(slots=True)
class Chore:
    """One thing to do: ``run`` gets the time and returns the seconds until it wants to run again, or None."""

    name: str
    every_s: float
    run: Callable[[float], float | None]
    due: float


class Housekeeping:
    """All chores of one leader. Not shared between threads; uses the calling thread's database connection."""

    def __init__(self, now: float) -> None:
        """Begin at ``now`` (monotonic, seconds); what judges a running system first lets it start."""
        self._rollup, self._check, self._retention = Rollup(), SelfCheck(), Retention()
        self._watch = HealthWatch()
        self._chores = [
            Chore("fold", FOLD_EVERY_S, self._fold, now),
            Chore("rollup", ROLLUP_EVERY_S, self._roll_up, now),
            Chore("retention", RETENTION_EVERY_S, self._prune, now),
            Chore("health", WATCH_EVERY_S, self._watch_health, now + 2 * WATCH_EVERY_S),
            Chore("check", CHECK_EVERY_S, self._self_check, now + CHECK_EVERY_S),
        ]

    def step(self, now: float) -> float:
        """Do what is due at ``now`` (monotonic, seconds); return the seconds until something is due again."""
        for chore in self._chores:
            if chore.due <= now:
                chore.due = now + self._run(chore, now)
        return max(min(chore.due for chore in self._chores) - now, 0.0)

    @staticmethod
    def _run(chore: Chore, now: float) -> float:
        try:
            again = chore.run(now)
        except Exception:
            # Whatever went wrong (a lost connection, a lock time-out), the next turn tries again.
            log.exception("housekeeping failed, trying again", chore=chore.name)
            connection.close_if_unusable_or_obsolete()
            return chore.every_s
        return chore.every_s if again is None else again

    @staticmethod
    def _fold(_now: float) -> None:
        fold_all()

    def _roll_up(self, now: float) -> float | None:
        began = time.monotonic()
        behind = self._rollup.step(now)
        return time.monotonic() - began if behind else None

    def _prune(self, _now: float) -> float | None:
        began = time.monotonic()
        _removed, more = self._retention.step()
        # With a rest after each batch, so that the database and the other chores never wait long.
        return (time.monotonic() - began) * RETENTION_REST if more else None

    def _watch_health(self, _now: float) -> None:
        self._watch.step()

    def _self_check(self, _now: float) -> None:
        self._check.step()
