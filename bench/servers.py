"""The bench's own PostgreSQL and Valkey, in a folder that is removed afterwards."""

import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis
from psycopg import sql

from settings.embedded import client
from settings.embedded.places import Services

ROOT = Path(__file__).resolve().parent.parent
#: What PostgreSQL writes at a commit, bytes.
BLOCK = 8192


@dataclass(frozen=True)
class Servers:
    """Where they are."""

    folder: Path
    services: Services

    def database_url(self, name: str) -> str:
        """The URL of a database of this name, made if need be."""
        own = self.services.database_url
        with psycopg.connect(own, autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if found is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return f"{own.rpartition('/')[0]}/{name}"

    def redis_url(self, number: int) -> str:
        """The URL of a Redis database."""
        return f"{self.services.redis_url.rpartition('/')[0]}/{number}"

    def versions(self) -> dict[str, str]:
        """What they are."""
        with psycopg.connect(self.services.database_url) as connection:
            postgres = connection.execute("SHOW server_version").fetchone()
        with redis.Redis.from_url(self.services.redis_url) as valkey:
            info = valkey.info("server")
        return {
            "postgresql": postgres[0] if postgres else "?",
            "valkey": str(info.get("valkey_version", info["redis_version"])),
        }

    def fsync_ms(self, repeat: int = 300) -> float:
        """How long the disk takes to have one block for sure: the median of fdatasync after a write, milliseconds."""
        took = []
        with tempfile.TemporaryFile(dir=self.folder, buffering=0) as file:
            for _ in range(repeat):
                file.seek(0)
                file.write(b"x" * BLOCK)
                began = time.perf_counter()
                os.fdatasync(file.fileno())
                took.append((time.perf_counter() - began) * 1000)
        return statistics.median(took)


@contextmanager
def own_servers() -> Iterator[Servers]:
    """Start servers that nobody else uses; stop and remove them at the end."""
    local = ROOT / ".local"
    local.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=local))
    try:
        yield Servers(folder, client.attach(folder))
    finally:
        client.release(folder)
        client.stop(folder)
        shutil.rmtree(folder, ignore_errors=True)
