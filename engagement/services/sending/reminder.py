"""Sending a reminder: gates, claim, the provider outside any transaction, the answer, channel by channel."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db import OperationalError

from engagement.channels.interface import Absent, Found
from engagement.channels.registry import NoAdapter, adapter_for
from engagement.conf import engagement_settings
from engagement.job_data import AppointmentReminderData
from engagement.models import Reminder
from engagement.outcomes import Ambiguous, ConfigurationError, Outcome, Transient
from engagement.services.sending.conclude import conclude
from engagement.services.sending.facts import is_busy
from engagement.services.sending.locate import NoSuchObject, locate
from engagement.services.sending.lost import ask, find_out
from engagement.services.sending.prepare import prepare
from engagement.services.sending.record import record
from engagement.services.sending.results import (
    Claimed,
    Finished,
    GaveUp,
    Interrupted,
    Look,
    NextContact,
    PutOff,
    Result,
    Step,
)
from engagement.terms import Channel

log = structlog.get_logger(__name__)

#: Other contacts that are tried after one was refused for good.
FALLBACKS = 1


def send_reminder(data: AppointmentReminderData, look: Look, clock: Callable[[], datetime]) -> Result:
    """Do what one attempt of an appointment reminder's job has to do, and say how the job goes on."""
    try:
        reminder = locate(data, look)
    except NoSuchObject:
        return GaveUp("There is no such appointment of this patient at this workplace.")
    if reminder is None:
        return Finished("superseded")
    try:
        steps = {channel: _on_channel(reminder, channel, look, clock) for channel in data.channels}
        return conclude(reminder.id, steps, look, clock())
    except OperationalError as error:
        if not is_busy(error):
            raise
        return PutOff(clock() + timedelta(seconds=engagement_settings().busy_recheck_s), "somebody is booking")


def _on_channel(reminder: Reminder, channel: Channel, look: Look, clock: Callable[[], datetime]) -> Step:
    """Go on with one channel until there is nothing to do on it now."""
    fallbacks = FALLBACKS
    while True:
        step = prepare(reminder.id, channel, look, clock())
        if isinstance(step, Interrupted):
            find_out(step, channel, clock())
            continue
        if not isinstance(step, Claimed):
            return step
        answered = record(step, _send(step), look, clock(), may_try_next=fallbacks > 0)
        if not isinstance(answered, NextContact):
            return answered
        fallbacks -= 1


def _send(claimed: Claimed) -> Outcome:
    """Call the provider. An adapter that breaks may have sent it: the provider is asked, else nobody knows."""
    channel = claimed.message.channel
    try:
        adapter = adapter_for(claimed.providers, channel)
    except NoAdapter as missing:
        return ConfigurationError(missing.code)
    try:
        return adapter.send(claimed.message)
    except Exception as error:  # noqa: BLE001  whatever a provider's library raises may quote an address
        code = f"broke: {type(error).__name__}"
    log.error("the adapter broke while sending", adapter=type(adapter).__name__, channel=channel.value, code=code)
    match ask(adapter, claimed.message.idempotency_key):
        case Found(accepted):
            return accepted
        case Absent():
            return Transient(code)
        case _:
            return Ambiguous(code)
