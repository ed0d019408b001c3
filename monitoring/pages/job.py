"""One job whole: where it stands, its attempts with their stacks, its log, and what people did to it."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse

from monitoring import access
from monitoring.pages.audit import of_job
from monitoring.pages.rendering import show
from monitoring.pages.verbs import verbs_for
from monitoring.words import duration
from queues import registry
from queues.errors import JobNotFound
from queues.inspection.detail import JobDetail, Subject, get_job_detail
from queues.models import JobAttempt
from queues.priorities import JobPriority

#: Texts in a plain actor's arguments that cannot name anybody: ids, dates, numbers, short words of code.
_HARMLESS = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\d([T ][\d:.]+(Z|[+-]\d\d:\d\d)?)?|[0-9]{1,6}"
)


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """An attempt as the page shows it."""

    row: JobAttempt
    took: str


@access.page(access.VIEW_JOBS)
def job(request: HttpRequest, job_id: UUID) -> TemplateResponse:
    """The page of a job of the user's workplaces; any other does not exist."""
    try:
        found = get_job_detail(job_id, tenants=access.tenants(request))
    except JobNotFound as error:
        raise Http404(str(error)) from None
    row = found.job
    return show(
        request,
        "job",
        f"Job …{str(row.id)[-12:]}",
        job=row,
        tenant=access.tenant_name(row.tenant),
        priority=_priority(row.priority),
        subjects=[_subject(each) for each in found.subjects],
        attempts=[AttemptLine(each, _took(each)) for each in reversed(found.attempts)],
        logs=found.log,
        progress=_progress(row.progress),
        data=shown_data(found),
        verbs=verbs_for(row) if access.may(request, access.OPERATE, row.tenant) else [],
        show_audit=request.user.has_perm(access.VIEW_AUDIT),
        audit=of_job(request, row.id),
    )


def shown_data(found: JobDetail) -> Any:
    """The data of a declared queue whole, since its schema admits only ids and choices; of a plain actor, masked."""
    config = registry.find(found.job.queue)
    return found.job.data if config is not None and config.schema is not None else _masked(found.job.data)


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _masked(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_masked(each) for each in value]
    if isinstance(value, str) and not _HARMLESS.fullmatch(value):
        return f"(text, {len(value)} characters)"
    return value


def _subject(subject: Subject) -> dict[str, str]:
    kind, _, value = subject.reference.partition(":")
    if subject.link is not None:
        return {"name": subject.reference, "label": subject.link.label, "url": subject.link.url}
    return {"name": subject.reference, "label": f"{kind} …{value[-12:]}" if value else kind, "url": ""}


def _priority(value: int) -> str:
    try:
        return JobPriority(value).name.capitalize()
    except ValueError:
        return str(value)


def _took(attempt: JobAttempt) -> str:
    started: datetime | None = attempt.started_at
    return duration(attempt.finished_at - started) if started and attempt.finished_at >= started else ""


def _progress(value: Any) -> dict[str, Any] | None:
    """``done`` and ``total`` of what the actor reported, or a text for whatever else it said."""
    if not isinstance(value, dict) or not value:
        return None
    done, total = value.get("done"), value.get("total")
    if isinstance(done, int | float) and isinstance(total, int | float) and total > 0:
        return {"done": done, "total": total}
    return {"done": done, "total": None, "text": str(done) if done is not None else str(value)[:200]}
