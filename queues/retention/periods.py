"""How long each queue keeps each kind of ended job."""

from dataclasses import dataclass

from django.conf import settings

from queues import registry
from queues.config import Retention

#: What a declaration says when it says nothing: then the settings decide.
_UNSAID = Retention()
STATES = ("completed", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Lane:
    """Ended jobs of one state that are kept equally long."""

    state: str
    #: Seconds since the job ended.
    keep_s: int
    #: The queues it is about; with ``others`` all queues but these.
    queues: tuple[str, ...]
    others: bool


def keep_s(queue: str, state: str) -> int | None:
    """Seconds for which a queue keeps a job that ended in ``state``; None means for ever."""
    usual: int | None = getattr(settings.QUEUES.retention, f"{state}_s")
    config = registry.find(queue)
    if config is None:
        return usual
    declared: int = getattr(config.retention, f"{state}_s")
    return usual if declared == getattr(_UNSAID, f"{state}_s") else declared


def lanes() -> list[Lane]:
    """All lanes: one for each state, and one more for each period that a queue declares of its own."""
    found: list[Lane] = []
    for state in STATES:
        usual: int | None = getattr(settings.QUEUES.retention, f"{state}_s")
        own = {name: keep_s(name, state) for name in registry.names()}
        different = {name: seconds for name, seconds in own.items() if seconds != usual}
        if usual is not None:
            found.append(Lane(state, usual, tuple(sorted(different)), others=True))
        for seconds in sorted({value for value in different.values() if value is not None}):
            names = tuple(sorted(name for name, value in different.items() if value == seconds))
            found.append(Lane(state, seconds, names, others=False))
    return found
