"""Makes LOGGING: one line an event, JSON for machines or readable for people."""

from typing import Any

from queues.logs.configuration import configure
from settings.environment import Environment, env

_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


def logging(*, json: bool, source: Environment = env) -> dict[str, Any]:
    """Return LOGGING; LOG_FORMAT and LOG_LEVEL can say otherwise than the settings that ask."""
    written = source.choice("LOG_FORMAT", "json" if json else "text", ("json", "text"))
    return configure(json=written == "json", level=source.choice("LOG_LEVEL", "INFO", _LEVELS))
