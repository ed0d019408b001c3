"""A reminder's job that failed for good, however that happened, leaves a task."""

from uuid import uuid4

import pytest

from engagement.models import FollowUpTask
from engagement.services import failures
from engagement.services.sending.prepare import prepare
from engagement.services.sending.results import Look
from engagement.terms import Channel
from queues.signals import announce_failed
from tests.engagement.factories import planned, send, statuses

pytestmark = pytest.mark.django_db


def tasks() -> list[str]:
    return list(FollowUpTask.objects.order_by("reason").values_list("reason", flat=True))


def test_a_job_that_died_before_it_did_anything() -> None:
    due = planned()
    assert due.job_id is not None
    announce_failed([("appointment-reminder", due.job_id)])
    assert tasks() == ["phone-patient"]


def test_a_job_that_died_while_it_sent() -> None:
    # Given
    due = planned(channels=["sms"])
    assert due.job_id is not None
    prepare(due.id, Channel.SMS, Look(due.job_id, 1, last_attempt=True), due.planned_for)

    # When it is heard of twice
    announce_failed([("appointment-reminder", due.job_id)])
    announce_failed([("appointment-reminder", due.job_id)])

    # Then
    assert statuses(due) == {"sms": "unknown crashed-while-sending"}
    assert tasks() == ["check-delivery", "phone-patient"]


def test_a_job_added_by_hand_that_died() -> None:
    due, by_hand = planned(channels=["sms"]), uuid4()
    prepare(due.id, Channel.SMS, Look(by_hand, 1, last_attempt=True), due.planned_for)
    assert failures.phone_instead([by_hand]) == 1


def test_other_queues_and_reminders_that_are_done_are_nobodys_task() -> None:
    done, other = planned(), planned()
    send(done)
    assert done.job_id is not None
    assert other.job_id is not None
    announce_failed([("appointment-reminder", done.job_id), ("follow-up-monitor", other.job_id)])
    assert tasks() == []
