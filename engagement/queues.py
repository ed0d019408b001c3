"""The clinic's five queues: their names and one declaration each, with the published defaults.

Imports neither models nor Dramatiq: the broker is built before there are any.
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from enum import StrEnum
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from engagement.conf import engagement_settings
from engagement.job_data import (
    AdherenceCheckData,
    AppointmentReminderData,
    AppointmentStatusData,
    FollowUpMonitorData,
    JobData,
    MedicationReminderData,
)
from queues import registry
from queues.config import Backoff, QueueConfig, RateLimit, Retention
from queues.priorities import JobPriority


class QueueName(StrEnum):
    """The clinic's queues."""

    APPOINTMENT_REMINDER = "appointment-reminder"
    FOLLOW_UP_MONITOR = "follow-up-monitor"
    MEDICATION_REMINDER = "medication-reminder"
    ADHERENCE_CHECK = "adherence-check"
    APPOINTMENT_STATUS = "appointment-status"


def workplace_of(data: JobData) -> str:
    """The tenant of a job: the workplace that it belongs to."""
    return str(data.workplace_id)


def _appointment_subjects(data: AppointmentReminderData) -> tuple[str, ...]:
    return f"patient:{data.patient_id}", f"appointment:{data.appointment_id}"


def _medication_subjects(data: MedicationReminderData) -> tuple[str, ...]:
    return f"patient:{data.patient_id}", f"medication:{data.medication_id}"


def _patient_subjects(data: AdherenceCheckData) -> tuple[str, ...]:
    return tuple(f"patient:{patient}" for patient in dict.fromkeys(data.patient_ids or ()))


DEFAULTS = (
    QueueConfig(
        name=QueueName.APPOINTMENT_REMINDER.value,
        schema=AppointmentReminderData,
        actor="appointment_reminder",
        attempts=5,
        backoff=Backoff(1000),
        priority=JobPriority.HIGH,
        time_limit_ms=120_000,
        tenant=workplace_of,
        subjects=_appointment_subjects,
    ),
    QueueConfig(
        name=QueueName.FOLLOW_UP_MONITOR.value,
        schema=FollowUpMonitorData,
        schedule="0 * * * *",
        attempts=3,
        backoff=Backoff(5000),
        concurrency=1,
        tenant=workplace_of,
    ),
    QueueConfig(
        name=QueueName.MEDICATION_REMINDER.value,
        schema=MedicationReminderData,
        attempts=4,
        backoff=Backoff(2000),
        time_limit_ms=120_000,
        tenant=workplace_of,
        subjects=_medication_subjects,
    ),
    QueueConfig(
        name=QueueName.ADHERENCE_CHECK.value,
        schema=AdherenceCheckData,
        schedule="0 3 * * 1",
        attempts=3,
        backoff=Backoff(3000),
        concurrency=1,
        tenant=workplace_of,
        subjects=_patient_subjects,
    ),
    QueueConfig(
        name=QueueName.APPOINTMENT_STATUS.value,
        schema=AppointmentStatusData,
        schedule="*/15 * * * *",
        attempts=3,
        backoff=Backoff(2000),
        concurrency=1,
        tenant=workplace_of,
    ),
)

#: Not one of the clinic's: keeps its tables tidy (see :func:`engagement.actors.clinic_upkeep`).
UPKEEP = QueueConfig(
    name="clinic-upkeep",
    actor="clinic_upkeep",
    schedule="*/5 * * * *",
    priority=JobPriority.LOW,
    concurrency=1,
    global_concurrency=1,
    system=True,
)

#: Parts of a declaration that are what the queue is, not how it is tuned.
_FIXED = {"name", "schema", "actor", "tenant", "subjects", "system"}
_TUNABLE = {field.name for field in fields(QueueConfig)} - _FIXED
_NESTED = {"backoff": Backoff, "retention": Retention, "rate_limit": RateLimit}


def tuned(config: QueueConfig, changes: Mapping[str, Any]) -> QueueConfig:
    """``config`` with the changes that the settings ask for; raises ``ImproperlyConfigured`` naming the wrong one."""
    where = f"ENGAGEMENT['queues'][{config.name!r}]"
    unknown = sorted(set(changes) - _TUNABLE)
    if unknown:
        raise ImproperlyConfigured(f"{where}: no setting {unknown[0]!r}. It can have {', '.join(sorted(_TUNABLE))}.")
    values: dict[str, Any] = dict(changes)
    try:
        for name, kind in _NESTED.items():
            if isinstance(values.get(name), Mapping):
                now = getattr(config, name)
                values[name] = replace(now, **values[name]) if now is not None else kind(**values[name])
        if isinstance(values.get("priority"), str):
            values["priority"] = JobPriority[values["priority"]]
        return replace(config, **values)
    except (KeyError, TypeError, ValueError) as error:
        raise ImproperlyConfigured(f"{where}: {error}") from error


def queue_configs(overrides: Mapping[str, Mapping[str, Any]] | None = None) -> dict[QueueName, QueueConfig]:
    """The five declarations, changed as ``overrides`` (by default the settings) say."""
    changes = engagement_settings().queues if overrides is None else overrides
    unknown = sorted(set(changes) - {name.value for name in QueueName})
    if unknown:
        raise ImproperlyConfigured(f"ENGAGEMENT['queues']: there is no queue {unknown[0]!r}.")
    return {QueueName(config.name): tuned(config, changes.get(config.name, {})) for config in DEFAULTS}


def register_queues() -> dict[QueueName, QueueConfig]:
    """Declare the queues; saying it twice is harmless."""
    configs = queue_configs()
    for config in (*configs.values(), UPKEEP):
        registry.register(config)
    return configs
