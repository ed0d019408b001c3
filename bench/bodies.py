"""What the jobs do; the same code for every contender."""

import functools
import os
import time
from typing import Any

import redis
from django.contrib.contenttypes.models import ContentType

from bench.stamping import STAMPS


def noop(_data: dict[str, Any]) -> None:
    """Do nothing: what is left is the queue."""


def read(_data: dict[str, Any]) -> None:
    """Read one row through the ORM, past the content types' own cache."""
    ContentType.objects.filter(pk=1).first()


def stamp(data: dict[str, Any]) -> None:
    """Tell how many seconds after `data["due"]` (Unix time) this job has started."""
    late = time.time() - data["due"]
    stamps().rpush(STAMPS, late)


@functools.cache
def stamps() -> redis.Redis:
    """The connection to the list of stamps, one a process."""
    return redis.Redis.from_url(os.environ["BENCH_STAMPS_URL"])
