"""Dramatiq's RedisBroker with its default middleware."""

from bench.settings.common import *  # noqa: F403
from settings.environment import redis_url

INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "django_dramatiq", "bench.stock"]
DRAMATIQ_BROKER = {
    "BROKER": "dramatiq.brokers.redis.RedisBroker",
    "OPTIONS": {"url": redis_url()},
    "MIDDLEWARE": [
        "dramatiq.middleware.AgeLimit",
        "dramatiq.middleware.TimeLimit",
        "dramatiq.middleware.ShutdownNotifications",
        "dramatiq.middleware.Callbacks",
        "dramatiq.middleware.Pipelines",
        "dramatiq.middleware.Retries",
    ],
}
