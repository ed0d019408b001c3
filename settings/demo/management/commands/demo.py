"""`manage.py demo`: a clinic group at work, until Ctrl-C."""

import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from engagement.demo import create_demo_data
from engagement.services.clock import database_now
from settings.demo import live_line, only_one, where
from settings.demo.interrupts import interruptible
from settings.demo.ports import NoFreePort, first_free
from settings.demo.programs import WORKERS, programs
from settings.demo.readiness import NotUp, wait_until_up
from settings.demo.stack import Stack

#: The port of the published examples.
PORT = 5000
#: Seconds between two looks at the counts.
LOOK_S = 1.0


class Command(BaseCommand):
    help = (
        "Shows it all: three clinics in three time zones with some 200 patients and a week of appointments, web, "
        f"{WORKERS} worker processes and the scheduler under one supervisor. Reminders fall due within the first "
        "minutes, and one provider misbehaves on purpose. Ctrl-C stops everything. Run again, it keeps the data and "
        "books new appointments whose reminders are due at once."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012  (Django's own declaration; its processes run them)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=PORT, help=f"Port of the web server, or the next free ({PORT})")

    def handle(self, *_args: Any, port: int, **_options: Any) -> None:
        folder: Path = settings.LOCAL_DIR
        try:
            # Held until the process ends.
            only_one.take(folder / "demo.lock", "A demo")
            with interruptible():
                self._show(first_free(port), folder)
        except (only_one.AlreadyRuns, NoFreePort, NotUp) as error:
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            self._say("Everything has stopped. `make demo` starts it again with the same data.")

    def _show(self, port: int, folder: Path) -> None:
        began = time.monotonic()
        self._say(f"PostgreSQL and Valkey run ({folder}). Bringing the tables up to date …")
        call_command("migrate", interactive=False, verbosity=0)
        admin = f"http://127.0.0.1:{port}{reverse('admin:index')}"
        line = live_line.LiveLine(sys.stdout)
        try:
            with Stack(programs(port), folder / "logs" / "demo.log", line.notice) as stack:
                try:
                    now = database_now()
                    self._say(f"Starting web, {WORKERS} workers and the scheduler; making the clinics …")
                    made = create_demo_data(now)
                    wait_until_up(stack, admin + "login/", now)
                    self._say(
                        f"Up after {time.monotonic() - began:.0f} s: {made.patients} patients in "
                        f"{', '.join(made.workplaces)}; {made.appointments} appointments booked, "
                        f"{made.reminders} reminders ahead."
                    )
                    self._say("", self.style.SUCCESS(f"Open {admin}"), "", "Log in as (shown only now):")
                    self._say(*where.logins(made.logins), "", "Look at:", *where.to_look_at(admin, made, stack.log))
                    self._say("", "Ctrl-C stops everything.", "")
                    while stack.is_running():
                        line.show(live_line.now_said())
                        time.sleep(LOOK_S)
                finally:
                    line.end()
                    self._say("Stopping; running jobs get some seconds …")
        finally:
            line.end()

    def _say(self, *lines: str) -> None:
        for text in lines:
            self.stdout.write(text)
        self.stdout.flush()
