"""What the buttons do: one audit entry each, refusals explained, nothing without a POST and its token (fault 23)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from queues.ids import uuid7
from queues.models import AuditEntry, Job
from tests.monitoring.conftest import Clinics

VERBS = ("retry", "promote", "cancel", "remove", "reschedule")


def said(answer: Any) -> str:
    """The messages that the next page will show."""
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def deeds(job: Job) -> list[tuple[str, str, str]]:
    """The audit's entries about a job: action, who, why."""
    return list(
        AuditEntry.objects.filter(object_type="job", object_id=str(job.pk)).values_list("action", "user_name", "reason")
    )


def test_retry_opens_a_new_run_and_says_so(clinics: Clinics, reminder_job: Callable[..., Job]) -> None:
    # Given a failed job
    job = reminder_job("failed")
    # When an operator retries it and says why
    address = reverse("admin:job-act", args=[job.pk, "retry"])
    answer = clinics.client("operator").post(address, {"reason": "provider is back"})
    # Then it has a new run with fresh attempts, one audit entry, and its page again
    job.refresh_from_db()
    assert (job.state, job.run, job.attempts_made) == ("waiting", 2, 0)
    assert deeds(job) == [("retry", "operator", "provider is back")]
    assert answer.headers["Location"] == reverse("admin:job", args=[job.pk])
    assert "will run again" in said(answer)


def test_promote_reschedule_cancel_and_remove(clinics: Clinics, reminder_job: Callable[..., Job]) -> None:
    operator = clinics.client("operator")
    later = timezone.now() + timedelta(days=2)
    promoted, moved, cancelled, removed = (reminder_job("delayed", at=later) for _ in VERBS[1:])
    operator.post(reverse("admin:job-act", args=[promoted.pk, "promote"]))
    # A time without a zone is on the page's clock: the clinic's, Europe/Berlin.
    operator.post(reverse("admin:job-act", args=[moved.pk, "reschedule"]), {"run_at": "2031-01-15T10:30"})
    operator.post(reverse("admin:job-act", args=[cancelled.pk, "cancel"]), {"reason": "patient phoned"})
    operator.post(reverse("admin:job-act", args=[removed.pk, "remove"]))
    for job in (promoted, moved, cancelled):
        job.refresh_from_db()
    assert promoted.state == "waiting"
    assert moved.run_at.isoformat() == "2031-01-15T09:30:00+00:00"
    assert (cancelled.state, cancelled.reason) == ("cancelled", "patient phoned")
    assert not Job.objects.filter(pk=removed.pk).exists()
    assert [deeds(job)[0][0] for job in (promoted, moved, cancelled, removed)] == [
        *VERBS[1:2],
        "reschedule",
        "cancel",
        "remove",
    ]


def test_a_time_that_is_none_is_asked_for_again(clinics: Clinics, reminder_job: Callable[..., Job]) -> None:
    job = reminder_job("delayed", at=timezone.now() + timedelta(days=1))
    address = reverse("admin:job-act", args=[job.pk, "reschedule"])
    answer = clinics.client("operator").post(address, {"run_at": "soon"})
    assert answer.status_code == 400
    assert "Enter a valid date/time." in answer.content.decode()
    assert deeds(job) == []


@pytest.mark.fault(23)
@pytest.mark.parametrize("verb", ["retry", "remove", "promote", "reschedule"])
def test_a_running_job_is_left_alone(verb: str, clinics: Clinics, reminder_job: Callable[..., Job]) -> None:
    # Given a job that runs
    job = reminder_job("active", token=uuid7(), worker="w1")
    # When somebody wants to do this to it
    address = reverse("admin:job-act", args=[job.pk, verb])
    answer = clinics.client("operator").post(address, {"run_at": "2031-01-15T10:30"}, follow=True)
    # Then it is refused with what is wrong, and the run goes on
    assert f"Cannot {verb} a job that is active" in answer.content.decode()
    after = Job.objects.get(pk=job.pk)
    assert (after.state, after.token, after.run) == ("active", job.token, 1)
    assert deeds(job) == []


def test_cancelling_a_running_job_asks_it_to_stop(clinics: Clinics, reminder_job: Callable[..., Job]) -> None:
    job = reminder_job("active", token=uuid7(), worker="w1")
    clinics.client("operator").post(reverse("admin:job-act", args=[job.pk, "cancel"]))
    job.refresh_from_db()
    assert (job.state, job.cancel_requested) == ("active", True)


@pytest.mark.fault(23)
@pytest.mark.parametrize("verb", VERBS)
def test_nothing_happens_by_a_get_or_without_a_token(
    verb: str, clinics: Clinics, reminder_job: Callable[..., Job]
) -> None:
    job = reminder_job("failed")
    address = reverse("admin:job-act", args=[job.pk, verb])
    strict = clinics.client("operator", csrf=True)
    assert strict.get(address).status_code == 405
    assert strict.post(address, {"run_at": "2031-01-15T10:30"}).status_code == 403
    job.refresh_from_db()
    assert (job.state, job.run, deeds(job)) == ("failed", 1, [])


def test_selected_jobs_are_retried_after_a_page_that_asks(clinics: Clinics, reminder_job: Callable[..., Job]) -> None:
    # Given two failed jobs here, one elsewhere, and one that somebody has retried meanwhile
    mine = [reminder_job("failed"), reminder_job("failed")]
    foreign, taken = reminder_job("failed", clinics.elsewhere), reminder_job("waiting")
    chosen = {"job": [str(job.pk) for job in (*mine, foreign, taken)]}
    operator = clinics.client("operator")
    # When they are selected, the page that asks names those that the user may retry
    asked = operator.post(reverse("admin:jobs-retry-confirm"), chosen).content.decode()
    assert "Retry 3 jobs?" in asked
    assert str(foreign.pk) not in asked
    # And when that is confirmed
    answer = operator.post(reverse("admin:jobs-retry"), chosen)
    # Then each is retried by itself, and what was refused is said
    assert "2 jobs will run again." in said(answer)
    assert "1 job not retried. Cannot retry a job that is waiting" in said(answer)
    runs = Job.objects.filter(pk__in=[job.pk for job in (*mine, foreign, taken)]).values_list("pk", "run")
    assert dict(runs) == {mine[0].pk: 2, mine[1].pk: 2, foreign.pk: 1, taken.pk: 1}


def test_selecting_nothing_is_said(clinics: Clinics) -> None:
    answer = clinics.client("operator").post(reverse("admin:jobs-retry-confirm"))
    assert "Select at least one job first." in said(answer)
