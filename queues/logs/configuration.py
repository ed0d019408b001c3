"""Logging for Django's ``LOGGING`` and for structlog, as one pipeline."""

from typing import Any

import structlog

from queues.logs import processors
from queues.logs.handler import LineHandler


def configure(*, json: bool, level: str = "INFO") -> dict[str, Any]:
    """Set structlog up and return the ``LOGGING`` dictionary that sets the standard library's logging up likewise.

    ``json``: one JSON object a line (production), else readable lines (development). ``level``: of everything but
    libraries that would log values (SQL) or noise, which start at WARNING.
    """
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        processors.add_job,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"safe_arguments": {"()": processors.SafeArguments}},
        "formatters": {"line": {"()": _formatter, "json": json, "shared": shared}},
        "handlers": {"line": {"()": LineHandler, "formatter": "line", "filters": ["safe_arguments"]}},
        "root": {"handlers": ["line"], "level": level.upper()},
        "loggers": {
            **{
                name: {"handlers": [], "level": level.upper(), "propagate": True}
                for name in ("django", "django.server")
            },
            # SQL with the values in it.
            "django.db.backends": {"level": "WARNING"},
            # A line for each second's look at the schedules.
            "apscheduler": {"level": "WARNING"},
            # Dramatiq's own two lines for each failed attempt, beside ours: half of what a failure costs, and one of
            # them names a wait that is not taken.
            "dramatiq.worker.WorkerThread": {"level": "CRITICAL"},
            "dramatiq.middleware.retries.Retries": {"level": "CRITICAL"},
        },
    }


def _formatter(*, json: bool, shared: list[Any]) -> structlog.stdlib.ProcessorFormatter:
    rendering: list[Any] = (
        [structlog.processors.JSONRenderer(ensure_ascii=True, default=repr)]
        if json
        else [processors.one_line, structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)]
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            processors.add_fields,
            processors.add_exception,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            processors.redact,
            *rendering,
        ],
    )
