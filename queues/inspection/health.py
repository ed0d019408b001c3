"""Whether a queue does its work, and in sentences what to do if not."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import structlog
from django.conf import settings

from queues import registry, scope
from queues.inspection import facts
from queues.inspection.stats import QueueStats, all_names, stats_of

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class QueueHealth:
    """A queue's state of health; every error says what to do."""

    name: str
    is_healthy: bool
    stats: QueueStats
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Seen:
    """All that is known of one queue."""

    name: str
    stats: QueueStats
    pauses: list[facts.Pause]
    processes: facts.Processes
    oldest_s: float
    completed: int
    failed: int


def get_queue_health(queue: object, tenant: str | None = None, *, tenants: frozenset[str] | None = None) -> QueueHealth:
    """The health of one queue, or of one tenant in it. Raises ``UnknownQueue``."""
    name = str(registry.get(queue).name)
    return health_of([name], tenant, tenants)[name]


def get_all_queue_health(tenant: str | None = None, *, tenants: frozenset[str] | None = None) -> dict[str, QueueHealth]:
    """The health of every queue by its name, in a constant number of statements."""
    return health_of(all_names(), tenant, tenants)


def health_of(
    queues: list[str], tenant: str | None = None, tenants: frozenset[str] | None = None
) -> dict[str, QueueHealth]:
    """The health of the named queues."""
    stats = stats_of(queues, tenant, tenants)
    pauses = facts.pauses(queues, tenant, tenants)
    oldest = facts.oldest_waiting_s(queues, tenant, tenants)
    ended = facts.finished(queues, tenant, tenants, settings.QUEUES.health.window_s)
    alive = facts.processes()
    found: dict[str, QueueHealth] = {}
    for name in queues:
        completed, failed = ended.get(name, (0, 0))
        seen = _Seen(name, stats[name], pauses.get(name, []), alive, oldest.get(name, 0.0), completed, failed)
        errors = [*_flow(seen), *_pauses(seen), *_processes(seen)]
        found[name] = QueueHealth(name, not errors, stats[name], errors)
    return found


def _flow(seen: _Seen) -> Iterator[str]:
    """What the jobs themselves say."""
    limits = settings.QUEUES.health
    runs = seen.completed + seen.failed
    if runs >= limits.failure_sample and seen.failed / runs > limits.failure_rate:
        yield (
            f"{seen.failed} of {runs} jobs failed in the last {_span(limits.window_s)} "
            f"({seen.failed / runs:.0%}, at most {limits.failure_rate:.0%} is allowed). "
            "Look at the failed jobs' errors, repair the cause, then retry them."
        )
    if seen.stats.active > limits.active:
        yield (
            f"{seen.stats.active} jobs are running at once, at most {limits.active} are expected. "
            "Look for jobs that hang on a slow provider; lower the queue's concurrency or time limit."
        )
    if seen.oldest_s > limits.oldest_waiting_s and not any(pause.tenant is None for pause in seen.pauses):
        yield (
            f"The oldest waiting job has been due for {_span(seen.oldest_s)}, "
            f"at most {_span(limits.oldest_waiting_s)} is allowed. Start more workers, or raise the queue's limits."
        )


def _pauses(seen: _Seen) -> Iterator[str]:
    """What people have stopped."""
    for pause in seen.pauses:
        whose = "" if pause.tenant is None else f" for {scope.tenant_label(pause.tenant)}"
        by = f" by {pause.by}" if pause.by else ""
        since = f" since {pause.since:%Y-%m-%d %H:%M} UTC" if pause.since else ""
        why = f" ({pause.reason})" if pause.reason else ""
        yield f"The queue is paused{whose}{by}{since}{why}. Resume it when its jobs may start again."


def _processes(seen: _Seen) -> Iterator[str]:
    """What does not run."""
    config = registry.find(seen.name)
    waiting = seen.stats.waiting + seen.stats.delayed
    if config is not None and config.actor is None:
        if waiting:
            yield (
                f"The queue has no actor, so nothing runs its {waiting} waiting jobs. "
                "Name an actor in its declaration, or empty the queue."
            )
    elif not seen.processes.workers.get(seen.name):
        yield "No live worker consumes the queue. Start one with `manage.py rundramatiq`."
    if not seen.processes.schedulers:
        yield "No scheduler is alive, so recurring jobs are not added. Start `manage.py runscheduler`."
    if not seen.processes.relay:
        yield (
            "No relay is alive, so lost workers' jobs are not taken back and Redis is not repaired. "
            "Any worker or scheduler leads it; start one, or look into their logs if one runs."
        )


def _span(seconds: float) -> str:
    """A duration for people."""
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds:.3g} s"


class HealthWatch:
    """Logs when a queue becomes unhealthy and when it is healthy again, once each. One a leader."""

    def __init__(self) -> None:
        self._unhealthy: set[str] = set()

    def step(self) -> dict[str, QueueHealth]:
        """Look at all queues once; return their health."""
        health = get_all_queue_health()
        for name, of_queue in health.items():
            if not of_queue.is_healthy and name not in self._unhealthy:
                self._unhealthy.add(name)
                log.warning("queue is unhealthy", queue=name, errors=of_queue.errors)
            elif of_queue.is_healthy and name in self._unhealthy:
                self._unhealthy.discard(name)
                log.info("queue is healthy again", queue=name)
        return health
