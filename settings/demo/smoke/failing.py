"""The reminder whose provider fails: its attempts and waits, and how staff see to it on the admin's pages."""

from collections.abc import Mapping
from http import HTTPStatus
from itertools import pairwise
from uuid import UUID

from django.urls import reverse

from engagement.queues import QueueName
from queues import registry
from queues.models import AuditEntry, Job, JobAttempt
from queues.states import JobState
from settings.demo.smoke.delivery import LATE_S
from settings.demo.smoke.staff import Staff
from settings.demo.table import Check

#: A wait is measured between two moments that the database took one after the other, seconds.
MEASURE_S = 0.005


def has_failed(job: UUID) -> bool:
    """Whether it is among the dead letters."""
    return Job.objects.filter(id=job, state=JobState.FAILED).exists()


def waits(job: UUID) -> list[Check]:
    """All attempts of the first run are on record, and lie as far apart as the queue says, or hardly further."""
    config = registry.get(QueueName.APPOINTMENT_REMINDER)
    wanted = [config.backoff.wait_ms(retry) / 1000 for retry in range(1, config.attempts)]
    attempts = list(JobAttempt.objects.filter(job_id=job, run=1).order_by("id"))
    gaps = [
        (after.started_at - before.finished_at).total_seconds()
        for before, after in pairwise(attempts)
        if after.started_at is not None
    ]
    late = [gap - wait for gap, wait in zip(gaps, wanted, strict=False)]
    outcomes = ["retry"] * (config.attempts - 1) + ["failed"]
    return [
        Check.same("the failing one's attempts", " ".join(outcomes), " ".join(each.outcome for each in attempts)),
        Check(
            "waits between them, seconds",
            " ".join(f"{wait:g}" for wait in wanted) + f", late by 0 to {LATE_S:g}",
            " ".join(f"{gap:.2f}" for gap in gaps),
            len(gaps) == len(wanted) and all(-MEASURE_S <= each <= LATE_S for each in late),
        ),
    ]


def retry_through_the_admin(base: str, job: UUID, passwords: Mapping[str, str]) -> list[Check]:
    """Find the job among the failed ones, be asked, retry it; whoever may only look may not."""
    login = f"{reverse('admin:login')}?next={reverse('admin:failed')}"
    its_page = reverse("admin:job", args=[job])
    asking, acting = (reverse(f"admin:{name}", args=[job, "retry"]) for name in ("job-act-confirm", "job-act"))
    viewer = Staff(base, login, "viewer", passwords["viewer"])
    operator = Staff(base, login, "operator", passwords["operator"])
    listed = operator.get(reverse("admin:failed"))
    page = operator.get(listed.link(its_page))
    question = operator.get(page.link(asking))
    checks = [
        Check.same("who may only look asks to retry", int(HTTPStatus.FORBIDDEN), viewer.get(asking).status),
        Check.same("a POST without the page's token", int(HTTPStatus.FORBIDDEN), operator.post(acting).status),
        Check.same("the state after these", "failed", Job.objects.get(id=job).state),
    ]
    answer = operator.send(question, acting, reason="the provider works again")
    audit = AuditEntry.objects.filter(action="retry", object_id=str(job))
    who = [f"{entry.user_name}: {entry.reason}" for entry in audit]
    checks += [
        Check.same("retried on the admin's page, which leads to", its_page, answer.url.removeprefix(base)),
        Check.same("the audit says", "operator: the provider works again", ", ".join(who)),
    ]
    return checks
