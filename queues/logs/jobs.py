"""The four lines of a job's life. Below the logger's level each costs one check."""

import logging
from typing import Any

_log = logging.getLogger("queues.jobs")
INFO, WARNING, ERROR = logging.INFO, logging.WARNING, logging.ERROR


def started(queue: str, job: object, attempt: int, tenant: str = "") -> None:
    """An attempt began."""
    if _log.isEnabledFor(INFO):
        _say(INFO, "job_started", queue, job, attempt, tenant)


def completed(
    queue: str, job: object, attempt: int, tenant: str = "", *, run_ms: float | None = None, reason: str = ""
) -> None:
    """An attempt succeeded and that is on record. ``run_ms``: how long it took, milliseconds."""
    if _log.isEnabledFor(INFO):
        _say(INFO, "job_completed", queue, job, attempt, tenant, run_ms=_round(run_ms), reason=reason or None)


def retrying(
    queue: str,
    job: object,
    attempt: int,
    tenant: str = "",
    *,
    wait_ms: int | None = None,
    error_class: str = "",
    error: str = "",
    run_ms: float | None = None,
) -> None:
    """An attempt did not succeed and there will be another, ``wait_ms`` milliseconds from now."""
    if _log.isEnabledFor(WARNING):
        _say(
            WARNING,
            "job_retrying",
            queue,
            job,
            attempt,
            tenant,
            wait_ms=wait_ms,
            error_class=error_class or None,
            error=error or None,
            run_ms=_round(run_ms),
        )


def failed(
    queue: str,
    job: object,
    attempt: int,
    tenant: str = "",
    *,
    error_class: str = "",
    error: str = "",
    run_ms: float | None = None,
) -> None:
    """The job failed for good; it waits among the failed jobs for staff. ``error`` is redacted already."""
    if _log.isEnabledFor(ERROR):
        _say(
            ERROR,
            "job_failed",
            queue,
            job,
            attempt,
            tenant,
            error_class=error_class or None,
            error=error or None,
            run_ms=_round(run_ms),
        )


def _say(level: int, event: str, queue: str, job: object, attempt: int, tenant: str, **more: Any) -> None:
    fields = {"queue": queue, "job": str(job), "attempt": attempt, "tenant": tenant}
    fields.update((key, value) for key, value in more.items() if value is not None)
    _log.log(level, event, extra={"fields": fields})


def _round(run_ms: float | None) -> float | None:
    return None if run_ms is None else round(run_ms, 1)
