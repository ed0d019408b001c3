"""The filters of a list of jobs, from the address of its page."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from monitoring import access
from queues.errors import JobNotFound
from queues.inspection.detail import find_job
from queues.inspection.filters import InvalidCursor, JobFilter
from queues.inspection.jobs import Page, list_jobs
from queues.states import JobState

_NAMES = ("q", "queue", "state", "tenant", "actor", "error_class", "since", "until")
#: Longest text of a filter, characters; more is cut.
_LONGEST = 200


@dataclass(slots=True)
class Listing:
    """What a list's page shows, and what it could not understand."""

    page: Page
    filters: dict[str, str]
    faults: list[str] = field(default_factory=list)

    def next_link(self) -> str:
        """Query of the next page, or nothing on the last."""
        return "?" + urlencode({**_given(self.filters), "after": self.page.next}) if self.page.next else ""

    def first_link(self, request: HttpRequest) -> str:
        """Query of the first page, for all pages but it."""
        return "?" + urlencode(_given(self.filters)) if request.GET.get("after") else ""


def listing(request: HttpRequest, *, state: JobState | None = None) -> Listing:
    """The page of jobs that the address asks for; a filter that makes no sense is reported, and shows nothing."""
    filters = {name: request.GET.get(name, "").strip().replace("\x00", "")[:_LONGEST] for name in _NAMES}
    faults: list[str] = []
    asked = _asked(request, filters, state, faults)
    if asked is None:
        return Listing(Page([], None), filters, faults)
    if isinstance(asked, UUID):
        return Listing(_one(request, asked, state), filters, faults)
    try:
        return Listing(list_jobs(asked, after=request.GET.get("after") or None), filters, faults)
    except InvalidCursor:
        return Listing(list_jobs(asked), filters, ["That page is not there any more; this is the first one."])


def _asked(
    request: HttpRequest, filters: dict[str, str], state: JobState | None, faults: list[str]
) -> JobFilter | UUID | None:
    """What to look for: jobs by a filter, one job by its id, or nothing."""
    times = {name: _moment(filters[name], name, faults) for name in ("since", "until")}
    if state is None and filters["state"]:
        if filters["state"] not in set(JobState):
            faults.append(f"There is no state “{filters['state']}”.")
        else:
            state = JobState(filters["state"])
    if faults:
        return None
    search: dict[str, Any] = {}
    if filters["q"]:
        try:
            return UUID(filters["q"])
        except ValueError:
            pass
        kind, colon, rest = filters["q"].partition(":")
        is_subject = bool(colon) and kind.isidentifier() and _is_uuid(rest)
        search = {"subject": filters["q"]} if is_subject else {"text": filters["q"]}
    return JobFilter(
        state=state,
        queue=filters["queue"] or None,
        actor=filters["actor"] or None,
        tenants=access.tenants(request),
        tenant=filters["tenant"] or None,
        error_class=filters["error_class"] or None,
        since=times["since"],
        until=times["until"],
        **search,
    )


def _one(request: HttpRequest, job_id: UUID, state: JobState | None) -> Page:
    try:
        job = find_job(job_id, tenants=access.tenants(request))
    except JobNotFound:
        return Page([], None)
    return Page([job] if state is None or job.state == state else [], None)


def _moment(text: str, name: str, faults: list[str]) -> datetime | None:
    """A time as a browser gives it, on the page's clock."""
    if not text:
        return None
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None or not 1970 < found.year < 9999:  # noqa: PLR2004  what a clock and PostgreSQL can say
        faults.append(f"“{text}” is not a date and time ({'from' if name == 'since' else 'before'}).")
        return None
    return found if timezone.is_aware(found) else timezone.make_aware(found)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _given(filters: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in filters.items() if value}
