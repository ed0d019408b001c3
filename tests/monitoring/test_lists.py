"""The lists: found by filters and searches, page by page, at the same cost however many jobs there are."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from engagement.models import Workplace
from queues.models import Job
from tests.monitoring.conftest import Clinics
from tests.queues.rows import make_jobs


def shown(client: Client, name: str, **asked: str) -> set[str]:
    """Ids of the jobs on a page of a list."""
    return {str(job.pk) for job in client.get(reverse(f"admin:{name}"), asked).context["jobs"]}


@pytest.fixture
def jobs(clinics: Clinics, reminder_job: Callable[..., Job]) -> dict[str, Job]:
    """One job of each kind."""
    return {
        "failed": reminder_job("failed", error="answered 503, code 20500"),
        "old": reminder_job("failed", ago=timedelta(days=3), error_class="TimeLimitExceeded"),
        "waiting": reminder_job("waiting"),
        "completed": reminder_job("completed", subjects=[f"patient:{clinics.patient.pk}"]),
        "elsewhere": reminder_job("failed", clinics.elsewhere),
        "letter": reminder_job("delayed", queue="letters", actor="letter", at=timezone.now() + timedelta(hours=1)),
    }


@pytest.mark.parametrize(
    ("name", "asked", "found"),
    [
        ("jobs", {}, "failed old waiting completed letter"),
        ("jobs", {"state": "waiting"}, "waiting"),
        ("jobs", {"queue": "letters"}, "letter"),
        ("jobs", {"actor": "letter"}, "letter"),
        ("jobs", {"error_class": "TimeLimitExceeded"}, "old"),
        ("jobs", {"q": "patient:{patient}"}, "completed"),
        ("jobs", {"q": "{failed}"}, "failed"),
        ("jobs", {"q": "{elsewhere}"}, ""),
        ("jobs", {"tenant": "{elsewhere_clinic}"}, ""),
        ("failed", {}, "failed old"),
        ("failed", {"q": "code 20500"}, "failed"),
        ("failed", {"q": "{waiting}"}, ""),
        ("failed", {"q": "100%"}, ""),
        ("failed", {"until": "{yesterday}"}, "old"),
        ("failed", {"since": "{yesterday}"}, "failed"),
        ("jobs", {"state": "lost"}, ""),
        ("jobs", {"since": "yesterday"}, ""),
    ],
    ids=str,
)
def test_filters_find_what_they_say(
    name: str, asked: dict[str, str], found: str, clinics: Clinics, jobs: dict[str, Job]
) -> None:
    values = {key: str(job.pk) for key, job in jobs.items()}
    values |= {"patient": str(clinics.patient.pk), "elsewhere_clinic": str(clinics.elsewhere.pk)}
    values |= {"yesterday": (timezone.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")}
    filled = {key: value.format(**values) for key, value in asked.items()}
    assert shown(clinics.client("viewer"), name, **filled) == {str(jobs[key].pk) for key in found.split()}


def test_a_filter_that_makes_no_sense_is_named(clinics: Clinics) -> None:
    viewer = clinics.client("viewer")
    assert "There is no state “lost”." in viewer.get(reverse("admin:jobs"), {"state": "lost"}).content.decode()
    page = viewer.get(reverse("admin:jobs"), {"since": "yesterday"}).content.decode()
    assert "“yesterday” is not a date and time" in page
    assert "this is the first one" in viewer.get(reverse("admin:jobs"), {"after": "???"}).content.decode()


def test_pages_follow_each_other_without_loss(clinics: Clinics) -> None:
    # Given more jobs than two pages hold
    tenant = str(clinics.here.pk)
    everything = {str(job.pk) for job in make_jobs(120, "failed", tenant=tenant)}
    viewer, address, seen = clinics.client("viewer"), reverse("admin:failed"), []
    # When the pages are read to the end
    while address:
        page = viewer.get(address)
        seen += [str(job.pk) for job in page.context["jobs"]]
        address = page.context["next_link"] and reverse("admin:failed") + page.context["next_link"]
    # Then each job was on one of them
    assert len(seen) == 120
    assert set(seen) == everything


@pytest.mark.parametrize("name", ["jobs", "failed", "queues", "recurring", "audit", "workers"])
def test_a_page_costs_the_same_however_many_jobs(
    name: str, clinics: Clinics, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    tenant = str(clinics.here.pk)
    make_jobs(1, "failed", tenant=tenant)
    viewer = clinics.client("viewer")
    viewer.get(reverse(f"admin:{name}"))
    with CaptureQueriesContext(connection) as few:
        viewer.get(reverse(f"admin:{name}"))
    make_jobs(40, "failed", tenant=tenant)
    with django_assert_num_queries(len(few)):
        viewer.get(reverse(f"admin:{name}"))
    assert len(few) < 40


def test_empty_lists_say_what_would_be_there(clinics: Clinics) -> None:
    viewer = clinics.client("viewer")
    for name, words in {
        "jobs": "No jobs yet",
        "failed": "No failed jobs",
        "recurring": "No recurring jobs",
        "workers": "No process has reported yet",
        "audit": "Nothing on record",
    }.items():
        assert words in viewer.get(reverse(f"admin:{name}")).content.decode(), name
    assert "No job fits these filters" in viewer.get(reverse("admin:jobs"), {"q": "x"}).content.decode()


def test_times_are_on_the_clock_of_the_users_clinic(clinics: Clinics, reminder_job: Callable[..., Job]) -> None:
    # Given a job of a clinic in Berlin
    moment = timezone.now().replace(year=2026, month=7, day=1, hour=10, minute=0, second=0, microsecond=0)
    job = reminder_job("completed", at=moment)
    address = reverse("admin:job", args=[job.pk])
    # Then its staff read Berlin's clock, and somebody over all clinics UTC with the clinic's beside it
    mine = clinics.client("viewer").get(address).content.decode()
    overall: Any = clinics.client("root").get(address).content.decode()
    assert "1 Jul 2026, 12:00:00 CEST" in mine
    assert "Times in <strong>Europe/Berlin</strong>" in mine
    assert "1 Jul 2026, 10:00:00 UTC" in overall
    assert "12:00 CEST at the workplace" in overall
    assert Workplace.objects.get(pk=clinics.here.pk).timezone == "Europe/Berlin"
