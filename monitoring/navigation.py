"""The sidebar: the queues' pages, then every application's models that the user may see."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

from monitoring import access
from queues.inspection.stats import get_all_queue_stats

#: (title, icon, name of the URL, permission)
_QUEUES = [
    ("Overview", "monitoring", "queues", access.VIEW_QUEUES),
    ("Failed jobs", "error", "failed", access.VIEW_JOBS),
    ("Jobs", "list_alt", "jobs", access.VIEW_JOBS),
    ("Recurring jobs", "event_repeat", "recurring", access.VIEW_RECURRING),
    ("Workers", "memory", "workers", access.VIEW_WORKERS),
    ("Audit", "fact_check", "audit", access.VIEW_AUDIT),
]
#: Order of applications after the queues; others follow.
_APPS = {"engagement": 0, "auth": 1}
_TITLES = {"auth": "Accounts"}


def stylesheet(_: HttpRequest) -> str:
    """URL of our style sheet."""
    return static("monitoring/admin.css")


def icon(_: HttpRequest) -> str:
    """URL of our favicon."""
    return static("monitoring/icon.svg")


def script(_: HttpRequest) -> str:
    """URL of our script."""
    return static("monitoring/admin.js")


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Groups of links, only those that lead somewhere for this user."""
    groups: list[dict[str, Any]] = [{"title": "Queues", "items": _queue_items(request)}]
    apps = sorted(admin.site.get_app_list(request), key=lambda app: _APPS.get(app["app_label"], len(_APPS)))
    for app in apps:
        title = _TITLES.get(app["app_label"], app["name"])
        groups.append(
            {"title": title, "separator": True, "items": [_model_item(request, each) for each in _in_order(app)]}
        )
    return [group for group in groups if group["items"]]


def _queue_items(request: HttpRequest) -> list[dict[str, Any]]:
    here = getattr(request.resolver_match, "url_name", None) or ""
    items = []
    for title, icon, name, permission in _QUEUES:
        if request.user.has_perm(permission):
            link = reverse(f"admin:{name}")
            items.append({"title": title, "icon": icon, "link": link, "active": _section(here) == name})
            if name == "failed" and (failed := _failed(request)):
                items[-1]["badge"] = f"{failed:,}"
    return items


def _failed(request: HttpRequest) -> int:
    """How many failed jobs the user may look at."""
    return sum(stats.failed for stats in get_all_queue_stats(tenants=access.tenants(request)).values())


def _section(url_name: str) -> str:
    """The sidebar's entry that a page belongs to."""
    for start, name in (("job", "jobs"), ("recurring", "recurring"), ("queue", "queues"), ("failed", "failed")):
        if url_name.startswith(start):
            return name
    return url_name


def _in_order(app: dict[str, Any]) -> list[dict[str, Any]]:
    shown = [each for each in app["models"] if each["admin_url"] and not _hidden(each)]
    return sorted(shown, key=lambda each: (getattr(_admin_of(each), "sidebar_order", 99), each["name"]))


def _model_item(request: HttpRequest, model: dict[str, Any]) -> dict[str, Any]:
    icon = getattr(_admin_of(model), "sidebar_icon", "table_rows")
    active = request.path.startswith(model["admin_url"])
    return {"title": model["name"], "icon": icon, "link": model["admin_url"], "active": active}


def _hidden(model: dict[str, Any]) -> bool:
    return bool(getattr(_admin_of(model), "sidebar_hidden", False))


def _admin_of(model: dict[str, Any]) -> Any:
    return admin.site._registry.get(model["model"])  # noqa: SLF001  the site offers no other way
