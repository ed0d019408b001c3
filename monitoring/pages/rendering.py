"""What every page shares: the site's frame around it, and looking up what the user may see."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse


def show(request: HttpRequest, template: str, title: str, *, status: int = 200, **context: Any) -> TemplateResponse:
    """The page ``monitoring/<template>.html`` within the admin's frame."""
    request.__dict__["current_app"] = admin.site.name
    frame = admin.site.each_context(request)
    return TemplateResponse(request, f"monitoring/{template}.html", {**frame, "title": title, **context}, status=status)
