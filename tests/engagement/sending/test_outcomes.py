"""What follows from each answer of a provider."""

from typing import Any

import pytest

from engagement.models import Consent, Delivery, FollowUpTask, OutboxMessage, Reminder
from engagement.services import contacts, tasks
from engagement.services.sending.results import Finished, GaveUp, PutOff, TryAgain
from engagement.terms import ContactSystem, ReminderStatus, ReminderType, TaskReason, TaskStatus
from tests.engagement.factories import NOON, answers, misbehaving, open_tasks, planned, send, statuses

pytestmark = pytest.mark.django_db


def test_accepted_is_sent_and_not_delivered() -> None:
    due = planned(channels=["sms"])
    send(due)
    delivery = Delivery.objects.get()
    assert delivery.status == "sent"
    assert delivery.sent_at == due.planned_for
    assert delivery.delivered_at is None
    assert delivery.provider_id == f"outbox:{OutboxMessage.objects.get().id}"
    assert (delivery.template_id, delivery.template_version) == ("appointment_reminder/sms/en", 1)


def test_only_the_channel_that_failed_for_now_is_tried_again() -> None:
    # Given an SMS provider that fails twice
    due = planned(providers=misbehaving("transient", times=2))

    # When
    results = [send(due, attempt=number) for number in (1, 2, 3)]

    # Then
    assert results[:2] == [TryAgain("sms demo-503"), TryAgain("sms demo-503")]
    assert isinstance(results[2], Finished)
    assert statuses(due) == {"email": "sent", "sms": "sent"}
    assert OutboxMessage.objects.filter(channel="email").count() == 1
    assert answers(due) == [(1, "transient", "demo-503"), (2, "transient", "demo-503"), (3, "accepted", "ok")]


def test_the_wait_that_a_provider_asks_for_is_passed_on() -> None:
    due = planned(providers=misbehaving("transient", retry_after=37))
    assert send(due) == TryAgain("sms demo-503", 37)


def test_attempts_exhausted_opens_one_task_and_a_retry_by_staff_tries_again_and_withdraws_it() -> None:
    # Given a provider that fails in all five attempts
    due = planned(providers=misbehaving("transient", times=5))
    results = [send(due, attempt=number) for number in range(1, 6)]

    # Then the last failed like the others, which ends the job, and staff are to phone
    assert results == [TryAgain("sms demo-503")] * 5
    assert statuses(due) == {"email": "sent", "sms": "failed attempts-exhausted"}
    assert open_tasks() == [TaskReason.PHONE_PATIENT]
    assert Reminder.objects.get(id=due.id).status == ReminderStatus.PLANNED

    # When staff retry the job
    assert isinstance(send(due, run=2), Finished)

    # Then only the SMS went, and nobody needs to phone any more
    assert statuses(due) == {"email": "sent", "sms": "sent"}
    assert OutboxMessage.objects.count() == 2
    assert open_tasks() == []
    assert Reminder.objects.get(id=due.id).status == ReminderStatus.DONE


def test_a_task_that_somebody_has_taken_up_is_not_withdrawn() -> None:
    due = planned(providers=misbehaving("transient", times=5))
    for number in range(1, 6):
        send(due, attempt=number)
    FollowUpTask.objects.update(status=TaskStatus.IN_PROGRESS)
    send(due, run=2)
    assert FollowUpTask.objects.get().status == TaskStatus.IN_PROGRESS


def test_a_withdrawn_task_is_opened_again_when_the_next_reminder_fails_too() -> None:
    # Given
    due = planned()
    tasks.open_for(due, TaskReason.PHONE_PATIENT, now=NOON)
    assert tasks.withdraw(due, TaskReason.PHONE_PATIENT, now=NOON)

    # When
    tasks.open_for(due, TaskReason.PHONE_PATIENT, now=NOON)

    # Then
    assert open_tasks() == [TaskReason.PHONE_PATIENT]


def test_a_refused_address_is_marked_and_the_next_one_tried_once() -> None:
    # Given somebody with three numbers, of which the first does not exist
    due = planned(channels=["sms"])
    first, second, third = (
        contacts.add(due.patient, ContactSystem.SMS, f"+49151120000{rank}", rank=rank) for rank in (1, 2, 3)
    )
    refuse(due, first)

    # When
    send(due)

    # Then
    assert statuses(due) == {"sms": "sent"}
    assert OutboxMessage.objects.get().recipient == second.value
    first.refresh_from_db()
    assert first.invalid_at is not None
    assert first.invalid_reason == "demo-no-such-address"
    third.refresh_from_db()
    assert third.invalid_at is None


def test_after_two_refused_addresses_staff_are_asked_to_phone() -> None:
    due = planned(channels=["sms"])
    first, second, third = (
        contacts.add(due.patient, ContactSystem.SMS, f"+49151120000{rank}", rank=rank) for rank in (1, 2, 3)
    )
    refuse(due, first, second)
    assert isinstance(send(due), GaveUp)
    assert statuses(due) == {"sms": "failed recipient-refused"}
    assert open_tasks() == [TaskReason.PHONE_PATIENT]
    third.refresh_from_db()
    assert third.invalid_at is None
    assert not OutboxMessage.objects.exists()


def refuse(due: Reminder, *bad: Any) -> None:
    modes = {str(contact.id): "permanent-recipient" for contact in bad}
    due.workplace.providers = {"sms": {"adapter": "failing", "contacts": modes}}
    due.workplace.save()


def test_a_refused_message_fails_that_channel_only() -> None:
    due = planned(providers=misbehaving("permanent-message"))
    assert isinstance(send(due), Finished)
    assert statuses(due) == {"email": "sent", "sms": "failed message-refused"}
    assert open_tasks() == []


def test_all_channels_refused_for_good_is_no_retry_but_a_task() -> None:
    due = planned(channels=["sms"], providers=misbehaving("permanent-message"))
    assert isinstance(send(due), GaveUp)
    assert open_tasks() == [TaskReason.PHONE_PATIENT]
    assert len(answers(due)) == 1


def test_a_task_is_due_before_the_visit() -> None:
    due = planned(channels=["sms"], kind=ReminderType.QUARTER, providers=misbehaving("permanent-message"))
    send(due)
    assert FollowUpTask.objects.get().due_at == NOON


def test_a_recipient_who_opted_out_at_the_provider_is_recorded_as_refusing() -> None:
    due = planned(providers=misbehaving("opted-out"))
    send(due)
    assert statuses(due) == {"email": "sent", "sms": "skipped opted-out"}
    newest = Consent.objects.filter(channel="sms").latest("decided_at")
    assert (newest.decision, newest.evidence) == ("deny", "provider: demo-opted-out")


def test_an_ambiguous_answer_is_unknown_listed_and_never_sent_again() -> None:
    # Given
    due = planned(channels=["sms"], providers=misbehaving("ambiguous"))

    # When, however often it runs
    for run in (1, 2, 3):
        assert isinstance(send(due, run=run), Finished)

    # Then
    assert statuses(due) == {"sms": "unknown ambiguous-answer"}
    assert len(answers(due)) == 1
    assert open_tasks() == [TaskReason.CHECK_DELIVERY]


def test_an_adapter_that_breaks_tells_no_address() -> None:
    due = planned(channels=["sms"], providers=misbehaving("crash"))
    assert isinstance(send(due), Finished)
    assert statuses(due) == {"sms": "unknown ambiguous-answer"}
    assert answers(due) == [(1, "ambiguous", "broke: RuntimeError")]


def test_exhausted_email_and_deferred_sms_the_sms_still_goes() -> None:
    # Given email that fails in the last attempt while SMS waits for the morning
    due = planned(
        start=NOON.replace(hour=2),
        kind=ReminderType.DAY,
        providers={"email": {"adapter": "failing", "mode": "transient"}},
    )

    # When
    result = send(due, attempt=5)

    # Then
    assert isinstance(result, PutOff)
    assert isinstance(send(due, result.until, attempt=5), GaveUp)
    assert statuses(due) == {"email": "failed attempts-exhausted", "sms": "sent"}
    assert open_tasks() == [TaskReason.PHONE_PATIENT]
