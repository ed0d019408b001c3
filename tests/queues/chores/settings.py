"""Settings of the tests' real workers."""

from settings.test import *  # noqa: F403  as Django's settings are layered
from settings.test import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.queues.chores"]
