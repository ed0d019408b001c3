"""What an attempt came to, computed from facts: each outcome has its own clause."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dramatiq.errors import ActorNotFound, Retry
from dramatiq.middleware import Shutdown

from queues.broker import policy
from queues.broker.attempt import Attempt, Body, JobProxy
from queues.errors import JobCancelled, PermanentJobError, Postpone, RetryAfter
from queues.ledger.finish import Ended, Kind
from queues.logs.redact import safe_error, safe_traceback

#: Most characters of a stored stack.
TRACEBACK_LIMIT = 20_000


def outcome(message: JobProxy, actor_options: dict[str, Any]) -> Ended:
    """The outcome of an attempt that Dramatiq has acknowledged or rejected."""
    attempt = message.attempt
    if attempt.body is Body.RETURNED:
        return Ended(attempt.job.id, attempt.token_uuid, Kind.COMPLETED, first=_is_first(attempt))
    error = attempt.exception or message._exception  # noqa: SLF001  Dramatiq keeps it nowhere else
    if attempt.skipped and not message.failed:
        return _ended(attempt, Kind.COMPLETED, reason=f"skipped: {type(error).__name__}" if error else "skipped")
    if isinstance(error, Postpone):
        return _ended(attempt, Kind.POSTPONED, until=error.until, reason=error.reason)
    if isinstance(error, Shutdown) or (error is None and attempt.body is Body.NOT_STARTED and not message.failed):
        return _ended(attempt, Kind.RELEASED, reason="the worker was shut down")
    if isinstance(error, JobCancelled):
        return _ended(attempt, Kind.CANCELLED, reason="cancelled while it ran")
    return _failed(message, attempt, error, actor_options)


def unjudged(attempt: Attempt) -> Ended:
    """The outcome of an attempt that none could be computed of: it must not be held, and renewed, for ever."""
    text = "What came of this attempt could not be told; see the worker's log."
    return _ended(attempt, Kind.FAILED, error_class="UnjudgedOutcome", error=text)


def released(attempt: Attempt, reason: str) -> Ended:
    """The outcome of an attempt that was never started."""
    return _ended(attempt, Kind.RELEASED, reason=reason)


def _failed(message: JobProxy, attempt: Attempt, error: BaseException | None, actor_options: dict[str, Any]) -> Ended:
    throws = message.options.get("throws") or actor_options.get("throws")
    final = isinstance(error, PermanentJobError) or bool(throws and isinstance(error, throws))
    # Retries saw the exception only if the actor is known here and no hook raised before it.
    decided = message.failed and not isinstance(error, ActorNotFound)
    left = attempt.number < attempt.job.max_attempts
    if actor_options.get("retry_when") is not None:
        left = attempt.asked_again
    kind = Kind.FAILED if final or decided or not left else Kind.RETRY
    error_class, text = safe_error(error) if error is not None else ("Rejected", "A middleware rejected the message.")
    if isinstance(error, ActorNotFound):
        text = f"No actor named {attempt.job.actor!r} is declared in this worker. Deploy it, or remove the job."
    return _ended(
        attempt,
        kind,
        wait_ms=_wait_ms(message, attempt, error, actor_options) if kind is Kind.RETRY else 0,
        error_class=error_class,
        error=text,
        traceback=safe_traceback(error, TRACEBACK_LIMIT) if error is not None else "",
    )


def _wait_ms(message: JobProxy, attempt: Attempt, error: BaseException | None, actor_options: dict[str, Any]) -> int:
    if isinstance(error, Retry) and error.delay is not None:
        return int(error.delay)
    wait = policy.wait_ms(policy.backoff(attempt.queue, message.options, actor_options), attempt.number)
    return max(wait, int(error.seconds * 1000)) if isinstance(error, RetryAfter) else wait


def _ended(  # one keyword for each column that an outcome may set
    attempt: Attempt,
    kind: Kind,
    *,
    wait_ms: int = 0,
    until: datetime | None = None,
    error_class: str = "",
    error: str = "",
    traceback: str = "",
    reason: str = "",
) -> Ended:
    return Ended(
        id=attempt.job.id,
        token=attempt.token_uuid,
        kind=kind,
        wait_ms=wait_ms,
        until=until,
        error_class=error_class,
        error=error,
        traceback=traceback,
        reason=reason[:500],
        first=_is_first(attempt),
    )


def _is_first(attempt: Attempt) -> bool:
    """Whether no earlier attempt of the run left a row."""
    return attempt.job.attempts_made == 0 and not attempt.job.suspect
