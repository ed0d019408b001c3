"""Stock Dramatiq with django-dramatiq's record of each task in PostgreSQL, as its documentation sets it up."""

from bench.settings.stock import *  # noqa: F403
from bench.settings.stock import DRAMATIQ_BROKER

DRAMATIQ_BROKER = {
    **DRAMATIQ_BROKER,
    "MIDDLEWARE": [
        *DRAMATIQ_BROKER["MIDDLEWARE"],
        "django_dramatiq.middleware.DbConnectionsMiddleware",
        "django_dramatiq.middleware.AdminMiddleware",
    ],
}
