"""The processes of the demo: web, workers and scheduler, each the command that one would start by hand."""

import signal
import sys

from django.conf import settings

from queues.supervisor.process import Program

#: Worker processes.
WORKERS = 2
#: Time that running jobs get when all is stopped, milliseconds: short, for nobody waits for them here.
SHUTDOWN_MS = 4000


def programs(port: int) -> list[Program]:
    """Return what to run; the web server listens on this port of the loopback address.

    Django's own server is used, for it serves the admin's style sheets without being told to, and what production
    serves its site with is its own choice. One process, no reloading: what starts is what is stopped.
    """
    workers = ("rundramatiq", "--processes", str(WORKERS), "--worker-shutdown-timeout", str(SHUTDOWN_MS))
    # Whoever loses the supervisor need not be asked: no job is in these three, and the workers below the second are
    # asked to stop by its death.
    return [
        Program(name, (sys.executable, str(settings.BASE_DIR / "manage.py"), *command), orphan_signal=signal.SIGKILL)
        for name, command in (
            ("web", ("runserver", "--noreload", "--insecure", f"127.0.0.1:{port}")),
            ("workers", workers),
            ("scheduler", ("runscheduler",)),
        )
    ]
