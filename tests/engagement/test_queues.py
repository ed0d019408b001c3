"""The five queues are declared with the published values, each of which the settings can change."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from engagement.queues import UPKEEP, QueueName, queue_configs
from queues import registry
from queues.config import Backoff
from queues.priorities import JobPriority


@pytest.mark.parametrize(
    ("name", "attempts", "delay_ms", "priority", "schedule", "concurrency", "actor"),
    [
        ("appointment-reminder", 5, 1000, JobPriority.HIGH, None, None, "appointment_reminder"),
        ("follow-up-monitor", 3, 5000, JobPriority.NORMAL, "0 * * * *", 1, None),
        ("medication-reminder", 4, 2000, JobPriority.NORMAL, None, None, None),
        ("adherence-check", 3, 3000, JobPriority.NORMAL, "0 3 * * 1", 1, None),
        ("appointment-status", 3, 2000, JobPriority.NORMAL, "*/15 * * * *", 1, None),
    ],
)
def test_the_published_values_are_the_defaults(
    name: str, attempts: int, delay_ms: int, priority: JobPriority, schedule: str | None, concurrency: int | None,
    actor: str | None,
) -> None:  # fmt: skip
    config = registry.get(QueueName(name))
    assert config == queue_configs({})[QueueName(name)]
    assert (config.attempts, config.backoff, config.priority) == (attempts, Backoff(delay_ms), priority)
    assert (config.schedule, config.concurrency, config.actor) == (schedule, concurrency, actor)
    assert config.schema is not None


def test_upkeep_is_the_machinerys_and_not_among_the_names() -> None:
    assert UPKEEP.system
    assert UPKEEP.name not in list(QueueName)
    assert registry.get(UPKEEP.name) == UPKEEP


def test_everything_tunable_can_be_changed() -> None:
    # When
    changed = queue_configs(
        {
            "appointment-reminder": {
                "attempts": 7,
                "backoff": {"delay_ms": 250, "jitter": 0.1},
                "priority": "CRITICAL",
                "retention": {"failed_s": 60},
                "rate_limit": {"count": 30},
                "time_limit_ms": 5000,
                "global_concurrency": 4,
            }
        }
    )

    # Then
    config = changed[QueueName.APPOINTMENT_REMINDER]
    assert (config.attempts, config.backoff.delay_ms, config.backoff.jitter) == (7, 250, 0.1)
    assert config.backoff.max_ms == Backoff(1).max_ms
    assert config.priority is JobPriority.CRITICAL
    assert (config.retention.failed_s, config.retention.completed_s) == (60, 86_400)
    assert config.rate_limit is not None
    assert (config.rate_limit.count, config.global_concurrency) == (30, 4)
    assert changed[QueueName.ADHERENCE_CHECK] == queue_configs({})[QueueName.ADHERENCE_CHECK]


@pytest.mark.parametrize(
    ("overrides", "named"),
    [
        ({"appointment-remainder": {}}, "appointment-remainder"),
        ({"appointment-reminder": {"retries": 3}}, "retries"),
        ({"appointment-reminder": {"attempts": 0}}, "attempts"),
        ({"appointment-reminder": {"schema": None}}, "schema"),
        ({"appointment-reminder": {"priority": "URGENT"}}, "URGENT"),
        ({"appointment-reminder": {"backoff": {"delay": 1}}}, "delay"),
    ],
)
def test_a_wrong_override_is_refused_by_its_name(overrides: Any, named: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=named):
        queue_configs(overrides)


def test_a_wrong_setting_of_the_clinic_is_refused_by_its_name(settings: Any) -> None:
    settings.ENGAGEMENT = {"outbox_days": 0}
    with pytest.raises(ImproperlyConfigured, match="outbox_days"):
        queue_configs()
