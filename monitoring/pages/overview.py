"""The front page: every queue with its counts, its health in sentences, and who paused it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse

from monitoring import access
from monitoring.pages.rendering import show
from monitoring.processes import workers
from queues import registry
from queues.inspection import facts
from queues.inspection.health import QueueHealth, get_all_queue_health
from queues.inspection.stats import QueueStats
from queues.recurring.cron import in_words

#: (name of the count, what it is called, tone when it is not zero)
_FIGURES = (
    ("waiting", "Waiting", ""),
    ("active", "Active", "q-info"),
    ("delayed", "Delayed", ""),
    ("completed", "Completed", ""),
    ("failed", "Failed", "q-bad"),
)


@dataclass(frozen=True, slots=True)
class PauseNote:
    """A pause as the page tells it."""

    tenant: str
    whom: str
    by: str
    since: Any
    reason: str
    may_resume: bool


@access.page(access.VIEW_QUEUES)
def overview(request: HttpRequest) -> TemplateResponse:
    """All queues, of the user's workplaces only."""
    mine = access.tenants(request)
    health = get_all_queue_health(tenants=mine)
    pauses = facts.pauses(list(health), None, mine)
    cards = [_card(request, each, pauses.get(name, [])) for name, each in health.items()]
    return show(
        request,
        "overview",
        "Queues",
        cards=cards,
        totals=_totals([each.stats for each in health.values()]),
        workers=_live_workers(),
    )


def _card(request: HttpRequest, health: QueueHealth, pauses: list[facts.Pause]) -> dict[str, Any]:
    config = registry.find(health.name)
    notes = [_note(request, pause) for pause in pauses]
    return {
        "name": health.name,
        "figures": _figures(health.stats, health.name),
        # The page tells pauses by itself, with what may be done about them.
        "errors": [sentence for sentence in health.errors if not sentence.startswith("The queue is paused")],
        "pauses": notes,
        "stopped": any(pause.tenant is None for pause in pauses),
        "consumed": config is None or config.actor is not None,
        "schedule": in_words(config.schedule) if config and config.schedule else "",
        "may_pause": request.user.has_perm(access.ADMINISTER) and not any(pause.tenant is None for pause in pauses),
    }


def _note(request: HttpRequest, pause: facts.Pause) -> PauseNote:
    whole = pause.tenant is None
    tenant = pause.tenant or ""
    may = access.over_all(request) if whole else access.may(request, access.ADMINISTER, tenant)
    whom = "every workplace" if whole else access.tenant_name(tenant)
    return PauseNote(tenant, whom, pause.by, pause.since, pause.reason, may)


def _figures(stats: QueueStats, queue: str = "") -> list[tuple[str, int, str, str]]:
    return [(title, getattr(stats, name), tone, _jobs_link(name, queue)) for name, title, tone in _FIGURES]


def _totals(stats: list[QueueStats]) -> list[tuple[str, int, str, str]]:
    return [
        (title, sum(getattr(each, name) for each in stats), tone, _jobs_link(name)) for name, title, tone in _FIGURES
    ]


def _jobs_link(state: str, queue: str = "") -> str:
    given = {"queue": queue} if queue else {}
    if state == "failed":
        return f"{reverse('admin:failed')}?{urlencode(given)}".rstrip("?")
    return f"{reverse('admin:jobs')}?{urlencode({**given, 'state': state})}"


def _live_workers() -> int:
    return sum(worker.alive for worker in workers() if worker.row.kind == "worker")
