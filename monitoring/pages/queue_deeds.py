"""Pausing and resuming: the whole queue by those over all workplaces, one workplace in it by its own administrators."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from monitoring import access
from monitoring.pages.rendering import show
from monitoring.tenants import known_tenants
from monitoring.words import without_controls
from queues import service
from queues.errors import QueueError
from queues.inspection.stats import all_names

_EVERYONE = ("", "Every workplace (the whole queue)")


class PauseForm(forms.Form):
    """Whom to pause, and why."""

    tenant = forms.ChoiceField(label="For whom", required=False, widget=forms.Select({"class": "q-input"}))
    reason = forms.CharField(
        label="Why",
        max_length=500,
        help_text="Shown beside the queue and kept in the audit.",
        widget=forms.Textarea({"class": "q-input", "rows": 3}),
    )

    def __init__(self, request: HttpRequest, queue: str, data: Any = None) -> None:
        super().__init__(data)
        mine = [
            (tenant, name)
            for tenant, name in access.options(request, known_tenants(queue))
            if access.may(request, access.ADMINISTER, tenant)
        ]
        self.choices = [_EVERYONE, *mine] if access.over_all(request) else mine
        field = self.fields["tenant"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  it is declared above
        field.choices = self.choices
        field.required = not access.over_all(request)


@access.page(access.ADMINISTER)
def confirm_pause(request: HttpRequest, queue: str) -> HttpResponseBase:
    """Ask for whom and why."""
    return _ask_pause(request, queue, _form(request, queue))


@access.page(access.ADMINISTER, "POST")
def pause(request: HttpRequest, queue: str) -> HttpResponseBase:
    """Pause it."""
    form = _form(request, queue, request.POST)
    if not form.is_valid():
        return _ask_pause(request, queue, form, status=400)
    tenant = form.cleaned_data["tenant"] or None
    try:
        service.pause_queue(queue, tenant=tenant, reason=form.cleaned_data["reason"], by=request.user)
        messages.success(request, f"{queue} is paused for {_whom(tenant)}. Running jobs finish; nothing new starts.")
    except QueueError as error:
        messages.error(request, without_controls(str(error)))
    return redirect("admin:queues")


@access.page(access.ADMINISTER)
def confirm_resume(request: HttpRequest, queue: str) -> HttpResponseBase:
    """Ask whether to let jobs start again."""
    tenant = _paused_tenant(request, queue, request.GET.get("tenant", ""))
    return show(
        request,
        "confirm",
        "Resume",
        question=f"Resume {queue}?",
        consequence="Waiting jobs start as soon as workers are free.",
        facts=[("For", _whom(tenant))],
        hidden=[("tenant", tenant or "")],
        label="Resume",
        action=reverse("admin:queue-resume", args=[queue]),
        back=reverse("admin:queues"),
    )


@access.page(access.ADMINISTER, "POST")
def resume(request: HttpRequest, queue: str) -> HttpResponseBase:
    """Resume it."""
    tenant = _paused_tenant(request, queue, request.POST.get("tenant", ""))
    try:
        service.resume_queue(queue, tenant=tenant, by=request.user)
        messages.success(request, f"{queue} is resumed for {_whom(tenant)}.")
    except QueueError as error:
        messages.error(request, without_controls(str(error)))
    return redirect("admin:queues")


def _form(request: HttpRequest, queue: str, data: Any = None) -> PauseForm:
    _known(queue)
    form = PauseForm(request, queue, data)
    if not form.choices:
        raise PermissionDenied("You administer no workplace.")
    return form


def _ask_pause(request: HttpRequest, queue: str, form: PauseForm, status: int = 200) -> HttpResponseBase:
    return show(
        request,
        "confirm",
        "Pause",
        status=status,
        question=f"Pause {queue}?",
        consequence="Jobs that run finish. Nothing new starts until somebody resumes it; what is added waits.",
        form=form,
        label="Pause",
        danger=True,
        action=reverse("admin:queue-pause", args=[queue]),
        back=reverse("admin:queues"),
    )


def _known(queue: str) -> None:
    if queue not in all_names():
        raise Http404("There is no such queue.")


def _paused_tenant(request: HttpRequest, queue: str, tenant: str) -> str | None:
    """The workplace to resume (None: the whole queue), if the user may."""
    _known(queue)
    if not tenant:
        if not access.over_all(request):
            raise PermissionDenied("Only those over all workplaces may resume a whole queue.")
        return None
    if not access.sees(request, tenant) or tenant not in known_tenants(queue):
        raise Http404("There is no such workplace in this queue.")
    access.require(request, access.ADMINISTER, tenant)
    return tenant


def _whom(tenant: str | None) -> str:
    return "every workplace" if tenant is None else access.tenant_name(tenant)
