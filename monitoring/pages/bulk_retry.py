"""Retrying several failed jobs at once: a page that asks, and the POST that does it."""

from collections import Counter
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from monitoring import access
from monitoring.pages.job_deeds import do
from monitoring.pages.rendering import show
from monitoring.pages.verbs import VERBS
from queues.models import Job

#: Most jobs at once: as many as a page of the list can hold.
MOST = 500


@access.page(access.OPERATE, "POST")
def confirm(request: HttpRequest) -> HttpResponseBase:
    """Ask whether to retry the selected jobs."""
    jobs = _selected(request)
    if not jobs:
        messages.warning(request, "Select at least one job first.")
        return redirect("admin:failed")
    queues = Counter(job.queue for job in jobs)
    return show(
        request,
        "confirm",
        "Retry",
        question=f"Retry {_count(len(jobs))}?",
        consequence="Each starts a new run at once, with a fresh set of attempts. Attempts so far stay on record.",
        facts=[(queue, _count(count)) for queue, count in sorted(queues.items())],
        hidden=[("job", job.id) for job in jobs],
        label=f"Retry {_count(len(jobs))}",
        action=reverse("admin:jobs-retry"),
        back=reverse("admin:failed"),
    )


@access.page(access.OPERATE, "POST")
def act(request: HttpRequest) -> HttpResponseBase:
    """Retry each by itself: one refusal does not hold up the others."""
    jobs = _selected(request)
    refusals = Counter(filter(None, (do(request, VERBS["retry"], job) for job in jobs)))
    done = len(jobs) - refusals.total()
    if done:
        messages.success(request, f"{_count(done)} will run again.")
    for refusal, count in refusals.most_common(5):
        messages.error(request, f"{_count(count)} not retried. {refusal}")
    if not jobs:
        messages.warning(request, "None of the selected jobs is there any more.")
    return redirect("admin:failed")


def _selected(request: HttpRequest) -> list[Job]:
    """The selected jobs that exist and that the user may act on; ids that are none are passed over."""
    ids = {found for text in request.POST.getlist("job")[:MOST] if (found := _uuid(text)) is not None}
    jobs = access.scoped(request, Job.objects.filter(id__in=ids))
    return [job for job in jobs if access.may(request, access.OPERATE, job.tenant)]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _count(jobs: int) -> str:
    return "1 job" if jobs == 1 else f"{jobs:,} jobs"
