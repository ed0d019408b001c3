"""One channel of a reminder, up to the claim: rows read again under lock, every gate asked, the message written."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction

from engagement.channels.interface import Message
from engagement.conf import engagement_settings
from engagement.messages import appointment_message
from engagement.models import Delivery, DeliveryAttempt, Reminder
from engagement.reasons import SkipReason
from engagement.rules.gates import Closed, Open, channel_gate
from engagement.rules.sending_time import Later
from engagement.services import breaker, holds
from engagement.services.sending.facts import appointment_of, channel_facts, locked_reminder, reminder_closed
from engagement.services.sending.results import Claimed, Decided, Interrupted, Look, Step, Waits
from engagement.terms import Channel, DeliveryStatus


def prepare(reminder_id: UUID, channel: Channel, look: Look, now: datetime) -> Step:
    """Claim the delivery of a reminder on a channel, or say why not. Committed before anything is sent."""
    with transaction.atomic(durable=True):
        reminder = locked_reminder(reminder_id)
        delivery = _delivery(reminder, channel)
        if delivery.status == DeliveryStatus.SENDING:
            return _found_sending(reminder, delivery, look, now)
        if not _undecided(delivery, look):
            return Decided()
        closed = reminder_closed(reminder)
        if closed is not None:
            return _skip(delivery, Closed(closed), look)
        gate = channel_gate(channel_facts(reminder, delivery, now), now)
        if isinstance(gate, Closed):
            return _skip(delivery, gate, look)
        if isinstance(gate, Later):
            return _defer(delivery, gate, look)
        out_of_order = _out_of_order(reminder.workplace_id, channel, now)
        if out_of_order is not None:
            _decide(delivery, look, status=DeliveryStatus.PENDING, reason=SkipReason.CHANNEL_ON_HOLD)
            return out_of_order
        return _claim(reminder, delivery, gate, look, now)


def _delivery(reminder: Reminder, channel: Channel) -> Delivery:
    key = f"appt:{reminder.appointment_id}:{reminder.schedule_version}:{reminder.reminder_type}:{channel.value}"
    delivery, _new = Delivery.objects.get_or_create(
        reminder=reminder, channel=channel, defaults={"workplace_id": reminder.workplace_id, "idempotency_key": key}
    )
    return delivery


def _undecided(delivery: Delivery, look: Look) -> bool:
    """Whether this run may still decide: what was, or may have been, sent stays so for ever; the rest for a run."""
    if delivery.status == DeliveryStatus.PENDING:
        return True
    if delivery.status not in (DeliveryStatus.FAILED, DeliveryStatus.SKIPPED):
        return False
    return (delivery.decided_job, delivery.decided_run) != (look.job_id, look.run)


def _found_sending(reminder: Reminder, delivery: Delivery, look: Look, now: datetime) -> Step:
    """Ours: an earlier attempt was lost while it sent. Another job's: it is at it, unless that was long ago."""
    assert delivery.claimed_at is not None and delivery.claim_token is not None  # noqa: S101, PT018  a constraint
    stale = now - delivery.claimed_at > timedelta(seconds=engagement_settings().stale_send_s)
    if delivery.decided_job != look.job_id and not stale:
        return Decided()
    return Interrupted(delivery.id, delivery.claim_token, delivery.idempotency_key, dict(reminder.workplace.providers))


def _out_of_order(workplace_id: UUID, channel: Channel, now: datetime) -> Waits | None:
    """Why the provider is not even asked now; costs no attempt."""
    held = holds.held_until(workplace_id, channel, now)
    if held is not None:
        return Waits(held, "channel on hold")
    down = breaker.open_until(workplace_id, channel, now)
    return Waits(down, "provider is down") if down is not None else None


def _skip(delivery: Delivery, closed: Closed, look: Look) -> Decided:
    _decide(delivery, look, status=DeliveryStatus.SKIPPED, reason=closed.reason)
    return Decided()


def _defer(delivery: Delivery, later: Later, look: Look) -> Waits:
    _decide(delivery, look, status=DeliveryStatus.PENDING, reason="", deferred_to=later.until)
    return Waits(later.until, "quiet hours")


def _claim(reminder: Reminder, delivery: Delivery, gate: Open, look: Look, now: datetime) -> Claimed:
    channel, contact, appointment = Channel(delivery.channel), gate.contacts[0], appointment_of(reminder)
    content = appointment_message(appointment, reminder.patient, reminder.workplace, channel)
    token = uuid4()
    number = delivery.attempts.count() + 1
    _decide(
        delivery,
        look,
        status=DeliveryStatus.SENDING,
        reason="",
        claim_token=token,
        claimed_at=now,
        template_id=content.template_id,
        template_version=content.template_version,
    )
    DeliveryAttempt.objects.create(delivery=delivery, number=number, contact_id=contact.id, started_at=now)
    message = Message(
        workplace_id=reminder.workplace_id,
        channel=channel,
        contact_id=contact.id,
        recipient=contact.value,
        subject=content.subject,
        body=content.body,
        language=content.language,
        idempotency_key=delivery.idempotency_key,
        attempt=number,
    )
    return Claimed(delivery.id, token, message, dict(reminder.workplace.providers))


def _decide(delivery: Delivery, look: Look, **values: object) -> None:
    """One conditional update: only from the status that was seen, which the appointment's lock keeps as it was."""
    changed = Delivery.objects.filter(id=delivery.id, status=delivery.status).update(
        decided_job=look.job_id, decided_run=look.run, **values
    )
    if not changed:
        raise RuntimeError(f"Delivery {delivery.id} changed under its appointment's lock.")
