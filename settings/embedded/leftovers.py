"""Clears away what a killed server or its keeper left behind."""

import os
import signal
import time
from pathlib import Path

from settings.embedded.places import folder_of, process


def end_leftover(lock: Path, folder: Path, last_signal: signal.Signals, patience_s: float = 10.0) -> None:
    """Wait for a server that outlived its keeper, end it if it does not go, and remove its lock file.

    The lock's first line is its number; if it is ours, it works in `folder`. The lock of a process that is gone, a
    zombie or something else is only removed: where nothing reaps them, dead servers stay zombies, and a server
    refuses the lock of a number that exists.
    """
    try:
        pid = int(lock.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        lock.unlink(missing_ok=True)
        return
    found = process(pid)
    if found is not None and folder_of(pid) == folder.resolve():
        deadline = time.monotonic() + patience_s
        while found.is_alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        if found.is_alive():
            os.kill(pid, last_signal)
        while found.is_alive() and time.monotonic() < deadline + patience_s:
            time.sleep(0.01)
    lock.unlink(missing_ok=True)
