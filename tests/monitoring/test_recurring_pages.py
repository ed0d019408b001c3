"""Recurring jobs: in words, with their next runs; run, enabled, disabled and edited by those who may."""

import pytest
from django.urls import reverse

from queues.models import AuditEntry, Job, RecurringJob, Tick
from tests.monitoring.conftest import Clinics


@pytest.fixture
def scan(clinics: Clinics) -> RecurringJob:
    """A recurring job of this clinic."""
    return RecurringJob.objects.create(
        name="no-shows", queue="appointment-status", tenant=str(clinics.here.pk), cron="30 6 * * 1",
        timezone="Europe/Berlin", source="settings",
        data={"workplaceId": str(clinics.here.pk), "checkNoShows": True, "autoUpdateStatus": True},
    )  # fmt: skip


def test_the_schedule_is_said_in_words_with_its_next_runs(clinics: Clinics, scan: RecurringJob) -> None:
    viewer = clinics.client("viewer")
    page = viewer.get(reverse("admin:recurring-job", args=[scan.pk]))
    assert "At 06:30 on Monday" in page.content.decode()
    runs = page.context["runs"]
    assert len(runs) == 5
    assert all(run.startswith("Mon ") and ", 06:30 CE" in run for run in runs)
    assert "At 06:30 on Monday" in viewer.get(reverse("admin:recurring")).content.decode()


def test_run_now_adds_one_job_and_its_tick(clinics: Clinics, scan: RecurringJob) -> None:
    clinics.client("admin").post(reverse("admin:recurring-act", args=[scan.pk, "run"]))
    tick = Tick.objects.get(recurring_job_id=scan.pk)
    job = Job.objects.get(pk=tick.job_id)
    assert (tick.outcome, job.queue, job.tenant, job.data) == ("manual", scan.queue, scan.tenant, scan.data)
    assert list(AuditEntry.objects.values_list("action", "user_name")) == [("run", "admin")]


def test_disable_and_enable(clinics: Clinics, scan: RecurringJob) -> None:
    admin = clinics.client("admin")
    for verb, enabled in (("disable", False), ("enable", True)):
        admin.post(reverse("admin:recurring-act", args=[scan.pk, verb]))
        scan.refresh_from_db()
        assert scan.enabled is enabled
    assert "none while disabled" not in admin.get(reverse("admin:recurring")).content.decode()
    assert AuditEntry.objects.filter(object_type="recurring_job", user_name="admin").count() == 2


def test_an_edit_takes_it_over_from_the_settings(clinics: Clinics, scan: RecurringJob) -> None:
    admin = clinics.client("admin")
    given = {"cron": "*/10 * * * *", "timezone": "Europe/London", "misfire": "skip"}
    answer = admin.post(reverse("admin:recurring-save", args=[scan.pk]), given, follow=True)
    scan.refresh_from_db()
    assert (scan.cron, scan.timezone, scan.misfire, scan.revision) == (*given.values(), 2)
    page = answer.content.decode()
    assert "edited by admin" in page
    # And what the settings say instead is shown
    assert "Every 15th minute of every hour (*/15 * * * *)" in page


@pytest.mark.fault(18)
@pytest.mark.parametrize(
    ("field", "value"),
    [("cron", "0 0 31 2 *"), ("cron", "61 * * * *"), ("cron", "*/0 * * * *"), ("cron", "x" * 300), ("cron", ""),
     ("timezone", "Mars/Olympus"), ("misfire", "panic")],
)  # fmt: skip
def test_what_can_never_fire_is_refused_at_its_field(
    field: str, value: str, clinics: Clinics, scan: RecurringJob
) -> None:
    given = {"cron": "0 6 * * *", "timezone": "UTC", "misfire": "skip", field: value}
    answer = clinics.client("admin").post(reverse("admin:recurring-save", args=[scan.pk]), given)
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [field]
    scan.refresh_from_db()
    assert (scan.cron, scan.revision) == ("30 6 * * 1", 1)


def test_data_that_no_longer_fits_is_said(clinics: Clinics, scan: RecurringJob) -> None:
    RecurringJob.objects.filter(pk=scan.pk).update(data={"workplaceId": "gone"})
    address = reverse("admin:recurring-act", args=[scan.pk, "run"])
    page = clinics.client("admin").post(address, follow=True).content.decode()
    assert "workplaceId:" in page
    assert Job.objects.count() == 0
