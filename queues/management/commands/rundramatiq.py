"""Runs the workers: one-process units of Dramatiq under our supervisor; options as django_dramatiq's command has."""

import argparse
import os
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django_dramatiq.utils import getenv_int

from queues import checks
from queues.supervisor.discovery import task_modules
from queues.supervisor.pidfile import PidFile
from queues.supervisor.process import Program
from queues.supervisor.supervisor import Sink, Supervisor, to_stdout

#: Beyond the time that running jobs get, a unit may take this long to stop, seconds.
STOP_GRACE_S = 10.0


class Command(BaseCommand):
    help = (
        "Runs Dramatiq workers: as many processes as --processes says, each started again when it dies. SIGTERM or "
        "Ctrl-C stops them: nothing new is started, running jobs get --worker-shutdown-timeout, what still runs then "
        "is run again. SIGHUP without a terminal restarts them, with new code."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.formatter_class = argparse.ArgumentDefaultsHelpFormatter
        add = parser.add_argument
        add("--skip-logging", action="store_true", help="Accepted and without effect: logging is as settings say.")
        watch = parser.add_mutually_exclusive_group()
        watch.add_argument(
            "--reload",
            action="store_const",
            const=".",
            dest="watch_dir",
            help="Restart on changes. Same as '--watch .'",
        )
        watch.add_argument("--watch", dest="watch_dir", help="Restart workers when files in this directory change")
        add("--reload-use-polling", action="store_true", dest="use_polling_watcher", help="Watch files by polling")
        add("--use-spawn", action="store_true", help="Start Dramatiq's process by spawning rather than forking")
        add("--use-gevent", action="store_true", help="Refused: attempts are tied to threads")
        add("--processes", "-p", default=getenv_int("DRAMATIQ_NPROCS", os.cpu_count), type=int, help="Worker processes")
        add("--threads", "-t", default=getenv_int("DRAMATIQ_NTHREADS", 8), type=int, help="Threads of each process")
        add("--path", "-P", default=["."], nargs="*", type=str, help="The import path")
        add("--queues", "-Q", nargs="*", type=str, help="Listen to these queues only; all when empty")
        add("--pid-file", type=str, help="Write the supervisor's pid to this file")
        add("--log-file", type=str, help="Write all output to this file instead of standard output")
        add(
            "--fork-function",
            action="append",
            dest="forks",
            default=[],
            help="Also fork a process that runs this function",
        )
        add(
            "--worker-shutdown-timeout",
            type=int,
            default=25_000,
            help="Time that running jobs get at a stop, milliseconds",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["use_gevent"]:
            raise CommandError(
                "--use-gevent is not supported: time limits and leases are tied to threads. Leave it out."
            )
        for name in ("processes", "threads"):
            if options[name] < 1:
                raise CommandError(f"--{name} must be at least 1.")
        checks.before_running(processes=options["processes"], threads=options["threads"])
        # The supervisor needs none of its own.
        connections.close_all()
        modules, ignored = task_modules()
        self.stdout.write(f" * Task modules: {', '.join(modules[1:]) or 'none'}")
        if ignored:
            self.stdout.write(f" * Ignored task modules: {', '.join(ignored)}")
        units = [self._unit(number, modules, options) for number in range(1, options["processes"] + 1)]
        timeout = options["worker_shutdown_timeout"] / 1000 + STOP_GRACE_S
        with PidFile(options["pid_file"]), _Output(options["log_file"]) as sink:
            Supervisor(units, stop_timeout_s=timeout, sink=sink).run(reload_on_hangup=not os.isatty(0))

    @staticmethod
    def _unit(number: int, modules: list[str], options: dict[str, Any]) -> Program:
        argv = [sys.executable, "-m", "dramatiq", "--skip-logging", "--processes", "1"]
        argv += ["--threads", str(options["threads"]), "--path", *options["path"]]
        argv += ["--worker-shutdown-timeout", str(options["worker_shutdown_timeout"])]
        if options["watch_dir"]:
            argv += ["--watch", options["watch_dir"]]
            argv += ["--watch-use-polling"] if options["use_polling_watcher"] else []
        if options["use_spawn"]:
            argv.append("--use-spawn")
        # A function is forked once, not once a unit.
        for function in options["forks"] if number == 1 else ():
            argv += ["--fork-function", function]
        argv += ["-v"] * (options["verbosity"] - 1)
        argv += modules
        argv += ["--queues", *options["queues"]] if options["queues"] else []
        python_path = os.pathsep.join(filter(None, [sys.path[0], os.environ.get("PYTHONPATH", "")]))
        return Program(f"worker-{number}", tuple(argv), {"PYTHONPATH": python_path})


class _Output:
    """Where lines go: standard output, or a file that is appended to."""

    def __init__(self, path: str | None) -> None:
        self._path, self._fd = path, -1

    def __enter__(self) -> Sink:
        if self._path is None:
            return to_stdout
        self._fd = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        return self._write

    def _write(self, line: bytes) -> None:
        os.write(self._fd, line + b"\n")

    def __exit__(self, *error: object) -> None:
        if self._fd >= 0:
            os.close(self._fd)
