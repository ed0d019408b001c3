"""Text that wants to be more than text: escaped on every page, one line each, never an error (fault 19)."""

from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from django.urls import reverse

from queues.models import AuditEntry, Job, JobAttempt, JobLog, Queue, RecurringJob, Tick, Worker
from tests.monitoring.conftest import Clinics

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "pre": "</pre><img src=x onerror=alert(1)>",
    "attribute": '"\' onmouseover=alert(1) x="',
    "lines": "first\r\nSet-Cookie: evil=1\r\nthird",
    "direction": "\u202egpj.exe\u2066\u200f",
    "broken": "\ufffd\ufffe\x7f\x1b[31mred",
    "template": "{{ 7|add:7 }}{% load i18n %}",
    "long": "W" * 20_000,
}
PAGES = ("queues", "jobs", "failed", "recurring", "workers", "audit")


class Tags(HTMLParser):
    """What a browser would make of the page: its scripts without a source, and handlers in attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and not given.get("src"):
            self.found.append("inline script")
        if given.get("src") == "x":
            self.found.append("image")
        self.found += [name for name in given if name.startswith("on")]


def _job_with(text: str, make: Callable[..., Job]) -> Job:
    job = make("failed", error_class=text, error=text, actor=text, reason=text, worker=text, unique_key=text[:500],
               subjects=[f"patient:{text[:200]}", text[:200]], progress={"done": text})  # fmt: skip
    JobAttempt.objects.create(
        job_id=job.pk, run=1, number=1, outcome="failed", error_class=text, error=text, traceback=text, worker=text
    )
    JobLog.objects.create(job_id=job.pk, text=text, level=text[:50])
    AuditEntry.objects.create(
        user_name=text, action=text, queue=text, tenant=job.tenant, object_type="job", object_id=str(job.pk),
        reason=text, before={text: text}, after=[text],
    )  # fmt: skip
    return job


@pytest.mark.fault(19)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_stays_text_on_every_page(text: str, clinics: Clinics, reminder_job: Callable[..., Job]) -> None:
    # Given the text wherever somebody else can put it
    job = _job_with(text, reminder_job)
    recurring = RecurringJob.objects.create(
        name=text, queue=text, tenant=job.tenant, cron=text, timezone=text, data={text: text}, edited_by=text
    )
    Tick.objects.create(recurring_job_id=recurring.pk, scheduled_for=job.run_at, outcome="missed", note=text)
    Worker.objects.create(id=text, kind="worker", host=text, pid=1, queues=[text])
    Queue.objects.create(name="adherence-check", paused=True, paused_by=text, paused_reason=text)
    root = clinics.client("root")
    addresses = [
        *(reverse(f"admin:{name}") for name in PAGES),
        reverse("admin:job", args=[job.pk]),
        reverse("admin:job-act-confirm", args=[job.pk, "retry"]),
        reverse("admin:recurring-job", args=[recurring.pk]),
        reverse("admin:recurring-edit", args=[recurring.pk]),
        reverse("admin:recurring-act-confirm", args=[recurring.pk, "run"]),
        reverse("admin:queue-resume-confirm", args=["adherence-check"]),
    ]
    # When each page is read
    for address in addresses:
        page = root.get(address)
        html = page.content.decode()
        # Then it answers, runs nothing, turns nothing around
        assert page.status_code == 200, address
        assert Tags(html).found == [], address
        assert not {"\u202e", "\u2066", "\u200f", "\x1b", "\x7f"} & set(html), address


@pytest.mark.fault(19)
def test_a_plain_actors_job_shows_its_shape_and_not_its_words(
    clinics: Clinics, reminder_job: Callable[..., Job]
) -> None:
    # Given a job of no declared queue, whose arguments may name somebody
    data = {"args": ["Kim Canary", 7, "018f2f6e-7c1f-7cc0-8a51-3f0d8f6f2f11"], "kwargs": {"phone": "+4915112345678"}}
    job = reminder_job("failed", queue="letters", actor="letter", data=data)
    # When its page is read
    html = clinics.client("root").get(reverse("admin:job", args=[job.pk])).content.decode()
    # Then texts are masked, and numbers and ids are not
    assert "Kim Canary" not in html
    assert "+4915112345678" not in html
    assert "(text, 10 characters)" in html
    assert "018f2f6e-7c1f-7cc0-8a51-3f0d8f6f2f11" in html


@pytest.mark.fault(19)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_searches_are_answered(text: str, clinics: Clinics) -> None:
    root = clinics.client("root")
    for name in ("jobs", "failed"):
        for field in ("q", "queue", "state", "tenant", "actor", "error_class", "since", "until", "after"):
            page = root.get(reverse(f"admin:{name}"), {field: text})
            assert page.status_code == 200, (name, field)
            assert Tags(page.content.decode()).found == []
    for field in ("who", "action", "object", "before"):
        assert root.get(reverse("admin:audit"), {field: text}).status_code == 200, field
