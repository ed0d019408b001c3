"""Doing something to a job: a page that asks, and the POST that does it through the service."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from monitoring import access
from monitoring.pages.rendering import show
from monitoring.pages.verbs import VERBS, Verb
from monitoring.words import without_controls
from queues.errors import JobNotFound, QueueError
from queues.inspection.detail import find_job
from queues.models import Job


class Why(forms.Form):
    """Why somebody does it; it ends in the audit."""

    reason = forms.CharField(label="Why", required=False, max_length=500, widget=forms.TextInput({"class": "q-input"}))


class NewTime(Why):
    """When a job is to start instead, and why."""

    field_order = ("run_at", "reason")
    run_at = forms.DateTimeField(
        label="New start",
        widget=forms.DateTimeInput({"type": "datetime-local", "class": "q-input", "step": "1"}, "%Y-%m-%dT%H:%M:%S"),
    )

    def __init__(self, data: Any = None, *, now: datetime | None = None) -> None:
        super().__init__(data, initial={"run_at": now})
        self.fields["run_at"].help_text = f"On the clock of {timezone.get_current_timezone_name()}."


@access.page(access.OPERATE)
def confirm(request: HttpRequest, job_id: UUID, verb: str) -> HttpResponseBase:
    """Ask whether to do it, saying what it means."""
    deed, job = VERBS[verb], _mine(request, job_id)
    form = NewTime(now=timezone.localtime(job.run_at)) if verb == "reschedule" else Why()
    return _ask(request, deed, job, form)


@access.page(access.OPERATE, "POST")
def act(request: HttpRequest, job_id: UUID, verb: str) -> HttpResponseBase:
    """Do it, and say what came of it."""
    deed, job = VERBS[verb], _mine(request, job_id)
    form = NewTime(request.POST) if verb == "reschedule" else Why(request.POST)
    if not form.is_valid():
        return _ask(request, deed, job, form, status=400)
    refusal = do(request, deed, job, **{name: value for name, value in form.cleaned_data.items() if value})
    if refusal:
        messages.error(request, refusal)
    else:
        messages.success(request, f"Job …{str(job.id)[-12:]} {deed.done}.")
    return _after(job, removed=verb == "remove" and not refusal)


def do(request: HttpRequest, deed: Verb, job: Job, **arguments: Any) -> str:
    """Do it to one job; the refusal's words, or nothing if it was done."""
    try:
        deed.act(job.queue, job.id, by=request.user, tenants=access.tenants(request), **arguments)
    except QueueError as error:
        return without_controls(str(error))
    return ""


def _mine(request: HttpRequest, job_id: UUID) -> Job:
    """The job, if the user may see it (else 404) and act on jobs of its workplace (else 403)."""
    try:
        job = find_job(job_id, tenants=access.tenants(request))
    except JobNotFound as error:
        raise Http404(str(error)) from None
    access.require(request, access.OPERATE, job.tenant)
    return job


def _ask(request: HttpRequest, deed: Verb, job: Job, form: forms.Form | None, status: int = 200) -> HttpResponseBase:
    return show(
        request,
        "confirm",
        deed.title,
        status=status,
        question=deed.question,
        consequence=deed.consequence,
        facts=[
            ("Job", str(job.id)),
            ("Queue", job.queue),
            ("Workplace", access.tenant_name(job.tenant)),
            ("State now", job.state),
            *([("Last error", without_controls(job.error_class))] if job.error_class else []),
        ],
        form=form,
        label=deed.title,
        danger=deed.danger,
        action=reverse("admin:job-act", args=[job.id, deed.name]),
        back=reverse("admin:job", args=[job.id]),
    )


def _after(job: Job, *, removed: bool) -> HttpResponseRedirect:
    return redirect("admin:failed" if removed else reverse("admin:job", args=[job.id]))
