"""The declared queues, by name."""

from collections.abc import Iterator

from queues.config import QueueConfig
from queues.errors import UnknownQueue

_queues: dict[str, QueueConfig] = {}


class DuplicateQueue(ValueError):
    """Two queues of one name were declared."""


def register(config: QueueConfig) -> QueueConfig:
    """Declare a queue; saying the same declaration twice is allowed, another of its name is not."""
    name = str(config.name)
    known = _queues.get(name)
    if known is not None and known != config:
        raise DuplicateQueue(f"Queue {name!r} is declared twice with different settings.")
    _queues[name] = config
    return config


def forget(name: str) -> None:
    """Take a declaration back (for tests that declare queues of their own)."""
    _queues.pop(name, None)


def get(name: object) -> QueueConfig:
    """The declaration of a queue; raises :class:`UnknownQueue` naming those there are."""
    key = str(getattr(name, "value", name))
    try:
        return _queues[key]
    except KeyError:
        raise UnknownQueue(key, _queues) from None


def find(name: str) -> QueueConfig | None:
    """The declaration of a queue, or None for one that only plain actors use."""
    return _queues.get(name)


def names() -> list[str]:
    """Names of all declared queues, in the order of their declaration."""
    return list(_queues)


def all_queues() -> Iterator[QueueConfig]:
    """All declarations."""
    yield from list(_queues.values())
