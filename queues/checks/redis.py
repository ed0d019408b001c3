"""Redis or Valkey: there, new enough, never evicting, on time."""

import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from queues.checks.postgres import CLOCK_S

#: Oldest versions that work.
OLDEST_REDIS, OLDEST_VALKEY = (6, 2), (7, 2)
#: How long an answer is waited for, seconds.
PATIENCE_S = 2.0
#: Id of "does not answer", which does not keep workers from starting: they work as soon as it answers.
UNREACHABLE = "queues.W020"


@checks.register("queues", checks.Tags.database)
def check_redis(
    _app_configs: Any = None, databases: Sequence[str] | None = None, **_kwargs: Any
) -> list[checks.CheckMessage]:
    """Look at the server, if servers may be used."""
    return look(settings.QUEUES.redis_url) if databases else []


def look(url: str) -> list[checks.CheckMessage]:
    """Look at the server of this URL."""
    place = urlsplit(url)
    where = f"{place.hostname}:{place.port}" if place.hostname else place.path
    client = Redis.from_url(
        url, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S, retry=Retry(NoBackoff(), 0)
    )
    try:
        with client:
            info = client.info()
            before = time.time()
            seconds, micros = client.time()
            local = (before + time.time()) / 2
    except (RedisError, OSError) as error:
        return [
            checks.Warning(
                f"Redis at {where} does not answer ({type(error).__name__}).",
                hint="Start it, or correct REDIS_URL or REDIS_HOST. Jobs are kept meanwhile, none runs.",
                id=UNREACHABLE,
            )
        ]
    return [*_version(info), *_eviction(info), *_cluster(info, place.path), *_clock(seconds + micros / 1e6, local)]


def _version(info: dict[str, Any]) -> list[checks.CheckMessage]:
    valkey = info.get("valkey_version")
    name, text, oldest = (
        ("Valkey", valkey, OLDEST_VALKEY) if valkey else ("Redis", info.get("redis_version", "0"), OLDEST_REDIS)
    )
    version = tuple(int(part) for part in str(text).split(".")[:2] if part.isdigit())
    if version >= oldest:
        return []
    return [
        checks.Error(
            f"{name} is version {text}.",
            hint=f"Upgrade it to {'.'.join(map(str, oldest))} or newer.",
            id="queues.E021",
        )
    ]


def _eviction(info: dict[str, Any]) -> list[checks.CheckMessage]:
    policy = info.get("maxmemory_policy", "noeviction")
    if policy == "noeviction":
        return []
    return [
        checks.Error(
            f"Redis may evict keys: its maxmemory-policy is {policy}.",
            hint="Set `maxmemory-policy noeviction`: evicted leases and order make jobs run twice or late.",
            id="queues.E022",
        )
    ]


def _cluster(info: dict[str, Any], path: str) -> list[checks.CheckMessage]:
    if info.get("redis_mode") != "cluster" or path.strip("/") in ("", "0"):
        return []
    return [
        checks.Error(
            "This Redis is a cluster, which has only database 0.",
            hint="Set REDIS_QUEUE_DB=0, or end REDIS_URL in /0.",
            id="queues.E023",
        )
    ]


def _clock(server: float, local: float) -> list[checks.CheckMessage]:
    ahead = local - server
    if abs(ahead) <= CLOCK_S:
        return []
    return [
        checks.Warning(
            f"This machine's clock is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} Redis's.",
            hint="Set both by NTP. Delays and leases go by Redis's clock, whatever this one says.",
            id="queues.W024",
        )
    ]
