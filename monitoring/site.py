"""The admin site: the theme's, with the pages about queues, and a front page that shows how they are."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern
from unfold.sites import UnfoldAdminSite

from monitoring import access

#: Applications whose models have no pages here.
_NOT_SHOWN = {"django_dramatiq"}


class StaffSite(UnfoldAdminSite):
    """The one admin site."""

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Register as usual, but for Dramatiq's own record of tasks: it shows payloads unescaped, and is not ours."""
        models: list[Any] = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        ours = [model for model in models if model._meta.app_label not in _NOT_SHOWN]  # noqa: SLF001  Django's own API
        super().register(ours, admin_class, **options)

    def extra_urls(self) -> list[URLPattern]:
        """The pages that belong to no model."""
        from monitoring.urls import urls  # noqa: PLC0415  pages need the models

        return urls(self)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        """Go to the queues; whoever may not see them gets the list of what they may."""
        if request.user.has_perm(access.VIEW_QUEUES):
            return redirect("admin:queues")
        response: HttpResponseBase = super().index(request, extra_context)
        return response

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        """The theme's search of pages, kept from stumbling over a page number that is none."""
        if not request.GET.get("page", "1").isdecimal():
            given = request.GET.copy()
            given["page"] = "1"
            request.GET = given  # type: ignore[assignment]
        response: HttpResponseBase = super().search(request, extra_context)
        return response
