"""What workers and schedulers ask before they start."""

import sys

from django.conf import settings
from django.core.management.base import SystemCheckError

from queues.checks import declarations, postgres, redis
from queues.checks.connections import SCHEDULER


def before_running(*, processes: int = 0, threads: int = 0) -> None:
    """Check declarations and servers for so many worker processes, or none for a scheduler.

    Prints warnings; raises ``SystemCheckError`` for anything that must be put right first.
    """
    found = [
        *declarations.check_declarations(),
        *postgres.look(processes, threads, 0 if processes else SCHEDULER),
        *redis.look(settings.QUEUES.redis_url),
    ]
    refused = [message for message in found if message.is_serious() and not message.is_silenced()]
    for message in found:
        if message not in refused and not message.is_silenced():
            sys.stderr.write(f"{message}\n")
    if refused:
        raise SystemCheckError("Not started:\n" + "\n".join(str(message) for message in refused))
