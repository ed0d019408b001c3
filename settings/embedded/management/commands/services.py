"""`manage.py services status | start | stop`: the checkout's own PostgreSQL and Valkey."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from settings.embedded.client import attach, running, stop
from settings.embedded.places import Services


class Command(BaseCommand):
    """Show, start or stop the embedded servers."""

    help = "Show, start or stop this checkout's own PostgreSQL and Valkey."
    requires_system_checks: list[str] = []  # noqa: RUF012  (Django's own declaration)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the one word."""
        parser.add_argument("action", nargs="?", default="status", choices=("status", "start", "stop"))

    def handle(self, *_args: Any, action: str, **_options: Any) -> None:
        """Do what was asked, and say it."""
        folder: Path = settings.LOCAL_DIR
        if action == "start":
            self._show(attach(folder))
            self.stdout.write("They stop by themselves when nobody has used them for some seconds.")
        elif action == "stop":
            self.stdout.write("Stopped." if stop(folder) else "Nothing was running.")
        elif (services := running(folder)) is not None:
            self._show(services)
        else:
            self.stdout.write(f"Nothing runs below {folder}; any manage.py command starts what it needs.")

    def _show(self, services: Services) -> None:
        self.stdout.write(f"PostgreSQL  pid {services.postgres.pid}  {services.database_url}")
        self.stdout.write(f"Valkey      pid {services.valkey.pid}  {services.redis_url}")
        self.stdout.write(f"Keeper      pid {services.keeper.pid}")
