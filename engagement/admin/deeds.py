"""Doing something to a row beyond editing it: a page that asks (GET), and a POST of its own that does it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from engagement.admin.base import ClinicAdmin
from engagement.errors import EngagementError


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What its button says, what its page asks, and what it does."""

    name: str
    title: str
    icon: str
    question: str
    consequence: str
    #: Does it; returns what to say afterwards. An :class:`EngagementError` is a refusal that is shown.
    run: Callable[[HttpRequest, Any, dict[str, Any]], str]
    form: Callable[..., forms.Form] | None = None
    danger: bool = False
    #: Whether it makes sense for a row as it is.
    offered: Callable[[Any], bool] = lambda _row: True


class DeedsAdmin(ClinicAdmin):
    """A page with deeds; they need the permission to change the row."""

    deeds: ClassVar[tuple[Deed, ...]] = ()
    change_form_outer_before_template = "engagement/admin/deeds.html"

    def get_urls(self) -> list[URLPattern]:
        """Besides the usual ones, two for each deed."""
        found = []
        for deed in self.deeds:
            asks, does = require_safe(partial(self.ask, deed)), require_POST(partial(self.act, deed))
            for route, view, name in (("confirm/", asks, f"{deed.name}_confirm"), ("", does, deed.name)):
                wrapped = self.admin_site.admin_view(view)
                found.append(path(f"<uuid:pk>/{deed.name}/{route}", wrapped, name=self._url_name(name)))
        return [*found, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """The row's page, with a button for each deed that makes sense."""
        row = self.get_object(request, object_id)
        offered = [deed for deed in self.deeds if deed.offered(row)] if self.may(request, "change", row) else []
        buttons = [(deed, self._url(f"{deed.name}_confirm", row)) for deed in offered]
        context = {**(extra_context or {}), "deed_buttons": buttons}
        response: HttpResponseBase = super().change_view(request, object_id, form_url, context)
        return response

    def ask(self, deed: Deed, request: HttpRequest, pk: Any) -> HttpResponseBase:
        """Ask."""
        row = self._mine(request, pk)
        with timezone.override(self.workplace_of(row).zone):
            return self._page(request, deed, row, deed.form(row) if deed.form else None)

    def act(self, deed: Deed, request: HttpRequest, pk: Any) -> HttpResponseBase:
        """Do it, or show the form again with what is wrong."""
        row = self._mine(request, pk)
        with timezone.override(self.workplace_of(row).zone):
            form = deed.form(row, request.POST) if deed.form else None
            if form is not None and not form.is_valid():
                return self._page(request, deed, row, form)
            try:
                with transaction.atomic():
                    done = deed.run(request, row, form.cleaned_data if form is not None else {})
                messages.success(request, done)
            except EngagementError as error:
                if form is None:
                    messages.error(request, str(error))
                else:
                    form.add_error(None, str(error))
                    return self._page(request, deed, row, form)
        return redirect(self._url("change", row))

    def _mine(self, request: HttpRequest, pk: Any) -> Any:
        row = self.get_object(request, str(pk))
        if not self.may(request, "change", row):
            raise PermissionDenied(
                f"This needs the permission to change this {self.opts.verbose_name} at its workplace."
            )
        return row

    def _page(self, request: HttpRequest, deed: Deed, row: Any, form: forms.Form | None) -> HttpResponseBase:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": deed.title,
            "deed": deed,
            "question": deed.question.format(row=row, workplace=self.workplace_of(row)),
            "form": form,
            "zone": timezone.get_current_timezone_name().replace("_", " "),
            "action": self._url(deed.name, row),
            "back": self._url("change", row),
        }
        refused = form is not None and form.is_bound
        # Rendered here, while the workplace's clock is the active one.
        return TemplateResponse(request, "engagement/admin/ask.html", context, status=400 if refused else 200).render()

    def _url_name(self, name: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{name}"

    def _url(self, name: str, row: Any) -> str:
        return reverse(f"admin:{self._url_name(name)}", args=[row.pk])


def field(widget: type[forms.Widget] = forms.TextInput, **attributes: str) -> forms.Widget:
    """A widget in the pages' looks."""
    return widget({"class": "q-input", **attributes})


def moment(label: str, **options: Any) -> forms.DateTimeField:
    """A date and time as browsers ask for it, on the active clock."""
    widget = forms.DateTimeInput({"type": "datetime-local", "class": "q-input"}, "%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget, **options)
