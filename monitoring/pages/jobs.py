"""The lists of jobs: all of them, and the failed ones with their errors."""

from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse

from monitoring import access
from monitoring.pages.filtering import Listing, listing
from monitoring.pages.rendering import show
from monitoring.tenants import known_tenants
from queues.inspection.stats import all_names
from queues.states import JobState


@access.page(access.VIEW_JOBS)
def jobs(request: HttpRequest) -> TemplateResponse:
    """Every job that the user may see."""
    found = listing(request)
    states = [state.value for state in JobState]
    by = {"failed": "Failed", "waiting": "Due", "delayed": "Due", "active": "Due"}.get(found.filters["state"], "Added")
    return show(request, "jobs", "Jobs", state_names=states, time_label=by, **_shared(request, found))


@access.page(access.VIEW_JOBS)
def failed(request: HttpRequest) -> TemplateResponse:
    """The dead letters: their attempts are used up, and they stay for staff to retry."""
    found = listing(request, state=JobState.FAILED)
    may_retry = request.user.has_perm(access.OPERATE)
    return show(request, "failed", "Failed jobs", may_retry=may_retry, time_label="Failed", **_shared(request, found))


def _shared(request: HttpRequest, found: Listing) -> dict[str, Any]:
    return {
        "jobs": found.page.jobs,
        "filters": found.filters,
        "filtered": any(found.filters.values()) or bool(found.faults),
        "filter_error": " ".join(found.faults),
        "queue_names": all_names(),
        "workplaces": access.options(request, known_tenants()),
        "tenant_names": access.names(job.tenant for job in found.page.jobs),
        "next_link": found.next_link(),
        "previous_link": found.first_link(request),
        "search_hint": "Job id, patient:… or appointment:…, or text of a failed job",
    }
