"""Ids in addresses that are none: not found, never an error (fault 20)."""

from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.urls import reverse

from queues.models import Job
from tests.monitoring.conftest import Clinics

BAD = {
    "parent": "../",
    "parents": "../../etc/passwd",
    "slash": "%2F",
    "nul": "%00",
    "quote": "%27%22",
    "emoji": quote("🤖"),
    "long": "a" * 10_000,
    "digits": "9" * 40,
    "negative": "-1",
    "sql": quote("1 OR 1=1"),
    "line": "%0d%0aX: y",
    "invalid utf-8": "%ff%fe",
}
ADDRESSES = (
    "/admin/queues/jobs/{}/",
    "/admin/queues/jobs/{}/retry/confirm/",
    "/admin/queues/recurring/{}/",
    "/admin/queues/queue/{}/pause/confirm/",
    "/admin/engagement/patient/{}/change/",
    "/admin/engagement/reminder/{}/change/",
    "/admin/engagement/appointment/{}/cancel/confirm/",
    "/admin/auth/user/{}/change/",
)


@pytest.mark.fault(20)
@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_what_is_no_id_is_not_found(bad: str, clinics: Clinics) -> None:
    root = clinics.client("root")
    for address in ADDRESSES:
        assert root.get(address.format(bad)).status_code in (400, 404), address


@pytest.mark.fault(20)
def test_an_id_in_other_case_is_another_address(clinics: Clinics, reminder_job: Callable[..., Job]) -> None:
    root = clinics.client("root")
    job = reminder_job("failed")
    patient = str(clinics.patient.pk)
    assert root.get(f"/admin/queues/jobs/{job.pk}/").status_code == 200
    assert root.get(f"/admin/queues/jobs/{str(job.pk).upper()}/").status_code == 404
    assert root.get(f"/admin/engagement/patient/{patient}/change/").status_code == 200
    assert root.get(f"/admin/engagement/patient/{patient.upper()}/change/").status_code == 404


@pytest.mark.fault(20)
def test_bad_ids_among_the_selected_are_passed_over(clinics: Clinics, reminder_job: Callable[..., Job]) -> None:
    job = reminder_job("failed")
    selected = [str(job.pk), "../", "x" * 10_000, "\x00", str(job.pk).upper()]
    page = clinics.client("root").post(reverse("admin:jobs-retry-confirm"), {"job": selected})
    assert page.status_code == 200
    assert "Retry 1 job?" in page.content.decode()
