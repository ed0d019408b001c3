"""Doing something to a recurring job: run it now, enable or disable it, edit it; each asked first, done by a POST."""

from zoneinfo import available_timezones

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from monitoring import access
from monitoring.pages.recurring import mine
from monitoring.pages.rendering import show
from monitoring.words import without_controls
from queues.errors import InvalidJobData, QueueError
from queues.models import RecurringJob
from queues.recurring import schedules, ticks
from queues.recurring.cron import in_words

#: verb -> (title, question, consequence, said afterwards, whether its button is red)
_VERBS = {
    "run": (
        "Run now",
        "Run “{}” now?",
        "One job is added at once, besides the schedule.",
        "was added to its queue",
        False,
    ),
    "enable": ("Enable", "Enable “{}”?", "It runs again at its next time.", "is enabled", False),
    "disable": ("Disable", "Disable “{}”?", "It does not run again until somebody enables it.", "is disabled", True),
}
_INPUT = {"class": "q-input"}


class ScheduleForm(forms.Form):
    """When it runs."""

    cron = forms.CharField(
        label="Cron expression",
        max_length=200,
        widget=forms.TextInput(_INPUT),
        help_text="Minute, hour, day of month, month, day of week: “*/15 * * * *” is every 15 minutes.",
    )
    timezone = forms.CharField(
        label="Time zone",
        max_length=64,
        widget=forms.TextInput({**_INPUT, "list": "zones"}),
        help_text="An IANA name such as Europe/Berlin; the expression is read on its clock.",
    )
    misfire = forms.ChoiceField(
        label="When it comes late",
        choices=[("run_once", "Run once for all that were missed"), ("skip", "Skip what was missed")],
        widget=forms.Select(_INPUT),
    )


@access.page(access.ADMINISTER)
def confirm(request: HttpRequest, pk: int, verb: str) -> HttpResponseBase:
    """Ask whether to do it."""
    row = _mine(request, pk)
    title, question, consequence, _, danger = _verb(verb)
    return show(
        request,
        "confirm",
        title,
        question=question.format(without_controls(row.name)),
        consequence=consequence,
        facts=[("Queue", row.queue), ("Workplace", access.tenant_name(row.tenant)), ("Schedule", in_words(row.cron))],
        label=title,
        danger=danger,
        action=reverse("admin:recurring-act", args=[row.pk, verb]),
        back=reverse("admin:recurring-job", args=[row.pk]),
    )


@access.page(access.ADMINISTER, "POST")
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponseBase:
    """Do it."""
    row = _mine(request, pk)
    done = _verb(verb)[3]
    try:
        if verb == "run":
            ticks.run_now(row.pk, by=request.user)
        elif verb == "enable":
            schedules.enable_recurring_job(row.pk, by=request.user)
        else:
            schedules.disable_recurring_job(row.pk, by=request.user)
        messages.success(request, f"“{without_controls(row.name)}” {done}.")
    except QueueError as error:
        messages.error(request, without_controls(str(error)))
    return redirect("admin:recurring-job", row.pk)


@access.page(access.ADMINISTER)
def edit(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The form."""
    row = _mine(request, pk)
    initial = {name: without_controls(getattr(row, name)) for name in ("cron", "timezone", "misfire")}
    return _form_page(request, row, ScheduleForm(initial=initial))


@access.page(access.ADMINISTER, "POST")
def save(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Save it; what cannot fire is refused at its field."""
    row = _mine(request, pk)
    form = ScheduleForm(request.POST)
    if form.is_valid():
        try:
            schedules.change_recurring_job(row.pk, by=request.user, **form.cleaned_data)
        except InvalidJobData as error:
            for name, text in error.errors.items():
                form.add_error(name if name in form.fields else None, text)
        else:
            messages.success(
                request, f"“{without_controls(row.name)}” now runs: {in_words(form.cleaned_data['cron'])}."
            )
            return redirect("admin:recurring-job", row.pk)
    return _form_page(request, row, form, status=400)


def _form_page(request: HttpRequest, row: RecurringJob, form: forms.Form, status: int = 200) -> HttpResponseBase:
    return show(
        request,
        "confirm",
        "Edit",
        status=status,
        question=f"Edit “{without_controls(row.name)}”",
        consequence="Takes effect within two seconds. From then on settings leave this schedule alone.",
        form=form,
        zones=sorted(available_timezones()),
        label="Save",
        action=reverse("admin:recurring-save", args=[row.pk]),
        back=reverse("admin:recurring-job", args=[row.pk]),
    )


def _mine(request: HttpRequest, pk: int) -> RecurringJob:
    row = mine(request, pk)
    access.require(request, access.ADMINISTER, row.tenant)
    return row


def _verb(verb: str) -> tuple[str, str, str, str, bool]:
    if verb not in _VERBS:
        raise Http404("There is no such deed.")
    return _VERBS[verb]
