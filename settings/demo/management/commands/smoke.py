"""`manage.py smoke`: the demo unattended, on servers, ports and data of its own."""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from settings.demo import only_one
from settings.embedded.client import stop

#: What differs from the defaults. Leases and the look for lost workers are short, for a worker is killed and its jobs'
#: rescue is waited for.
ENVIRONMENT = {
    "QUEUE_LOCK_DURATION": "5000",
    "QUEUE_STALLED_INTERVAL": "1000",
    "DJANGO_SETTINGS_MODULE": "settings.development",
}
#: Variables that would lead to other servers, or to other settings of the queue.
FOREIGN = ("DATABASE_URL", "REDIS_URL", "REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD", "REDIS_QUEUE_DB")


class Command(BaseCommand):
    help = (
        "From bookings to reminders that went out, unattended: on a PostgreSQL and a Valkey of its own below "
        ".local/smoke (removed at the start, left at the end to be looked at). A worker is killed, a reminder fails "
        "and is retried on the admin's pages. Prints a table of what was seen; exit code 0 if all was as expected, "
        f"else 1. QUEUE_LOCK_DURATION is {ENVIRONMENT['QUEUE_LOCK_DURATION']} ms for it."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012  (Django's own declaration; its processes run them)

    def handle(self, *_args: Any, **_options: Any) -> None:
        folder: Path = settings.LOCAL_DIR / "smoke"
        try:
            lock = only_one.take(settings.LOCAL_DIR / "smoke.lock", "A smoke test")
        except only_one.AlreadyRuns as error:
            raise CommandError(str(error)) from None
        os.set_inheritable(lock, True)  # noqa: FBT003  held by what follows, too
        stop(folder)
        shutil.rmtree(folder, ignore_errors=True)
        environment = {name: value for name, value in os.environ.items() if not _is_foreign(name)}
        os.chdir(settings.BASE_DIR)
        # Another process, for this one's settings have chosen their servers already.
        os.execve(  # noqa: S606  our own module
            sys.executable,
            [sys.executable, "-m", "settings.demo.smoke"],
            {**environment, **ENVIRONMENT, "LOCAL_DIR": str(folder)},
        )


def _is_foreign(name: str) -> bool:
    return name in FOREIGN or name.startswith("QUEUE_")
