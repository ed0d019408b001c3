"""Waits until everything answers, and says clearly what does not."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import datetime

from queues.models import Worker
from settings.demo.programs import WORKERS
from settings.demo.stack import Stack

#: Processes may take this long to come up on a slow machine, seconds.
UP_S = 120.0
#: A process that was started so often before it came up will not.
MOST_STARTS = 4
#: Pause between two looks, seconds.
LOOK_S = 0.1


class NotUp(RuntimeError):
    """A process did not come up."""

    def __init__(self, name: str, why: str, stack: Stack) -> None:
        """Show what it said last."""
        said = "\n".join(f"    {line}" for line in stack.tail(name)) or "    (nothing)"
        super().__init__(f"{name} did not come up: {why}. It said:\n{said}\nAll output is in {stack.log}.")


def wait_until_up(stack: Stack, login_url: str, since: datetime) -> None:
    """Return once the web server answers and all workers and a scheduler have reported since then. Raises NotUp."""
    deadline = time.monotonic() + UP_S
    conditions: dict[str, Callable[[], bool]] = {
        "web": lambda: answers(login_url),
        "workers": lambda: reported("worker", since) >= WORKERS,
        "scheduler": lambda: reported("scheduler", since) >= 1,
    }
    for name, is_up in conditions.items():
        while not is_up():
            if not stack.is_running():
                raise NotUp(name, "its supervisor has ended", stack)
            if stack.starts[name] >= MOST_STARTS:
                raise NotUp(name, f"it ended {stack.starts[name] - 1} times", stack)
            if time.monotonic() > deadline:
                raise NotUp(name, f"{UP_S:.0f} s have passed", stack)
            time.sleep(LOOK_S)


def answers(url: str) -> bool:
    """Whether a page is there."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310  our own address
            return bool(answer.status == 200)  # noqa: PLR2004
    except (OSError, urllib.error.HTTPError):
        return False


def reported(kind: str, since: datetime) -> int:
    """How many processes of a kind have come up since then."""
    return Worker.objects.filter(kind=kind, started_at__gte=since).count()
