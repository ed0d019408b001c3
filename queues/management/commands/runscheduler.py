"""Runs the scheduler: fires the ticks of recurring jobs, and may lead the relay."""

import signal
import threading
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from queues import checks
from queues.recurring.scheduler import TICK_THREADS, Scheduler
from queues.relay.loop import RelayLoop
from queues.supervisor.pidfile import PidFile


class Command(BaseCommand):
    help = (
        "Fires the ticks of recurring jobs. Run any number of them, anywhere: each tick makes one job. SIGTERM or "
        "Ctrl-C stops it once what it is doing has ended."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-relay", action="store_true", help="Never lead the relay, rescue and retention here")
        parser.add_argument("--pid-file", type=str, help="Write this process's pid to this file")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()

        def ask(_signum: int, _frame: FrameType | None) -> None:
            stop.set()

        for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(signum, ask)
        checks.before_running()
        scheduler = Scheduler()
        relay = None if options["no_relay"] else RelayLoop("scheduler", worker_id=scheduler.id, threads=TICK_THREADS)
        with PidFile(options["pid_file"]):
            scheduler.start()
            if relay is not None:
                relay.start()
            self.stdout.write(" * Scheduler running")
            try:
                stop.wait()
            finally:
                if relay is not None:
                    relay.stop()
                scheduler.stop()
