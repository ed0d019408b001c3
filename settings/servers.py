"""Which PostgreSQL and Redis are used: the configured ones, else the checkout's own."""

import sys
from pathlib import Path

from settings.embedded.client import attach, running
from settings.environment import Environment, database_url, env, redis_url

#: Given while nothing runs to a command that must start nothing.
_NOWHERE = ("postgresql://nobody@localhost/none", "redis://localhost:1/0")


def server_urls(local_dir: Path, source: Environment = env) -> tuple[str, str]:
    """Return the URLs of PostgreSQL and Redis, and start the checkout's own servers if one is not configured.

    `manage.py services …` asks about them or stops them, and `manage.py smoke` has others: these start nothing.
    """
    database, redis = database_url(source), redis_url(source)
    if database is not None and redis is not None:
        return database, redis
    if sys.argv[1:2] in (["services"], ["smoke"]):
        found = running(local_dir)
        own = _NOWHERE if found is None else (found.database_url, found.redis_url)
    else:
        services = attach(local_dir)
        own = services.database_url, services.redis_url
    return database or own[0], redis or own[1]
