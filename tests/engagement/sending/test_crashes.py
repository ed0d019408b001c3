"""A worker lost while it sent: asked of the provider where it can be, else unknown; never sent twice."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from engagement.channels import registry
from engagement.channels.interface import CannotTell, Lookup, Message
from engagement.channels.outbox import OutboxAdapter
from engagement.models import Delivery, DeliveryAttempt, FollowUpTask, OutboxMessage, Reminder
from engagement.outcomes import Accepted, Outcome
from engagement.services.sending import lost
from engagement.services.sending.prepare import prepare
from engagement.services.sending.record import found_absent, found_accepted, found_nothing_out, record
from engagement.services.sending.results import Claimed, Decided, Finished, Look, TryAgain
from engagement.terms import Channel, ReminderStatus
from tests.engagement.factories import planned, send, statuses


class LostPower(BaseException):
    """Stands for a kill: nothing catches it."""


class PowerCut:
    """An adapter whose process dies: before the message left, or after."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._leaves = options["leaves"]

    def send(self, message: Message) -> Outcome:
        if self._leaves:
            OutboxAdapter({}).send(message)
        raise LostPower

    def lookup(self, idempotency_key: str) -> Lookup:
        return OutboxAdapter({}).lookup(idempotency_key)


class Silent(PowerCut):
    """The same, of a provider that cannot be asked."""

    def lookup(self, idempotency_key: str) -> Lookup:
        return CannotTell()


@pytest.fixture(autouse=True)
def _adapters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.ADAPTERS, "power-cut", PowerCut)
    monkeypatch.setitem(registry.ADAPTERS, "silent", Silent)


def die_while_sending(adapter: str, *, leaves: bool) -> Reminder:
    """A reminder by SMS whose worker died in the middle of it."""
    due = planned(channels=["sms"], providers={"sms": {"adapter": adapter, "leaves": leaves}})
    with pytest.raises(LostPower):
        send(due)
    assert statuses(due) == {"sms": "sending"}
    return due


def mend(due: Reminder) -> None:
    type(due.workplace).objects.filter(id=due.workplace_id).update(providers={})


@pytest.mark.django_db
def test_the_provider_has_it_so_it_is_sent() -> None:
    due = die_while_sending("power-cut", leaves=True)
    assert isinstance(send(due), Finished)
    assert statuses(due) == {"sms": "sent"}
    assert OutboxMessage.objects.count() == 1
    assert DeliveryAttempt.objects.get().outcome == "accepted"


@pytest.mark.django_db
def test_the_provider_never_had_it_so_it_is_sent_now() -> None:
    due = die_while_sending("power-cut", leaves=False)
    mend(due)
    assert isinstance(send(due), Finished)
    assert statuses(due) == {"sms": "sent"}
    assert OutboxMessage.objects.count() == 1
    assert list(DeliveryAttempt.objects.order_by("number").values_list("number", "outcome")) == [
        (1, ""),
        (2, "accepted"),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("leaves", [True, False])
def test_where_nobody_can_tell_it_is_unknown_and_stays_so(leaves: bool) -> None:  # noqa: FBT001
    # Given
    due = die_while_sending("silent", leaves=leaves)

    # When the job comes again, in this run and in others
    for run in (1, 1, 2):
        assert isinstance(send(due, run=run), Finished)

    # Then it was sent once at most, is listed, and somebody is to find out
    assert statuses(due) == {"sms": "unknown crashed-while-sending"}
    assert OutboxMessage.objects.count() == int(leaves)
    assert FollowUpTask.objects.get().reason == "check-delivery"
    assert Reminder.objects.get(id=due.id).status == ReminderStatus.DONE


@pytest.mark.django_db
def test_an_answer_that_comes_late_still_counts_for_its_own_claim_only() -> None:
    # Given a sender that stood still until another attempt took it for lost
    due = planned(channels=["sms"], providers={"sms": {"adapter": "silent", "leaves": False}})
    look = Look(due.job_id or uuid4(), 1, last_attempt=False)
    slow = prepare(due.id, Channel.SMS, look, due.planned_for)
    assert isinstance(slow, Claimed)
    send(due)
    assert statuses(due) == {"sms": "unknown crashed-while-sending"}

    # When an answer comes for another claim, and then the real one
    stranger = Claimed(slow.delivery_id, uuid4(), slow.message, {})
    assert isinstance(record(stranger, Accepted("x"), look, due.planned_for, may_try_next=True), Decided)
    assert statuses(due) == {"sms": "unknown crashed-while-sending"}
    record(slow, Accepted("provider-7"), look, due.planned_for, may_try_next=True)

    # Then
    assert statuses(due) == {"sms": "sent"}
    assert Delivery.objects.get().provider_id == "provider-7"


@pytest.mark.django_db
def test_a_second_job_about_the_same_reminder_leaves_the_first_alone() -> None:
    # Given a reminder that one job is sending at this moment
    due = planned(channels=["sms"])
    claimed = prepare(due.id, Channel.SMS, Look(due.job_id or uuid4(), 1, last_attempt=False), due.planned_for)
    assert isinstance(claimed, Claimed)

    # When somebody adds the same job by hand
    result = send(due, job_id=uuid4())

    # Then
    assert result == Finished("another job is at it", {Channel.SMS: "sending"})
    assert statuses(due) == {"sms": "sending"}
    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db
def test_the_same_job_added_twice_sends_once() -> None:
    due = planned()
    send(due)
    send(due, job_id=uuid4())
    send(due, job_id=uuid4(), run=7)
    assert OutboxMessage.objects.count() == 2


@pytest.mark.django_db
def test_what_no_job_comes_back_to_is_looked_after() -> None:
    # Given a job that was cancelled while it sent
    due = die_while_sending("silent", leaves=True)

    # When
    assert lost.sweep(due.planned_for + timedelta(seconds=900)) == 0
    assert lost.sweep(due.planned_for + timedelta(seconds=901)) == 1

    # Then
    assert statuses(due) == {"sms": "unknown crashed-while-sending"}


class Breaking(PowerCut):
    """An adapter whose library raises, before the message left or after; it can be asked."""

    def send(self, message: Message) -> Outcome:
        try:
            return super().send(message)
        except LostPower:
            raise RuntimeError from None


@pytest.mark.django_db
@pytest.mark.parametrize("leaves", [True, False])
def test_a_library_that_raises_is_asked_at_once(leaves: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001
    # Given
    monkeypatch.setitem(registry.ADAPTERS, "breaking", Breaking)
    due = planned(channels=["sms"], providers={"sms": {"adapter": "breaking", "leaves": leaves}})

    # When
    result = send(due)

    # Then what left is sent, what did not is tried again
    if leaves:
        assert result == Finished(channels={Channel.SMS: "sent"})
    else:
        assert result == TryAgain("sms broke: RuntimeError")
    assert OutboxMessage.objects.count() == int(leaves)


@pytest.mark.django_db
def test_what_is_found_out_too_late_changes_nothing() -> None:
    # Given an interrupted message that somebody has settled meanwhile
    due = die_while_sending("power-cut", leaves=True)
    delivery = Delivery.objects.get()
    assert delivery.claim_token is not None
    send(due)
    sent_at = Delivery.objects.get().sent_at

    # When others come with what they found out
    later = due.planned_for + timedelta(minutes=3)
    found_accepted(delivery.id, delivery.claim_token, Accepted("x"), later)
    found_absent(delivery.id, delivery.claim_token)
    found_nothing_out(delivery.id, delivery.claim_token, later)

    # Then
    assert statuses(due) == {"sms": "sent"}
    assert Delivery.objects.get().sent_at == sent_at


class Deaf(PowerCut):
    """The same, of a provider that does not answer questions either."""

    def lookup(self, idempotency_key: str) -> Lookup:
        raise ConnectionError


@pytest.mark.django_db
def test_one_provider_that_cannot_be_reached_does_not_keep_the_others_from_being_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given two interrupted messages, one of a provider that is away
    monkeypatch.setitem(registry.ADAPTERS, "deaf", Deaf)
    away, here = die_while_sending("deaf", leaves=True), die_while_sending("power-cut", leaves=True)

    # When
    assert lost.sweep(here.planned_for + timedelta(hours=1)) == 2

    # Then
    assert statuses(away) == {"sms": "sending"}
    assert statuses(here) == {"sms": "sent"}


class Watching:
    """Notes whether a transaction was open, and what others could see of the claim, while it sent."""

    seen: list[tuple[bool, str]]

    def __init__(self, options: Mapping[str, Any]) -> None:
        """There is nothing to set."""

    def send(self, message: Message) -> Outcome:
        status = Delivery.objects.get(idempotency_key=message.idempotency_key).status
        type(self).seen.append((connection.in_atomic_block, status))
        return Accepted("seen")

    def lookup(self, idempotency_key: str) -> Lookup:
        return CannotTell()


@pytest.mark.django_db(transaction=True)
def test_the_provider_is_called_outside_any_transaction_after_the_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.ADAPTERS, "watching", Watching)
    Watching.seen = []
    due = planned(providers={channel: {"adapter": "watching"} for channel in ("email", "sms")})
    send(due)
    assert Watching.seen == [(False, "sending"), (False, "sending")]


def test_a_message_shows_neither_address_nor_text() -> None:
    message = Message(uuid4(), Channel.SMS, uuid4(), "+49151", "s", "the text", "en", "appt:1:1:2h:sms", 1)
    assert "+49151" not in repr(message)
    assert "the text" not in repr(message)
