"""This project's broker and tables, without the clinic and the admin, which the others have not either."""

from bench.settings.common import *  # noqa: F403
from settings.base import DRAMATIQ_BROKER  # noqa: F401
from settings.environment import redis_url
from settings.queueing import queue_settings

INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "queues", "django_dramatiq", "bench.ours"]
QUEUES = queue_settings(redis_url() or "redis://localhost:1/0")
