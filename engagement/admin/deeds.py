"""A page that asks before something is done to a row; doing it is a POST of its own."""

from typing import Any

from django import forms
from django.contrib.admin import ModelAdmin
from django.db.models import Model
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse


def ask(  # noqa: PLR0913  what a question consists of
    page: "ModelAdmin[Any]",
    request: HttpRequest,
    obj: Model,
    *,
    question: str,
    consequence: str,
    label: str,
    action: str,
    form: forms.Form | None = None,
    danger: bool = False,
) -> TemplateResponse:
    """The page; a form that is bound has been refused, and is shown with status 400."""
    opts = page.opts
    context = {
        **page.admin_site.each_context(request),
        "opts": opts,
        "title": label,
        "question": question,
        "consequence": consequence,
        "label": label,
        "action": action,
        "form": form,
        "danger": danger,
        "back": reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[obj.pk]),
    }
    refused = form is not None and form.is_bound
    return TemplateResponse(request, "engagement/admin/ask.html", context, status=400 if refused else 200)
