"""Real worker processes for every fault, and a database that may be crashed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from settings.embedded.places import Services
from tests.queues.fleet import ROOT, fleet

__all__ = ["fleet"]


@pytest.fixture
def own_database(own_servers: Services, transactional_db: None) -> Iterator[str]:
    """Return the URL of a database on a PostgreSQL of this test's own; this process uses it too."""
    with psycopg.connect(own_servers.database_url, autocommit=True) as admin:
        admin.execute("CREATE DATABASE test_own")
    url = f"{own_servers.database_url.rpartition('/')[0]}/test_own"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "settings.test", "DATABASE_URL": url,
                   "REDIS_URL": settings.QUEUES.redis_url}  # fmt: skip
    subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=ROOT, env=environment, check=True)
    parts = urlsplit(url)
    before = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(
        NAME="test_own", HOST=unquote(parts.hostname or ""), PORT=str(parts.port or ""),
        USER=unquote(parts.username or ""), PASSWORD=unquote(parts.password or ""),
    )  # fmt: skip
    yield url
    connection.close()
    connection.settings_dict.update(before)
