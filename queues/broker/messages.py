"""Between Dramatiq's messages and rows: what is stored of a message, and the message that a row becomes."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from dramatiq.actor import Actor
from dramatiq.message import Message

from queues import jobs, registry
from queues.broker import policy
from queues.broker.attempt import Attempt
from queues.errors import InvalidJobData, QueueError
from queues.ledger import payload
from queues.ledger.add import NewJob
from queues.logs.redact import safe_error
from queues.priorities import JobPriority

#: Options that Dramatiq keeps in a message and that are not stored: times, stacks and counts are the ledger's.
_NOT_STORED = frozenset(
    {"eta", "traceback", "requeue_timestamp", "retries", "max_retries", "delay", "priority", "unique_key"}
)
#: Middleware options that need a store of their own.
_GROUP = "group_completion_uuid"


class GroupCallbacksUnsupported(QueueError):
    """Group callbacks count runs of their members, which this queue does not yet do; groups without them work."""


def to_new_job(message: Message[Any], delay: int | None, actors: dict[str, Actor[Any, Any]]) -> NewJob:
    """What is stored of ``message``; raises :class:`InvalidJobData` or :class:`QueueError` before anything is."""
    options = message.options
    if _GROUP in options:
        raise GroupCallbacksUnsupported("Group callbacks are not supported; let the last job add the next one.")
    try:
        job_id = UUID(message.message_id)
    except ValueError:
        raise QueueError(f"message_id must be a UUID, not {message.message_id[:100]!r}.") from None
    config = registry.find(message.queue_name)
    told: dict[str, Any] = {
        "priority": options.get("priority"),
        "delay": delay,
        "unique_key": options.get("unique_key"),
    }
    if config is not None and config.actor == message.actor_name:
        if len(message.args) != 1 or message.kwargs:
            raise InvalidJobData({"data": f"actor {config.actor} takes the job's data as its one argument."})
        job = jobs.new_job(config, message.args[0], job_id=job_id, **told)
    else:
        job = _plain(message, job_id, config.priority if config else JobPriority.NORMAL, told)
    actor = actors.get(message.actor_name)
    job.max_attempts = policy.max_attempts(message.queue_name, options, actor.options if actor else {})
    job.options = payload.to_json({k: v for k, v in options.items() if k not in _NOT_STORED}, "options")
    return job


def _plain(message: Message[Any], job_id: UUID, priority: JobPriority, told: dict[str, Any]) -> NewJob:
    """A job of an actor that no queue declares: its arguments are its data, it has no tenant and no subjects."""
    jobs.check(**told)
    return NewJob(
        id=job_id,
        queue=message.queue_name,
        actor=message.actor_name,
        data=payload.to_json({"args": list(message.args), "kwargs": message.kwargs}),
        priority=int(priority if told["priority"] is None else told["priority"]),
        max_attempts=1,
        delay_ms=told["delay"] or 0,
        unique_key=told["unique_key"],
    )


def to_message(attempt: Attempt, actors: dict[str, Actor[Any, Any]]) -> Message[Any]:
    """The message of a claimed job, with what Retries decides by: failed attempts of this run, retries allowed."""
    job = attempt.job
    config = registry.find(attempt.queue)
    data = json.loads(job.data)
    options: dict[str, Any] = json.loads(job.options) if job.options != "{}" else {}
    options["retries"] = job.attempts_made
    options["max_retries"] = job.max_attempts - 1
    actor = actors.get(job.actor)
    args: tuple[Any, ...] = (data,)
    kwargs: dict[str, Any] = {}
    if config is None or config.actor != job.actor:
        args, kwargs = tuple(data.get("args", ())), data.get("kwargs", {})
    elif "time_limit" not in options and (actor is None or "time_limit" not in actor.options):
        options["time_limit"] = config.time_limit_ms
    return Message(attempt.queue, job.actor, args, kwargs, options, attempt.id)


def without_quotation(message: Message[Any], error: BaseException) -> Message[Any]:
    """A callback's message, which quotes the error that it tells of, with a text that names nobody."""
    told = {"type": type(error).__name__, "message": str(error)}
    if told not in message.args:
        return message
    safe = {**told, "message": safe_error(error)[1]}
    return message.copy(args=tuple(safe if arg == told else arg for arg in message.args))


def unreadable(attempt: Attempt) -> Message[Any]:
    """Stands for the message of a row that none can be made of."""
    return Message(attempt.queue, attempt.job.actor, (), {}, {}, attempt.id)
