"""Connections to Redis that give up in time and know which server they talk to."""

from __future__ import annotations

import functools
import hashlib
import os
import threading
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
#: What stands between the prelude and a script that builds on it.
_BETWEEN = {"fetch": ["fair"]}


#: Stands for the run_id of the server that a script is sent to.
RUN_ID: Final = object()


@functools.cache
def source(name: str) -> tuple[str, str]:
    """A script's text (the shared prelude, what it builds on, its own) and its SHA-1."""
    parts = ["prelude", *_BETWEEN.get(name, []), name]
    text = "".join((_LUA / f"{part}.lua").read_text() for part in parts)
    return text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


class OrderClient:
    """One connection to Redis, for one purpose; thread-safe, connects when first used, survives forks.

    ``timeout_s`` bounds connecting and each answer. No retries of redis-py's own: its client re-sends a script up to
    ten times. Here a command is sent a second time only if a connection that had been idle turned out to be closed, and
    never after a time-out; every script may run twice. ``run_id`` is the server's as read when the connection was made;
    ``server_ms`` estimates its clock.
    """

    def __init__(self, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self.run_id = ""
        self._offset_ms = 0.0
        self._lock = threading.Lock()
        self._connection: Any = None
        self._pid = 0

    def run(self, name: str, key: str, *args: object) -> Any:
        """Run a script of ``lua/``; raises redis-py's errors.

        ``RUN_ID`` among the arguments stands for the server's, read after the connection is known to be up: after a
        failover the old one must not be passed.
        """
        text, digest = source(name)
        try:
            return self.command("EVALSHA", digest, 1, key, *args)
        except redis.exceptions.NoScriptError:
            return self.command("EVAL", text, 1, key, *args)

    def command(self, *args: object) -> Any:
        """Send one command and return its answer; raises redis-py's errors."""
        if not self._lock.acquire(timeout=self.timeout_s):
            raise redis.TimeoutError("the connection is busy")
        try:
            fresh = not self._is_open()
            try:
                return self._send(args)
            except redis.TimeoutError:
                raise
            except redis.ConnectionError:
                if fresh:
                    raise
                return self._send(args)
        finally:
            self._lock.release()

    def server_ms(self) -> int:
        """Redis's clock in ms, as far as this connection knows it; 0 before the first connection."""
        return int(time.monotonic() * 1000 + self._offset_ms) if self._offset_ms else 0

    def close(self) -> None:
        """Close the connection; the next use opens another."""
        with self._lock:
            if self._connection is not None and self._pid == os.getpid():
                self._connection.disconnect()
            self._connection = None

    def _is_open(self) -> bool:
        return self._connection is not None and self._pid == os.getpid() and self._connection.is_connected

    def _send(self, args: tuple[object, ...]) -> Any:
        if self._pid != os.getpid() or self._connection is None:
            self._connection, self._pid = self._make(), os.getpid()
        connection = self._connection
        try:
            if not connection.is_connected:
                connection.connect()
            sent = [self.run_id if arg is RUN_ID else arg for arg in args]
            try:
                connection.send_command(*sent)
            except UnicodeEncodeError:
                # Garbage that was read from the keys; it must be named to be removed, whatever its bytes.
                connection.send_command(*[_as_bytes(arg) for arg in sent])
            return connection.read_response()
        except redis.ResponseError:
            raise
        except BaseException:
            # Whatever is still under way on it must not be taken for the answer of the next command.
            connection.disconnect()
            raise

    def _make(self) -> Any:
        pool = redis.ConnectionPool.from_url(
            settings.QUEUES.redis_url,
            socket_timeout=self.timeout_s,
            socket_connect_timeout=min(self.timeout_s, 2.0),
            retry=Retry(NoBackoff(), 0),
            redis_connect_func=self._on_connect,
        )
        return pool.make_connection()

    def _on_connect(self, connection: Any) -> None:
        connection.on_connect()
        connection.send_command("INFO", "server")
        info = connection.read_response()
        text = info.decode() if isinstance(info, bytes) else str(info)
        self.run_id = next((ln[7:].strip() for ln in text.splitlines() if ln.startswith("run_id:")), "")
        connection.send_command("TIME")
        seconds, micros = connection.read_response()
        self._offset_ms = int(seconds) * 1000 + int(micros) / 1000 - time.monotonic() * 1000


def _as_bytes(arg: object) -> object:
    return arg.encode(errors="surrogateescape") if isinstance(arg, str) else arg
