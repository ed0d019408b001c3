"""Metrics: windows, percentiles, what waits, and Redis only if it answers at once."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from queues.counts import histogram
from queues.inspection import metrics
from queues.inspection.metrics import get_all_queue_metrics, get_queue_metrics
from queues.models import JobRollup
from tests.queues.rows import make_job

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("alive")]


def minute(ago: int, tenant: str = "*", **figures: Any) -> None:
    at = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=ago)
    JobRollup.objects.create(queue="parcels", tenant=tenant, minute=at, **figures)


def test_each_window_holds_its_minutes() -> None:
    # Given minutes at the edge of each window
    minute(0, completed=1)
    minute(1, completed=2, failed=1, attempts_failed=4, stalled=1)
    minute(4, completed=10)
    minute(59, completed=100, cancelled=7)
    minute(23 * 60, completed=1000)
    minute(24 * 60 + 2, completed=50_000)

    windows = get_queue_metrics("parcels").windows

    assert {name: window.completed for name, window in windows.items()} == {"1m": 3, "5m": 13, "1h": 113, "24h": 1113}
    last = windows["1m"]
    assert (last.failed, last.attempts_failed, last.stalled) == (1, 4, 1)
    assert last.failure_rate == 0.25
    assert 4 / 120 <= last.throughput <= 4 / 60
    assert windows["1h"].cancelled == 7


def test_lost_attempts_are_rescued_unless_their_job_was_poison() -> None:
    minute(1, completed=1, failed=1, attempts_failed=5, stalled=5)
    make_job("failed", error_class="WorkerLost")
    make_job("failed", error_class="Timeout")
    make_job("failed", error_class="WorkerLost", ago=timedelta(hours=2))

    window = get_queue_metrics("parcels").windows["1h"]

    assert (window.stalled, window.rescued) == (5, 4)


def test_percentiles_come_from_all_minutes_of_the_window() -> None:
    minute(1, completed=90, run_histogram=histogram.of([10.0] * 90), wait_histogram=histogram.of([0.2] * 90))
    minute(3, completed=10, run_histogram=histogram.of([5000.0] * 10), wait_histogram=histogram.of([80.0] * 10))

    window = get_queue_metrics("parcels").windows["5m"]

    assert window.run_ms.p50 == pytest.approx(10, rel=0.2)
    assert window.run_ms.p99 == pytest.approx(5000, rel=0.2)
    assert window.wait_ms.p50 is not None
    assert window.wait_ms.p50 < 1
    assert window.wait_ms.p95 == pytest.approx(80, rel=0.2)


def test_an_idle_queue_has_no_rates() -> None:
    found = get_queue_metrics("parcels")

    assert (found.workers, found.oldest_waiting_s) == (1, 0.0)
    assert found.windows["1h"].failure_rate is None
    assert found.windows["1h"].run_ms.p50 is None


def test_a_tenant_has_figures_of_its_own() -> None:
    minute(1, completed=5)
    minute(1, "north", completed=3)
    minute(1, "south", completed=2)
    make_job("waiting", ago=timedelta(seconds=90), tenant="south")

    assert get_queue_metrics("parcels", "north").windows["1h"].completed == 3
    assert get_queue_metrics("parcels", tenants=frozenset({"north", "south"})).windows["1h"].completed == 5
    assert get_queue_metrics("parcels", "north").oldest_waiting_s == 0.0
    assert get_queue_metrics("parcels").oldest_waiting_s == pytest.approx(90, abs=20)


def test_all_queues_cost_a_constant_number_of_statements() -> None:
    make_job()
    with CaptureQueriesContext(connection) as few:
        get_all_queue_metrics()
    for number in range(8):
        make_job(queue=f"plain-{number}")
    with CaptureQueriesContext(connection) as many:
        found = get_all_queue_metrics()

    assert len(few) == len(many) <= 8
    assert found["plain-3"].stats.waiting == 1


def test_redis_tells_its_memory() -> None:
    memory = metrics.redis_memory()

    assert memory is not None
    assert memory > 100_000


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "redis://192.0.2.1:6379/0"])
def test_redis_that_is_away_costs_a_quarter_of_a_second_at_most(settings: Any, url: str) -> None:
    settings.QUEUES = replace(settings.QUEUES, redis_url=url)
    reader = metrics._RedisMemory()

    began = time.monotonic()
    assert reader.read() is None
    assert time.monotonic() - began < 1.0
    began = time.monotonic()
    assert reader.read() is None
    assert time.monotonic() - began < 0.01
