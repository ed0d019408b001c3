"""Connections to Redis that give up in time and know which server they talk to."""

from __future__ import annotations

import functools
import hashlib
import time
from pathlib import Path
from typing import Any, Final

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

#: Everything that means "Redis did not answer", as opposed to "Redis refused".
UNREACHABLE = (redis.ConnectionError, redis.TimeoutError, OSError)

_LUA = Path(__file__).with_name("lua")


#: Stands for the run_id of the server that a script is sent to.
RUN_ID: Final = object()


@functools.cache
def source(name: str) -> tuple[str, str]:
    """A script's text (the shared prelude and then its own) and its SHA-1."""
    text = (_LUA / "prelude.lua").read_text() + (_LUA / f"{name}.lua").read_text()
    return text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


class OrderClient:
    """One connection to Redis, for one purpose; thread-safe, connects when first used.

    No retries of redis-py's own: a re-sent script may run twice. ``run_id`` is the server's as read when the connection
    was made; ``server_ms`` estimates its clock.
    """

    def __init__(self, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self.run_id = ""
        self._offset_ms = 0.0
        self._pool = redis.BlockingConnectionPool.from_url(
            settings.QUEUES.redis_url,
            max_connections=1,
            timeout=timeout_s,
            socket_timeout=timeout_s,
            socket_connect_timeout=min(timeout_s, 2.0),
            retry=Retry(NoBackoff(), 0),
            redis_connect_func=self._on_connect,
            health_check_interval=0,
        )
        self.redis: redis.Redis = redis.Redis(connection_pool=self._pool)

    def _on_connect(self, connection: Any) -> None:
        connection.on_connect()
        connection.send_command("INFO", "server")
        info = connection.read_response()
        text = info.decode() if isinstance(info, bytes) else str(info)
        self.run_id = next((ln[7:].strip() for ln in text.splitlines() if ln.startswith("run_id:")), "")
        connection.send_command("TIME")
        seconds, micros = connection.read_response()
        self._offset_ms = int(seconds) * 1000 + int(micros) / 1000 - time.monotonic() * 1000

    def server_ms(self) -> int:
        """Redis's clock in ms, as far as this connection knows it; 0 before the first connection."""
        return int(time.monotonic() * 1000 + self._offset_ms) if self._offset_ms else 0

    def run(self, name: str, key: str, *args: object) -> Any:
        """Run a script of ``lua/``; raises redis-py's errors, never re-sends. ``RUN_ID`` among the arguments stands for
        the server's, read after the connection is known to be up: after a failover the old one must not be passed.
        """
        text, digest = source(name)
        connection = self._pool.get_connection()
        try:
            sent = [self.run_id if arg is RUN_ID else arg for arg in args]
            try:
                connection.send_command("EVALSHA", digest, 1, key, *sent)
                return connection.read_response()
            except redis.exceptions.NoScriptError:
                connection.send_command("EVAL", text, 1, key, *sent)
                return connection.read_response()
        except BaseException as error:
            if not isinstance(error, redis.ResponseError):
                connection.disconnect()
            raise
        finally:
            self._pool.release(connection)

    def close(self) -> None:
        """Close the connection; the next use opens another."""
        self._pool.disconnect()
