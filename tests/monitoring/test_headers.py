"""Nothing may be loaded from elsewhere, and nothing may frame the pages."""

from django.test import Client
from django.urls import reverse

from tests.monitoring.conftest import Clinics


def test_the_admin_allows_its_themes_scripts_and_no_others(clinics: Clinics) -> None:
    policy = clinics.client("viewer").get(reverse("admin:queues")).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self' 'unsafe-eval'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy.split("style-src")[0]


def test_everything_else_is_strict(db: None) -> None:
    answer = Client().get("/nothing-here/")
    assert answer.status_code == 404
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_pages_about_queues_are_not_kept_by_caches(clinics: Clinics) -> None:
    assert "no-store" in clinics.client("viewer").get(reverse("admin:jobs")).headers["Cache-Control"]


def test_the_root_leads_to_the_admin(db: None) -> None:
    assert Client().get("/").headers["Location"] == "/admin/"


def test_what_went_wrong_is_said_in_plain_words(clinics: Clinics) -> None:
    viewer = clinics.client("viewer", csrf=True)
    absent, refused = viewer.get("/admin/queues/jobs/nothing/"), viewer.post(reverse("admin:jobs-retry"))
    assert (absent.status_code, refused.status_code) == (404, 403)
    assert "There is nothing here" in absent.content.decode()
    assert "Please send the form again" in refused.content.decode()
    forbidden = clinics.client("viewer").post(reverse("admin:jobs-retry"))
    assert "You may not do this" in forbidden.content.decode()
    assert "<style" not in forbidden.content.decode()


def test_the_admin_speaks_one_language(clinics: Clinics) -> None:
    page = clinics.client("viewer").get("/admin/engagement/patient/", headers={"accept-language": "de"})
    assert "Filters" in page.content.decode()
    assert '<html lang="en"' in page.content.decode()
