"""The self-check: quiet while counts are true, loud once when they are not, and true afterwards."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from structlog.testing import capture_logs

from queues.counts.check import Drift, SelfCheck, find_drift, repair
from queues.counts.fold import fold, fold_all
from queues.inspection.stats import stats_of
from queues.models import Job
from tests.queues.rows import make_job, make_jobs
from tests.queues.threads import beside

pytestmark = pytest.mark.django_db(transaction=True)


def go_round_the_triggers(statement: str, *values: UUID) -> None:
    """Run a statement that counts nothing, as a careless repair would."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE queues_job DISABLE TRIGGER USER")
        cursor.execute(statement, values)
        cursor.execute("ALTER TABLE queues_job ENABLE TRIGGER USER")


def test_true_counts_have_no_drift_folded_or_not() -> None:
    for state in ("waiting", "delayed", "active", "completed", "failed", "cancelled"):
        make_jobs(2, state)
    fold(3)

    assert find_drift() == []
    assert find_drift(full=True) == []


@pytest.mark.rule(44)
@pytest.mark.parametrize("state", ["waiting", "delayed", "active", "completed", "failed", "cancelled"])
def test_a_lost_row_is_found_by_index_and_put_right(state: str) -> None:
    """Somebody restores half a table without its triggers: counts would be wrong for ever."""
    jobs = make_jobs(3, state, ago=-timedelta(hours=1))
    fold_all()
    go_round_the_triggers("DELETE FROM queues_job WHERE id = %s", jobs[0].id)

    check = SelfCheck()
    with capture_logs() as logs:
        drift = check.step()
        quiet = check.step()

    assert drift
    assert quiet == []
    assert [entry["log_level"] for entry in logs] == ["error"]
    assert find_drift(full=True) == []
    stats = stats_of(["parcels"])["parcels"]
    assert getattr(stats, state, 2) == 2


def test_the_full_check_sees_what_no_index_tells() -> None:
    job = make_job("waiting", tenant="north")
    fold_all()
    go_round_the_triggers("UPDATE queues_job SET tenant = 'south' WHERE id = %s", job.id)

    assert find_drift() == []
    assert find_drift(full=True) == [
        Drift("parcels", "north", "waiting", counted=1, found=0),
        Drift("parcels", "south", "waiting", counted=0, found=1),
    ]
    assert SelfCheck(full_every=1).step()
    assert find_drift(full=True) == []


def test_repair_counts_deltas_that_are_not_folded_once() -> None:
    make_jobs(5)
    fold_all()
    go_round_the_triggers("DELETE FROM queues_job")
    make_jobs(2)

    repair()
    fold_all()

    assert stats_of(["parcels"])["parcels"].waiting == 2


def test_checks_and_repairs_beside_writers_and_folders_find_no_false_drift() -> None:
    """A check that cries wolf under load would be switched off."""

    def write() -> None:
        jobs = make_jobs(3)
        Job.objects.filter(id=jobs[0].id).delete()

    with beside(write, write, lambda: fold(5)):
        found = [find_drift(full=number % 2 == 0) for number in range(20)]
        repaired = [repair() for _ in range(5)]

    assert found == [[]] * 20
    assert repaired == [0] * 5
    assert find_drift(full=True) == []
