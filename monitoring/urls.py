"""The addresses of the pages about queues, below the admin's. What asks is a GET, what acts is a POST."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter

from monitoring.pages import (
    audit,
    bulk_retry,
    job,
    job_deeds,
    jobs,
    overview,
    processes,
    queue_deeds,
    recurring,
    recurring_deeds,
)
from monitoring.pages.verbs import VERBS

View = Callable[..., HttpResponseBase]


class JobVerb(StringConverter):
    """What may be said of a job."""

    regex = "|".join(VERBS)


class QueueName(StringConverter):
    """A queue's name, by Dramatiq's own rule."""

    regex = "[a-zA-Z_][a-zA-Z0-9_-]{0,199}"


class Number:
    """The key of a row that has a number, no larger than the column."""

    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        """As a number."""
        return int(value)

    def to_url(self, value: int) -> str:
        """As a text."""
        return str(value)


register_converter(JobVerb, "verb")
register_converter(QueueName, "queue")
register_converter(Number, "number")


def urls(site: AdminSite) -> list[URLPattern]:
    """The patterns, each behind the site's own log-in."""

    def page(route: str, view: View, name: str) -> URLPattern:
        def logged_in(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            response: HttpResponseBase = site.admin_view(view)(request, *args, **kwargs)
            return response

        return path(f"queues/{route}", update_wrapper(logged_in, view), name=name)

    return [
        page("", overview.overview, "queues"),
        page("jobs/", jobs.jobs, "jobs"),
        page("failed/", jobs.failed, "failed"),
        page("failed/retry/confirm/", bulk_retry.confirm, "jobs-retry-confirm"),
        page("failed/retry/", bulk_retry.act, "jobs-retry"),
        page("jobs/<uuid:job_id>/", job.job, "job"),
        page("jobs/<uuid:job_id>/<verb:verb>/confirm/", job_deeds.confirm, "job-act-confirm"),
        page("jobs/<uuid:job_id>/<verb:verb>/", job_deeds.act, "job-act"),
        page("recurring/", recurring.recurring, "recurring"),
        page("recurring/<number:pk>/", recurring.one, "recurring-job"),
        page("recurring/<number:pk>/edit/", recurring_deeds.edit, "recurring-edit"),
        page("recurring/<number:pk>/save/", recurring_deeds.save, "recurring-save"),
        page("recurring/<number:pk>/<slug:verb>/confirm/", recurring_deeds.confirm, "recurring-act-confirm"),
        page("recurring/<number:pk>/<slug:verb>/", recurring_deeds.act, "recurring-act"),
        page("workers/", processes.processes, "workers"),
        page("audit/", audit.audit, "audit"),
        page("queue/<queue:queue>/pause/confirm/", queue_deeds.confirm_pause, "queue-pause-confirm"),
        page("queue/<queue:queue>/pause/", queue_deeds.pause, "queue-pause"),
        page("queue/<queue:queue>/resume/confirm/", queue_deeds.confirm_resume, "queue-resume-confirm"),
        page("queue/<queue:queue>/resume/", queue_deeds.resume, "queue-resume"),
    ]
