"""A provider that is set up wrongly, not there, or down as a whole: it costs neither attempts nor contacts."""

from datetime import timedelta
from typing import Any

import pytest

from engagement.models import ChannelHold, Reminder
from engagement.services import holds
from engagement.services.sending.results import Finished, PutOff, TryAgain
from engagement.terms import TaskReason
from tests.engagement.factories import (
    answers,
    appointment,
    clinic,
    misbehaving,
    open_tasks,
    patient,
    planned,
    reminder,
    send,
    statuses,
)

pytestmark = pytest.mark.django_db


def test_a_configuration_error_holds_the_channel_and_burns_neither_attempt_nor_contact() -> None:
    # Given
    due = planned(providers=misbehaving("configuration"))

    # When
    result = send(due)

    # Then
    assert result == PutOff(due.planned_for + timedelta(seconds=60), "channel on hold")
    assert statuses(due) == {"email": "sent", "sms": "pending channel-on-hold"}
    assert not due.patient.contacts.filter(invalid_at__isnull=False).exists()

    # When it looks again while the hold lasts, the provider is left in peace
    send(due)
    assert len(answers(due)) == 1

    # When it is mended and released
    type(due.workplace).objects.filter(id=due.workplace_id).update(providers={})
    holds.release(ChannelHold.objects.get(), by=None, now=due.planned_for)
    send(due)

    # Then
    assert statuses(due) == {"email": "sent", "sms": "sent"}


def test_a_hold_that_outlasts_the_reminder_has_somebody_phone() -> None:
    due = planned(channels=["sms"], providers=misbehaving("configuration"))
    send(due)
    result = send(due, due.planned_for + timedelta(minutes=21))
    assert isinstance(result, Finished)
    assert statuses(due) == {"sms": "skipped channel-on-hold"}
    assert open_tasks() == [TaskReason.PHONE_PATIENT]


def test_a_hold_is_one_workplaces_and_one_channels() -> None:
    first = planned(channels=["sms"], providers=misbehaving("configuration"))
    send(first)
    other = reminder(appointment(patient(clinic())))
    send(other)
    assert statuses(other) == {"email": "sent", "sms": "sent"}


@pytest.mark.parametrize(
    "settings_of_channel",
    [{"adapter": "carrier-pigeon"}, {"adapter": "failing", "mode": "lazy"}, "outbox", {"adapter": "failing", "x": 1}],
)
def test_a_channel_without_a_working_adapter_never_reports_success(settings_of_channel: Any) -> None:
    """OpenEMR 9064: "sent", with no provider configured."""
    due = planned(channels=["sms"], providers={"sms": settings_of_channel})
    assert isinstance(send(due), PutOff)
    assert statuses(due) == {"sms": "pending channel-on-hold"}
    assert ChannelHold.objects.get().channel == "sms"


def test_the_failing_adapter_is_refused_where_it_is_not_allowed(settings: Any) -> None:
    settings.ENGAGEMENT = {}
    due = planned(channels=["sms"], providers=misbehaving("accept"))
    assert isinstance(send(due), PutOff)
    assert ChannelHold.objects.get().provider_code == "failing-adapter-not-allowed"


def many_due(count: int, mode: str) -> list[Reminder]:
    """Reminders of as many patients of one workplace, by SMS only."""
    workplace = clinic(providers=misbehaving(mode))
    return [reminder(appointment(patient(workplace)), channels=["sms"]) for _ in range(count)]


def test_a_provider_that_is_down_as_a_whole_costs_no_attempts() -> None:
    # Given ten patients' messages that failed for now
    *failed, spared = many_due(11, "transient")
    assert {type(send(due)) for due in failed} == {TryAgain}

    # When an eleventh is due
    result = send(spared)

    # Then it waits without having asked, and the others too
    rest = spared.planned_for + timedelta(seconds=30)
    assert result == PutOff(rest, "provider is down")
    assert answers(spared) == []
    assert send(failed[0], attempt=2) == PutOff(rest, "provider is down")

    # When the rest is over and it works again
    type(spared.workplace).objects.filter(id=spared.workplace_id).update(providers={})
    assert isinstance(send(spared, rest), Finished)
    assert isinstance(send(failed[0], rest, attempt=2), Finished)


def test_a_provider_that_is_down_until_it_is_too_late_has_somebody_phone() -> None:
    *failed, spared = many_due(11, "transient")
    for due in failed:
        send(due)
    send(spared)
    assert isinstance(send(spared, spared.planned_for + timedelta(minutes=21)), Finished)
    assert statuses(spared) == {"sms": "skipped channel-on-hold"}
    assert open_tasks() == [TaskReason.PHONE_PATIENT]


def test_few_messages_failing_often_do_not_count_as_a_provider_down() -> None:
    due = planned(channels=["sms"], providers=misbehaving("transient"))
    assert {type(send(due, attempt=1)) for _ in range(12)} == {TryAgain}
    other = reminder(appointment(patient(due.workplace)), channels=["sms"])
    assert isinstance(send(other), TryAgain)


def test_another_workplaces_provider_is_another() -> None:
    for due in many_due(11, "transient"):
        send(due)
    assert isinstance(send(planned(channels=["sms"])), Finished)
