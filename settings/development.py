"""Development and demo: debug pages, and servers of the checkout's own where none are configured."""

from settings.base import *
from settings.base import BASE_DIR, INSTALLED_APPS
from settings.connections import databases
from settings.environment import env
from settings.logs import logging
from settings.queueing import queue_settings
from settings.servers import server_urls

DEBUG = env.boolean("DEBUG", default=True)
SECRET_KEY = env.text("SECRET_KEY", "development-only-not-a-secret")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ("localhost", "127.0.0.1", "[::1]"))
INSTALLED_APPS = [*INSTALLED_APPS, "settings.embedded", "settings.demo"]

LOCAL_DIR = env.folder("LOCAL_DIR", BASE_DIR / ".local")
_database_url, _redis_url = server_urls(LOCAL_DIR)
DATABASES = databases(_database_url)
QUEUES = queue_settings(_redis_url)
LOGGING = logging(json=False)
# A provider that misbehaves on demand, for the demo and the tests.
ENGAGEMENT = {"allow_failing_adapter": True}
