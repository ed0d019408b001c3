"""Rule 39: so many connections a process, kept, and no more; the check knows the number."""

from __future__ import annotations

import pytest
import redis
from django.conf import settings

from queues.checks.connections import of_workers
from queues.ledger import sql
from queues.testing import wait_for
from tests.queues.fleet import Fleet

pytestmark = pytest.mark.rule(39)

THREADS, QUEUES = 4, 2


def _postgres() -> int:
    return int(
        sql.rows(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND"
            " backend_type = 'client backend' AND pid <> pg_backend_pid()", [])[0][0]
    )  # fmt: skip


def test_a_worker_keeps_the_connections_that_the_check_counts(fleet: Fleet) -> None:
    """Each job opened a connection and closed it.

    Three milliseconds a job, and at the morning's peak PostgreSQL refused the booking desk.
    """
    with redis.Redis.from_url(settings.QUEUES.redis_url) as server:
        before = len(server.client_list())
        fleet.start(1, threads=THREADS)
        most = []
        for _ in range(5):
            fleet.caller.add_many("chores", [{} for _ in range(40)])
            fleet.caller.add_many("errands", [{"do": "fail"} for _ in range(10)])
            wait_for(lambda: "waiting" not in fleet.caller.states().values())
            most.append((_postgres(), len(server.client_list()) - before))
        fleet.caller.wait_all_ended()
    documented = of_workers(1, THREADS)
    postgres = [count for count, _ in most]
    assert max(postgres) <= documented
    # They are kept: after the first load, no fewer and no more.
    assert postgres[-1] == max(postgres) >= THREADS + 2
    # Redis: a blocking and a fetching one for each queue, one each for settles, renewals, the relay, publishing.
    assert max(count for _, count in most) <= 2 * QUEUES + 4 + 1
    fleet.assert_oracle()
