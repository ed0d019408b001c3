"""For tools that only read settings (mypy's plugin, makemigrations --check in a sandbox): starts nothing."""

from settings.base import *
from settings.connections import databases
from settings.queueing import queue_settings

DEBUG = False
SECRET_KEY = "typecheck-only-not-a-secret"  # noqa: S105  (public on purpose)
DATABASES = databases("postgresql://nobody@localhost/none")
QUEUES = queue_settings("redis://localhost:1/0")
