"""What people did, newest first; and the entries of one object. Read only, as the table is."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse

from monitoring import access
from monitoring.pages.rendering import show
from queues.models import AuditEntry

#: Entries on a page.
PAGE = 50
_MOST_OF_A_JOB = 100


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as the table shows it."""

    at: Any
    user_name: str
    action: str
    queue: str
    tenant: str
    object_type: str
    object_id: str
    reason: str
    before: Any
    after: Any
    link: str

    @property
    def shown_id(self) -> str:
        """The object's id, short if it is a UUID."""
        return f"…{self.object_id[-12:]}" if _uuid(self.object_id) else self.object_id

    @property
    def change(self) -> str:
        """Before and after in one line."""
        return f"{_words(self.before)} → {_words(self.after)}"


@access.page(access.VIEW_AUDIT)
def audit(request: HttpRequest) -> TemplateResponse:
    """A page of entries about the user's workplaces."""
    filters = {
        name: request.GET.get(name, "").strip().replace("\x00", "")[:200] for name in ("who", "action", "object")
    }
    rows = access.scoped(request, AuditEntry.objects.all())
    if filters["who"]:
        rows = rows.filter(user_name__icontains=filters["who"])
    if filters["action"]:
        rows = rows.filter(action__icontains=filters["action"])
    if filters["object"]:
        rows = rows.filter(object_id=filters["object"])
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:  # noqa: PLR2004  fits the column
        rows = rows.filter(id__lt=int(before))
    found = list(rows[: PAGE + 1])
    given = {name: value for name, value in filters.items() if value}
    older = found[PAGE - 1].id if len(found) > PAGE else None
    return show(
        request,
        "audit",
        "Audit",
        entries=[_line(entry) for entry in found[:PAGE]],
        filters=filters,
        tenant_names=access.names(entry.tenant for entry in found),
        next_link="?" + urlencode({**given, "before": older}) if older else "",
        previous_link="?" + urlencode(given) if before else "",
    )


def of_job(request: HttpRequest, job_id: UUID) -> list[Line]:
    """The newest entries about one job."""
    rows = access.scoped(request, AuditEntry.objects.filter(object_type="job", object_id=str(job_id)))
    return [_line(entry) for entry in rows[:_MOST_OF_A_JOB]]


def _line(entry: AuditEntry) -> Line:
    link = reverse("admin:job", args=[entry.object_id]) if entry.object_type == "job" and _uuid(entry.object_id) else ""
    return Line(
        entry.at,
        entry.user_name,
        entry.action,
        entry.queue,
        entry.tenant,
        entry.object_type,
        entry.object_id,
        entry.reason,
        entry.before,
        entry.after,
        link,
    )


def _uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _words(value: Any) -> str:
    if not value:
        return "–"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_word(each)}" for name, each in value.items())
    return _word(value)


def _word(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
