"""Writing down what a provider answered, and what follows from it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from engagement.models import Delivery, DeliveryAttempt, Reminder
from engagement.outcomes import (
    Accepted,
    Ambiguous,
    ConfigurationError,
    OptedOut,
    Outcome,
    PermanentMessage,
    PermanentRecipient,
    Transient,
)
from engagement.reasons import FailureReason, SkipReason
from engagement.rules.contacts import usable
from engagement.services import consents, contacts, holds, tasks
from engagement.services.sending.results import Claimed, Decided, Look, NextContact, Retry, Step, Waits
from engagement.terms import Channel, ConsentDecision, DeliveryStatus, TaskReason

#: A claim whose answer may still be written: by its own token, also after somebody took it for lost.
AWAITING = (DeliveryStatus.SENDING, DeliveryStatus.UNKNOWN)


def record(claimed: Claimed, outcome: Outcome, look: Look, now: datetime, *, may_try_next: bool) -> Step:
    """Write an answer down, in a transaction of its own, where the claim is still ours; says what to do next."""
    with transaction.atomic(durable=True):
        delivery = Delivery.objects.select_for_update(no_key=True).get(id=claimed.delivery_id)
        DeliveryAttempt.objects.filter(delivery=delivery, number=claimed.message.attempt).update(
            outcome=outcome.kind, provider_code=outcome.code[:64], finished_at=now
        )
        if delivery.claim_token != claimed.token or delivery.status not in AWAITING:
            return Decided()
        return _apply(delivery, outcome, look, now, may_try_next=may_try_next)


def _apply(delivery: Delivery, outcome: Outcome, look: Look, now: datetime, *, may_try_next: bool) -> Step:
    match outcome:
        case Accepted():
            _set(delivery, DeliveryStatus.SENT, sent_at=now, provider_id=outcome.provider_id[:200])
            return Decided()
        case Transient():
            if look.last_attempt:
                _set(delivery, DeliveryStatus.FAILED, FailureReason.EXHAUSTED)
            else:
                _set(delivery, DeliveryStatus.PENDING)
            return Retry(f"{delivery.channel} {outcome.code}", outcome.retry_after)
        case PermanentRecipient():
            return _refused_recipient(delivery, outcome, now, may_try_next=may_try_next)
        case PermanentMessage():
            _set(delivery, DeliveryStatus.FAILED, FailureReason.MESSAGE)
            return Decided()
        case OptedOut():
            consents.record(
                delivery.reminder.patient,
                Channel(delivery.channel),
                ConsentDecision.DENY,
                decided_at=now,
                evidence=f"provider: {outcome.code}",
            )
            _set(delivery, DeliveryStatus.SKIPPED, SkipReason.OPTED_OUT)
            return Decided()
        case ConfigurationError():
            holds.put(delivery.workplace_id, Channel(delivery.channel), code=outcome.code, now=now)
            _set(delivery, DeliveryStatus.PENDING, SkipReason.CHANNEL_ON_HOLD)
            return Waits(holds.look_again(now), "channel on hold")
        case Ambiguous():
            unknown(delivery, FailureReason.AMBIGUOUS, now)
            return Decided()


def _refused_recipient(delivery: Delivery, outcome: PermanentRecipient, now: datetime, *, may_try_next: bool) -> Step:
    last = delivery.attempts.order_by("-number").first()
    if last is not None and last.contact is not None:
        contacts.mark_invalid(last.contact, reason=outcome.code, now=now)
    others = usable(delivery.reminder.patient.contacts.all(), Channel(delivery.channel))
    if may_try_next and isinstance(others, list):
        _set(delivery, DeliveryStatus.PENDING)
        return NextContact()
    _set(delivery, DeliveryStatus.FAILED, FailureReason.RECIPIENT)
    return Decided()


def unknown(delivery: Delivery, reason: FailureReason, now: datetime) -> None:
    """Nobody knows whether it went out: list it and have somebody find out; it is never simply sent again."""
    _set(delivery, DeliveryStatus.UNKNOWN, reason)
    reminder = Reminder.objects.select_related("workplace", "appointment").get(id=delivery.reminder_id)
    tasks.open_for(reminder, TaskReason.CHECK_DELIVERY, now=now)


def found_accepted(delivery_id: UUID, token: UUID, accepted: Accepted, now: datetime) -> None:
    """The provider, asked after a crash, has the message."""
    with transaction.atomic(durable=True):
        delivery = _still(delivery_id, token)
        if delivery is not None:
            _answer_open_attempts(delivery, accepted, now)
            _set(delivery, DeliveryStatus.SENT, sent_at=now, provider_id=accepted.provider_id[:200])


def found_absent(delivery_id: UUID, token: UUID) -> None:
    """The provider, asked after a crash, has never had the message: it may be sent."""
    with transaction.atomic(durable=True):
        delivery = _still(delivery_id, token)
        if delivery is not None:
            _set(delivery, DeliveryStatus.PENDING)


def found_nothing_out(delivery_id: UUID, token: UUID, now: datetime) -> None:
    """The provider cannot be asked after a crash."""
    with transaction.atomic(durable=True):
        delivery = _still(delivery_id, token)
        if delivery is not None:
            unknown(delivery, FailureReason.CRASHED, now)


def _still(delivery_id: UUID, token: UUID) -> Delivery | None:
    return (
        Delivery.objects.select_for_update(no_key=True)
        .filter(id=delivery_id, claim_token=token, status=DeliveryStatus.SENDING)
        .first()
    )


def _answer_open_attempts(delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    delivery.attempts.filter(outcome="").update(outcome=outcome.kind, provider_code=outcome.code, finished_at=now)


def _set(delivery: Delivery, status: DeliveryStatus, reason: str = "", **values: object) -> None:
    Delivery.objects.filter(id=delivery.id).update(status=status, reason=reason, **values)
