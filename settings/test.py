"""Tests: servers of their own, and a database and a Redis database for each test process."""

from settings.base import *
from settings.base import BASE_DIR, INSTALLED_APPS
from settings.connections import databases
from settings.embedded.slots import take_slot
from settings.environment import database_url, env, redis_url
from settings.logs import logging
from settings.queueing import queue_settings
from settings.servers import server_urls

DEBUG = False
SECRET_KEY = "tests-only-not-a-secret"  # noqa: S105  (public on purpose)
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
INSTALLED_APPS = [*INSTALLED_APPS, "settings.embedded"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

LOCAL_DIR = env.folder("LOCAL_DIR", BASE_DIR / ".local" / "test")
_database_url, _redis_url = server_urls(LOCAL_DIR)
DATABASES = databases(_database_url)
if database_url() is None and redis_url() is None:
    # A process that was told its servers (a worker under test) shares those of the test that started it.
    _slot = take_slot(LOCAL_DIR)
    DATABASES["default"]["TEST"] = {"NAME": f"test_{_slot}"}
    _redis_url = f"{_redis_url.rpartition('/')[0]}/{_slot}"
QUEUES = queue_settings(_redis_url)
LOGGING = logging(json=False)
# A provider that misbehaves on demand, for the demo and the tests.
ENGAGEMENT = {"allow_failing_adapter": True}
