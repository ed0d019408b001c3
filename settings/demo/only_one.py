"""Keeps a second one out: of each kind, one runs in a checkout."""

import fcntl
from pathlib import Path

from settings.embedded.places import open_lock, try_lock


class AlreadyRuns(RuntimeError):
    """Another one runs in this checkout."""


def take(lock: Path, what: str) -> int:
    """Take the lock until this process ends, whatever ends it. Raises AlreadyRuns."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    descriptor = open_lock(lock)
    if not try_lock(descriptor, fcntl.LOCK_EX):
        raise AlreadyRuns(f"{what} runs in this checkout already (it holds {lock}). Stop it first.")
    return descriptor
