"""What all contenders share."""

from settings.connections import databases
from settings.environment import database_url
from settings.logs import logging

SECRET_KEY = "bench-only-not-a-secret"  # noqa: S105  public on purpose
DEBUG = False
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = databases(database_url() or "postgresql://nobody@localhost/none")
DRAMATIQ_AUTODISCOVER_MODULES = ["actors"]
DRAMATIQ_IGNORED_MODULES = ["django_dramatiq.tasks"]
# No contender writes a line for each job.
LOGGING = logging(json=True)
