"""Settings of the tests' real workers."""

from settings.test import *
from settings.test import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.queues.chores"]
