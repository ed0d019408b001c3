"""The clinic's actors: the only place here that knows Dramatiq. Each turns a service's answer into the job's."""

from typing import Any

from engagement.errors import SendingFailed
from engagement.job_data import AppointmentReminderData
from engagement.queues import UPKEEP, QueueName, queue_configs
from engagement.services import outbox
from engagement.services.clock import database_now
from engagement.services.sending import lost
from engagement.services.sending.reminder import send_reminder
from engagement.services.sending.results import Finished, GaveUp, Look, PutOff, TryAgain
from queues.actors import current_job, queue_actor
from queues.errors import PermanentJobError, Postpone, RetryAfter

CONFIGS = queue_configs()


@queue_actor(CONFIGS[QueueName.APPOINTMENT_REMINDER])
def appointment_reminder(data: dict[str, Any]) -> None:
    """Send one reminder of an appointment on the channels that are open."""
    job = current_job()
    look = Look(job_id=job.id, run=job.run, last_attempt=job.is_last_attempt)
    match send_reminder(AppointmentReminderData.model_validate(data), look, database_now):
        case Finished(reason, channels):
            told = ", ".join(f"{channel.value}: {status}" for channel, status in channels.items())
            job.log(told or reason)
        case TryAgain(code, after):
            raise RetryAfter(after, f"Not sent for now: {code}.") if after else SendingFailed(code)
        case PutOff(until, why):
            raise Postpone(until, why)
        case GaveUp(message):
            raise PermanentJobError(message)


@queue_actor(UPKEEP)
def clinic_upkeep(_data: dict[str, Any]) -> None:
    """Prune the outbox, and look after messages whose sender was lost."""
    now = database_now()
    removed, found = outbox.prune(now), lost.sweep(now)
    current_job().log(f"{removed} old messages removed from the outbox, {found} interrupted deliveries looked after")
