"""Turns a PostgreSQL URL into Django's DATABASES."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


def databases(url: str) -> dict[str, dict[str, Any]]:
    """Return DATABASES for `postgresql://user:password@host:port/name?option=value`.

    A host that is a percent-encoded path names a Unix socket's folder. Connections stay open and are checked
    before a request or a job uses one again. The query's options go to libpq (sslmode, connect_timeout, …).
    """
    parts = urlsplit(url)
    host = unquote(parts.netloc.rpartition("@")[2].rpartition("]")[0].lstrip("[") or parts.hostname or "")
    if "%2f" in parts.netloc.lower():
        # `hostname` is lower-cased by urlsplit, and a path must keep its case.
        host = unquote(parts.netloc.rpartition("@")[2].partition(":")[0])
    options: dict[str, Any] = {"connect_timeout": 5, **dict(parse_qsl(parts.query))}
    return {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": host,
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": None,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": options,
        }
    }
