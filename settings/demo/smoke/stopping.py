"""Whether anything is left of the processes once they were told to stop."""

import os
from collections.abc import Collection

import psutil

from settings.demo.table import Check


def family() -> list[psutil.Process]:
    """Return all that this process has started, with what those started."""
    return list(psutil.Process(os.getpid()).children(recursive=True))


def nothing_runs(known: Collection[psutil.Process]) -> Check:
    """Nothing of it runs any more."""
    left = [process for process in known if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
    return Check.same(f"of {len(known)} processes left after the stop", 0, len(left))
