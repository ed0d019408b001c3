"""Starts everything on servers and ports of its own, plays the story, stops everything, prints the table."""

import sys
from pathlib import Path

from django.core.management import call_command
from django.urls import reverse

from engagement.demo import DemoSummary, create_demo_data
from engagement.services.clock import database_now
from settings.demo.ports import first_free
from settings.demo.programs import WORKERS, programs
from settings.demo.readiness import NotUp, wait_until_up
from settings.demo.smoke import stopping, witness
from settings.demo.smoke.scenario import play
from settings.demo.smoke.watching import NotSeen, Progress
from settings.demo.stack import Stack
from settings.demo.table import Check, table


def run(folder: Path) -> int:
    """Return 0 if all checks were as expected, else 1."""
    progress, checks = Progress(), list[Check]()
    log = folder / "logs" / "smoke.log"
    progress.say(f"PostgreSQL and Valkey of its own run below {folder}; making the tables")
    call_command("migrate", interactive=False, verbosity=0)
    witness.install()
    port = first_free(0)
    base = f"http://127.0.0.1:{port}"
    since = database_now()
    try:
        with Stack(programs(port), log, progress.say) as stack:
            # The people of the demo, without its visits that are due at once: here they are due when we look.
            made = create_demo_data(since, due_soon_per_clinic=0)
            progress.say(f"{made.patients} patients, {made.appointments} visits, {made.reminders} reminders ahead")
            wait_until_up(stack, base + reverse("admin:login"), since)
            progress.say(f"web ({base}), {WORKERS} workers and the scheduler are up")
            _played(stack, base, made, progress, checks)
            processes = stopping.family()
            progress.say("stopping")
        checks.append(stopping.nothing_runs(processes))
    except NotUp as error:
        sys.stdout.write(f"\n{error}\n")
        return 1
    sys.stdout.write(f"\n{table(checks)}\nin {progress.seconds:.0f} s; all output of the processes is in {log}\n")
    return int(any(not check.ok for check in checks))


def _played(stack: Stack, base: str, made: DemoSummary, progress: Progress, checks: list[Check]) -> None:
    """Play; what does not come, or cannot be done, is a check that failed, and ends the story."""
    try:
        play(base, made, progress, checks)
    except NotSeen as error:
        checks.append(Check(error.what, "seen", str(error), ok=False))
    except (LookupError, PermissionError, OSError) as error:
        checks.append(Check("the admin's pages", "usable", f"{type(error).__name__}: {error}", ok=False))
    else:
        return
    for name in ("web", "workers", "scheduler"):
        sys.stdout.write(f"\nLast lines of {name}:\n" + "".join(f"    {line}\n" for line in stack.tail(name)))
