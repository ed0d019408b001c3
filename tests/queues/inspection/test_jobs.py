"""Lists: every filter, every page once, each along its index, and nobody's jobs but those in scope."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from queues.inspection.filters import InvalidCursor, JobFilter
from queues.inspection.jobs import find_ids, list_jobs
from queues.inspection.listing import page_sql
from queues.states import JobState
from tests.queues.rows import make_job, make_jobs

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
#: Cursors of a time before the first year, and of lists in lists.
FAR = base64.urlsafe_b64encode(b'["0001-01-01T00:00:00+23:00", "01900000-0000-7000-8000-000000000000"]').decode()
DEEP = base64.urlsafe_b64encode(b"[" * 100_000).decode()


def ids(**asked: Any) -> list[UUID]:
    return [job.id for job in list_jobs(JobFilter(**asked)).jobs]


def every_page(limit: int, **asked: Any) -> list[UUID]:
    found: list[UUID] = []
    after = None
    while True:
        page = list_jobs(JobFilter(**asked), after=after, limit=limit)
        found += [job.id for job in page.jobs]
        after = page.next
        if after is None:
            return found


def test_all_jobs_come_newest_first() -> None:
    jobs = [make_job(state) for state in ("completed", "waiting", "failed")]

    assert ids() == [job.id for job in reversed(jobs)]


def test_failed_jobs_come_newest_failure_first_over_all_queues() -> None:
    old = make_job("failed", ago=3 * HOUR)
    new = make_job("failed", ago=HOUR)
    other = make_job("failed", ago=2 * HOUR, queue="letters")
    make_job("completed")

    assert ids(state=JobState.FAILED) == [new.id, other.id, old.id]
    assert ids(state=JobState.FAILED, queue="parcels") == [new.id, old.id]


def test_open_jobs_come_by_their_next_start() -> None:
    later = make_job("delayed", ago=-2 * HOUR)
    soon = make_job("delayed", ago=-HOUR)
    due = make_job("delayed", ago=HOUR)
    ready = make_job("waiting")
    running = make_job("active")

    assert ids(state=JobState.DELAYED) == [soon.id, later.id]
    assert ids(state=JobState.WAITING) == [due.id, ready.id]
    assert ids(state=JobState.ACTIVE) == [running.id]


@pytest.mark.parametrize("state", [None, *JobState])
def test_pages_hold_every_job_once(state: JobState | None) -> None:
    # Given jobs of two instants, in several queues and tenants
    wanted = state or JobState.COMPLETED
    base = datetime.now(UTC) + (3 * HOUR if wanted == JobState.DELAYED else timedelta(0))
    for number in range(7):
        queue, tenant = ("parcels", "letters")[number % 2], ("north", "south")[number % 3 == 0]
        make_job(wanted, at=base, ago=(number % 2 + 1) * HOUR, queue=queue, tenant=tenant)

    found = every_page(2, state=state)

    assert len(found) == len(set(found)) == 7
    assert found == ids(state=state)
    scoped = every_page(2, state=state, tenants=frozenset({"north", "south"}))
    assert sorted(scoped) == sorted(found)
    assert len(every_page(3, state=state, tenants=frozenset({"north"}))) == 4


def test_pages_are_stable_while_jobs_arrive() -> None:
    jobs = [make_job("completed") for _ in range(4)]
    first = list_jobs(JobFilter(), limit=2)
    make_job("completed")

    rest = list_jobs(JobFilter(), after=first.next, limit=10)

    assert [job.id for job in first.jobs + rest.jobs] == [job.id for job in reversed(jobs)]


def test_tenants_out_of_scope_are_not_there() -> None:
    mine = make_job("failed", tenant="north", subjects=["patient:1"], error="lost")
    make_job("failed", tenant="south", subjects=["patient:1"], error="lost")
    scope = frozenset({"north"})

    for asked in ({}, {"state": JobState.FAILED}, {"subject": "patient:1"}, {"text": "lost"}, {"queue": "parcels"}):
        assert ids(tenants=scope, **asked) == [mine.id], asked
        assert ids(tenants=frozenset(), **asked) == []
        assert ids(tenants=scope, tenant="south", **asked) == []
    assert ids(tenant="south", tenants=None) != []


def test_filters_narrow_together() -> None:
    wanted = make_job("failed", actor="deliver", error_class="Timeout", ago=HOUR)
    make_job("failed", actor="collect", error_class="Timeout", ago=HOUR)
    make_job("failed", actor="deliver", error_class="ValueError", ago=HOUR)
    make_job("failed", actor="deliver", error_class="Timeout", ago=3 * HOUR)
    now = datetime.now(UTC)

    assert ids(state=JobState.FAILED, actor="deliver", error_class="Timeout", since=now - 2 * HOUR, until=now) == [
        wanted.id
    ]


def test_time_of_other_jobs_is_when_they_were_added() -> None:
    job = make_job("completed")
    now = datetime.now(UTC)

    assert ids(since=now - HOUR, until=now + HOUR) == [job.id]
    assert ids(since=now + HOUR) == []
    assert ids(until=now - HOUR) == []


def test_a_subject_finds_its_jobs() -> None:
    first = make_job("completed", subjects=["patient:1", "appointment:7"])
    make_job("completed", subjects=["patient:11"])
    second = make_job("failed", subjects=["patient:1"])

    assert ids(subject="patient:1") == [second.id, first.id]
    assert ids(subject="patient:1", state=JobState.FAILED) == [second.id]
    assert every_page(1, subject="patient:1") == [second.id, first.id]
    assert ids(subject="patient:%") == []


@pytest.mark.parametrize("text", ["KÖLN", "100%", "a_b", "\\path", "'; DROP", "Timeout"])
def test_text_is_found_in_data_and_errors_of_failed_jobs_as_it_is_written(text: str) -> None:
    by_data = make_job("failed", data={"note": f"x {text} y"}, ago=HOUR) if text.isalnum() else None
    by_error = make_job("failed", error=f"x {text.lower()} y", error_class="E")
    make_job("failed", error="x 1000 aXb nothing")
    make_job("completed", error=text)

    assert ids(text=text) == [job.id for job in (by_error, by_data) if job is not None]
    assert every_page(1, text=text) == ids(text=text)


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "\udfff x"])
@pytest.mark.parametrize("field", ["queue", "actor", "tenant", "subject", "error_class", "text"])
def test_what_no_row_can_hold_is_not_found_rather_than_an_error(field: str, text: str) -> None:
    make_job("failed")

    assert ids(**{field: text}) == []
    assert find_ids(JobFilter(**{field: text}), limit=5) == []  # type: ignore[arg-type]


def test_a_page_costs_a_constant_number_of_statements() -> None:
    make_jobs(30, "failed")
    for limit in (1, 30):
        with CaptureQueriesContext(connection) as asked:
            list_jobs(JobFilter(state=JobState.FAILED, queue="parcels"), limit=limit)
        assert len(asked) == 2


@pytest.mark.parametrize("cursor", ["", "x", "bm90IGpzb24", "WzEsMl0", "e30", "WyJ4IiwgInkiXQ", FAR, DEEP, "\ud800"])
def test_a_cursor_that_nobody_gave_out_is_refused(cursor: str) -> None:
    if cursor:
        with pytest.raises(InvalidCursor, match="first page"):
            list_jobs(JobFilter(), after=cursor)
    else:
        assert list_jobs(JobFilter(), after=cursor).jobs == []


def test_a_filter_s_ids_for_deeds_on_all_of_them() -> None:
    jobs = make_jobs(5, "failed")

    assert len(find_ids(JobFilter(state=JobState.FAILED), limit=3)) == 3
    assert set(find_ids(JobFilter(state=JobState.FAILED), limit=10)) == {job.id for job in jobs}
    assert find_ids(JobFilter(tenants=frozenset()), limit=10) == []


def plan(**asked: Any) -> str:
    sql, values = page_sql(JobFilter(**asked), None, 50, ["parcels", "letters"])
    with connection.cursor() as cursor:
        # Whether a nearly empty table is read whole depends on when it was last analysed; the question is the index.
        cursor.execute("ANALYZE queues_job, queues_jobsubject")
        cursor.execute("SET enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql}", values)
        said = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("RESET enable_seqscan")
        return said


@pytest.fixture
def many(db: None) -> None:
    """Enough jobs that a plan that reads them all would not be chosen."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO queues_job (id, queue, actor, tenant, priority, state, data, options, subjects, run,
                attempts_made, max_attempts, stalled, suspect, alone, cancel_requested, due_at, run_at, delayed_until,
                finished_at, failed_at, worker, error_class, error, reason)
            SELECT gen_random_uuid(), 'parcels', 'deliver', 't' || n % 50, 2,
                CASE WHEN n % 10 = 0 THEN 'failed' WHEN n % 10 = 1 THEN 'delayed' ELSE 'completed' END,
                jsonb_build_object('note', md5(n::text)), '{}', '{}', 1, 1, 3, 0, false, false, false, now(), now(),
                CASE WHEN n % 10 = 1 THEN now() + n * interval '1 s' END,
                CASE WHEN n % 10 <> 1 THEN now() - n * interval '1 s' END,
                CASE WHEN n % 10 = 0 THEN now() - n * interval '1 s' END, '', 'Timeout', md5(n::text), ''
            FROM generate_series(1, 20000) AS n
            """
        )
        cursor.execute("ANALYZE queues_job")


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ({"state": JobState.FAILED}, "job_failed"),
        ({"state": JobState.FAILED, "queue": "parcels"}, "job_failed"),
        ({"state": JobState.DELAYED, "queue": "parcels"}, "job_delayed"),
        ({"state": JobState.ACTIVE}, "job_open"),
        ({"tenants": frozenset({"t1", "t2"})}, "job_tenant"),
        ({}, "queues_job_pkey"),
        ({"subject": "patient:1"}, "queues_jobsubject_pkey"),
        ({"text": "0123abcd"}, "queues_job_failed_text"),
    ],
)
def test_each_list_is_read_along_its_index(asked: dict[str, Any], index: str) -> None:
    said = plan(**asked)

    assert index in said
    assert "Seq Scan on queues_job" not in said
