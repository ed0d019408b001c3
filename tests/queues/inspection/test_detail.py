"""One job whole, for those who may see it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from queues import links
from queues.errors import JobNotFound
from queues.ids import uuid7
from queues.inspection.detail import Subject, find_job, get_job_detail
from queues.models import JobAttempt, JobLog
from tests.queues.rows import make_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient_pages() -> Iterator[None]:
    links.register("patient", lambda number: links.SubjectLink(f"Patient {number}", f"/patients/{number}/"))
    yield
    links._makers.pop("patient")


@pytest.mark.usefixtures("patient_pages")
def test_a_job_comes_with_attempts_log_and_links() -> None:
    job = make_job("failed", subjects=["patient:1", "parcel:2"])
    for number in (1, 2):
        JobAttempt.objects.create(job_id=job.id, run=1, number=number, outcome="retry")
        JobLog.objects.create(job_id=job.id, text=f"line {number}")

    with CaptureQueriesContext(connection) as asked:
        detail = get_job_detail(job.id)

    assert len(asked) == 3
    assert detail.job.id == job.id
    assert [attempt.number for attempt in detail.attempts] == [1, 2]
    assert [line.text for line in detail.log] == ["line 1", "line 2"]
    assert detail.subjects == [
        Subject("patient:1", links.SubjectLink("Patient 1", "/patients/1/")),
        Subject("parcel:2", None),
    ]
    assert detail.verbs == ["remove", "retry"]


def test_a_job_out_of_scope_is_not_there() -> None:
    job = make_job(tenant="north")

    assert find_job(job.id, queue="parcels", tenants=frozenset({"north"})).id == job.id
    refused: list[dict[str, Any]] = [{"tenants": frozenset({"south"})}, {"tenants": frozenset()}, {"queue": "letters"}]
    for asked in refused:
        with pytest.raises(JobNotFound):
            get_job_detail(job.id, **asked)
    with pytest.raises(JobNotFound):
        get_job_detail(uuid7())
