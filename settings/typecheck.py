"""For tools that only read settings (mypy's plugin, makemigrations --check in a sandbox): starts nothing."""

from settings.base import *
from settings.base import BASE_DIR
from settings.connections import databases
from settings.queueing import queue_settings

LOCAL_DIR = BASE_DIR / ".local"
DEBUG = False
SECRET_KEY = "typecheck-only-not-a-secret"  # noqa: S105  (public on purpose)
DATABASES = databases("postgresql://nobody@localhost/none")
QUEUES = queue_settings("redis://localhost:1/0")
