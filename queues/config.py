"""What a queue is: one frozen declaration each, validated when it is made."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from queues.priorities import JobPriority

#: Dramatiq's own rule for queue names.
NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential waits between attempts: the wait before retry k is ``delay_ms × 2^(k−1)``."""

    #: Milliseconds before the first retry.
    delay_ms: int
    #: Milliseconds that no wait exceeds.
    max_ms: int = 86_400_000
    #: Share of the wait that is added at random, 0.0 to 1.0.
    jitter: float = 0.0

    def wait_ms(self, retry: int) -> int:
        """Milliseconds before the ``retry``-th retry (1 is the first), without jitter."""
        return min(self.delay_ms << min(max(retry - 1, 0), 40), self.max_ms)


@dataclass(frozen=True, slots=True)
class Retention:
    """How long ended jobs are kept, in seconds since they ended."""

    completed_s: int = 86_400
    failed_s: int = 604_800
    cancelled_s: int = 604_800


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most ``count`` jobs handed out per ``per_ms`` milliseconds, over all workers."""

    count: int
    per_ms: int = 1000


def no_tenant(_: Any) -> str:
    """The tenant of jobs that belong to nobody in particular."""
    return ""


def no_subjects(_: Any) -> tuple[str, ...]:
    """The subjects of jobs that are about nobody in particular."""
    return ()


@dataclass(frozen=True, slots=True)
class QueueConfig:
    """One queue and its policy. Raises ``ValueError`` naming the field that is wrong."""

    name: str
    #: Pydantic model of the job's data (camelCase on the wire); None accepts any JSON object.
    schema: type[BaseModel] | None = None
    #: Name of the Dramatiq actor that runs its jobs; None: not consumed, its jobs wait and health says why.
    actor: str | None = None
    #: Cron expression of its default recurrence, if it has one.
    schedule: str | None = None
    #: Runs in all: 3 attempts are one run and two retries.
    attempts: int = 4
    backoff: Backoff = field(default_factory=lambda: Backoff(2000))
    priority: JobPriority = JobPriority.NORMAL
    retention: Retention = field(default_factory=Retention)
    #: Milliseconds that one attempt may take.
    time_limit_ms: int = 600_000
    #: Jobs at once in one worker process; None: as many as the process has threads.
    concurrency: int | None = None
    #: Jobs at once over the whole cluster; None: no cap.
    global_concurrency: int | None = None
    rate_limit: RateLimit | None = None
    #: Deaths of a worker while it ran this job alone that are forgiven.
    max_stalled: int = 1
    #: Share of HIGH, NORMAL and LOW inside a tenant.
    weights: tuple[int, int, int] = (6, 3, 1)
    tenant: Callable[[Any], str] = no_tenant
    subjects: Callable[[Any], tuple[str, ...]] = no_subjects
    #: A queue of the machinery itself, not one of the clinic's.
    system: bool = False

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(f"name: {self.name!r} must be letters, digits, dashes and underscores.")
        for name in ("attempts", "time_limit_ms"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}: must be at least 1 for queue {self.name}.")
        for name in ("concurrency", "global_concurrency"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name}: must be at least 1, or None, for queue {self.name}.")
        if self.max_stalled < 0 or min(self.weights) < 1 or self.backoff.delay_ms < 0:
            raise ValueError(f"max_stalled, weights and backoff must not be negative for queue {self.name}.")
