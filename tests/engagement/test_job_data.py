"""Job data are checked at the door: one clear error that names the field, nothing stored."""

from typing import Any
from uuid import uuid4

import pytest

from engagement.queues import QueueName
from queues import service
from queues.errors import InvalidJobData
from queues.models import Job

A, B, C = (str(uuid4()) for _ in range(3))
REMINDER = {"appointmentId": A, "patientId": B, "workplaceId": C, "reminderType": "24h", "channels": ["email", "sms"]}
MONITOR = {"workplaceId": C, "checkOverdue": True, "escalateCritical": False}
MEDICATION = {"patientId": A, "medicationId": B, "workplaceId": C, "reminderType": "refill", "daysUntilDue": 3}
ADHERENCE = {"workplaceId": C, "patientIds": [A], "conditionTypes": []}
STATUS = {"workplaceId": C, "checkNoShows": True, "autoUpdateStatus": True}

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("queue", "data"),
    [
        (QueueName.APPOINTMENT_REMINDER, REMINDER),
        (QueueName.FOLLOW_UP_MONITOR, MONITOR),
        (QueueName.MEDICATION_REMINDER, MEDICATION),
        (QueueName.MEDICATION_REMINDER, {**MEDICATION, "daysUntilDue": None}),
        (QueueName.ADHERENCE_CHECK, ADHERENCE),
        (QueueName.ADHERENCE_CHECK, {"workplaceId": C}),
        (QueueName.APPOINTMENT_STATUS, STATUS),
    ],
)
def test_the_published_shapes_are_accepted_and_kept_as_they_are(queue: QueueName, data: dict[str, Any]) -> None:
    job = service.add_job(queue, data)
    assert job.data == data
    assert job.tenant == C


@pytest.mark.parametrize(
    ("queue", "data", "subjects"),
    [
        (QueueName.APPOINTMENT_REMINDER, REMINDER, {f"patient:{B}", f"appointment:{A}"}),
        (QueueName.MEDICATION_REMINDER, MEDICATION, {f"patient:{A}", f"medication:{B}"}),
        (QueueName.ADHERENCE_CHECK, ADHERENCE, {f"patient:{A}"}),
        (QueueName.APPOINTMENT_STATUS, STATUS, set()),
    ],
)
def test_jobs_are_found_by_whom_they_are_about(queue: QueueName, data: dict[str, Any], subjects: set[str]) -> None:
    assert set(service.add_job(queue, data).subjects) == subjects


@pytest.mark.parametrize(
    ("queue", "data", "change", "field"),
    [
        (QueueName.APPOINTMENT_REMINDER, REMINDER, {"appointmentId": "appointment-123"}, "appointmentId"),
        (QueueName.APPOINTMENT_REMINDER, REMINDER, {"appointmentId": A.replace("-", "")}, "appointmentId"),
        (QueueName.APPOINTMENT_REMINDER, REMINDER, {"appointmentId": 7}, "appointmentId"),
        (QueueName.APPOINTMENT_REMINDER, REMINDER, {"patientId": None}, "patientId"),
        (QueueName.APPOINTMENT_REMINDER, REMINDER, {"reminderType": "1h"}, "reminderType"),
        (QueueName.APPOINTMENT_REMINDER, REMINDER, {"channels": []}, "channels"),
        (QueueName.APPOINTMENT_REMINDER, REMINDER, {"channels": ["sms", "sms"]}, "channels"),
        (QueueName.APPOINTMENT_REMINDER, REMINDER, {"channels": ["fax"]}, "channels.0"),
        (QueueName.APPOINTMENT_REMINDER, REMINDER, {"channels": "sms"}, "channels"),
        (QueueName.APPOINTMENT_REMINDER, REMINDER, {"urgent": True}, "urgent"),
        (QueueName.APPOINTMENT_REMINDER, REMINDER, {"appointment_id": A}, "appointment_id"),
        (QueueName.FOLLOW_UP_MONITOR, MONITOR, {"checkOverdue": "true"}, "checkOverdue"),
        (QueueName.FOLLOW_UP_MONITOR, MONITOR, {"escalateCritical": 1}, "escalateCritical"),
        (QueueName.MEDICATION_REMINDER, MEDICATION, {"daysUntilDue": -91}, "daysUntilDue"),
        (QueueName.MEDICATION_REMINDER, MEDICATION, {"daysUntilDue": 366}, "daysUntilDue"),
        (QueueName.MEDICATION_REMINDER, MEDICATION, {"daysUntilDue": "3"}, "daysUntilDue"),
        (QueueName.MEDICATION_REMINDER, MEDICATION, {"daysUntilDue": True}, "daysUntilDue"),
        (QueueName.MEDICATION_REMINDER, MEDICATION, {"reminderType": "24h"}, "reminderType"),
        (QueueName.ADHERENCE_CHECK, ADHERENCE, {"patientIds": ["patient-456"]}, "patientIds.0"),
        (QueueName.ADHERENCE_CHECK, ADHERENCE, {"conditionTypes": [""]}, "conditionTypes.0"),
        (QueueName.APPOINTMENT_STATUS, STATUS, {"checkNoShows": None}, "checkNoShows"),
    ],
)
def test_what_is_wrong_is_refused_by_its_field(
    queue: QueueName, data: dict[str, Any], change: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidJobData) as refused:
        service.add_job(queue, {**data, **change})
    assert list(refused.value.errors) == [field]
    assert not Job.objects.exists()


@pytest.mark.parametrize("missing", list(REMINDER))
def test_what_is_missing_is_named(missing: str) -> None:
    with pytest.raises(InvalidJobData) as refused:
        service.add_job(
            QueueName.APPOINTMENT_REMINDER, {key: value for key, value in REMINDER.items() if key != missing}
        )
    assert list(refused.value.errors) == [missing]


@pytest.mark.parametrize("days", [-90, 0, 365])
def test_the_days_range_includes_its_ends(days: int) -> None:
    service.add_job(QueueName.MEDICATION_REMINDER, {**MEDICATION, "daysUntilDue": days})


def test_the_days_range_is_a_setting(settings: Any) -> None:
    settings.ENGAGEMENT = {"days_until_due": (0, 10)}
    with pytest.raises(InvalidJobData, match="from 0 to 10"):
        service.add_job(QueueName.MEDICATION_REMINDER, {**MEDICATION, "daysUntilDue": -1})
