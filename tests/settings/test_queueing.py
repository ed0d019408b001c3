"""`settings.QUEUES` has the seed's variables under their names, units and defaults."""

from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queues.conf import QueueSettings
from settings.environment import Environment, InvalidVariable
from settings.queueing import queue_settings


def _made(**variables: str) -> QueueSettings:
    return queue_settings("redis://localhost/0", Environment(variables))


def test_the_defaults_are_the_seeds() -> None:
    made = _made()

    assert made.retry_attempts == 3
    assert made.retry_delay_ms == 2000
    assert made.stalled_interval_ms == 30_000
    assert made.lock_duration_ms == 30_000
    assert made.retention.completed_s == 86_400
    assert made.retention.failed_s == 604_800
    assert made == QueueSettings(redis_url="redis://localhost/0")


def test_each_variable_of_the_seed_reaches_its_setting() -> None:
    made = _made(
        QUEUE_RETRY_ATTEMPTS="5",
        QUEUE_RETRY_DELAY="1000",
        QUEUE_STALLED_INTERVAL="2500",
        QUEUE_LOCK_DURATION="15000",
    )

    assert (made.retry_attempts, made.retry_delay_ms) == (5, 1000)
    assert (made.stalled_interval_ms, made.lock_duration_ms) == (2500, 15_000)


@given(st.integers(min_value=100, max_value=10**6))
def test_lost_workers_are_looked_for_every_five_seconds_or_more_often(interval: int) -> None:
    assert _made(QUEUE_STALLED_INTERVAL=str(interval)).rescue_interval_ms == min(5000, interval)


def test_history_can_be_kept_for_ever() -> None:
    made = _made(QUEUE_RETENTION_FAILED="never", QUEUE_RETENTION_TICKS="86400")

    assert made.retention.failed_s is None
    assert made.retention.ticks_s == 86_400


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("QUEUE_LOCK_DURATION", "999"),
        ("QUEUE_STALLED_INTERVAL", "soon"),
        ("QUEUE_RETENTION_COMPLETED", "0"),
        ("QUEUE_KEY_PREFIX", "a{b}"),
        ("QUEUE_HEALTH_FAILURE_RATE", "1.5"),
    ],
)
def test_a_value_out_of_range_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(InvalidVariable, match=f"Environment variable {name} must be .*{value}"):
        _made(**{name: value})


def test_settings_cannot_be_changed_later() -> None:
    with pytest.raises(FrozenInstanceError):
        _made().retry_attempts = 9  # type: ignore[misc]


def test_the_password_of_redis_is_not_shown() -> None:
    shown = repr(queue_settings("redis://:hunter2@localhost/0", Environment({})))

    assert "hunter2" not in shown
