"""Waiting for what must come, and saying how far things are."""

import sys
import time
from collections.abc import Callable
from typing import TypeVar

import psutil

Seen = TypeVar("Seen")

#: Pause between two looks, seconds.
LOOK_S = 0.05
#: Nothing here takes this long, even on a machine that is busy with other things, seconds.
PATIENCE_S = 60.0


class NotSeen(RuntimeError):
    """What was waited for did not come."""

    def __init__(self, what: str, seconds: float) -> None:
        super().__init__(f"not within {seconds:.0f} s")
        self.what = what


def wait_for(look: Callable[[], Seen], what: str, within_s: float = PATIENCE_S) -> Seen:
    """Return the first look that shows anything. Raises NotSeen."""
    deadline = time.monotonic() + within_s
    while not (seen := look()):
        if time.monotonic() > deadline:
            raise NotSeen(what, within_s)
        time.sleep(LOOK_S)
    return seen


class Progress:
    """Lines with the time since the start of the command before them."""

    def __init__(self) -> None:
        self._began = float(psutil.Process().create_time())

    def say(self, text: str) -> None:
        """Write a line."""
        sys.stdout.write(f"{self.seconds:6.1f} s  {text}\n")
        sys.stdout.flush()

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.time() - self._began
