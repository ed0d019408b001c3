"""Rule 36: the broker is made while apps load; nothing of a worker exists before its process has forked."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from queues.config import QueueConfig
from queues.testing import Declare, StartWorker, broker

pytestmark = pytest.mark.rule(36)

_WEB = """
import json, os, socket, sys, threading
opened = []
connect = socket.socket.connect
socket.socket.connect = lambda self, address: (opened.append(str(address)), connect(self, address))[1]
import django_dramatiq.apps, django.apps
made = {}
init = django_dramatiq.apps.DjangoDramatiqConfig.__init__
def watched(self, *args, **kwargs):
    init(self, *args, **kwargs)
    made["models_ready"] = django.apps.apps.models_ready
django_dramatiq.apps.DjangoDramatiqConfig.__init__ = watched
import django
django.setup()
import dramatiq, settings.wsgi
from django.db import connections
from queues.broker import LedgerBroker
import engagement.actors
assert isinstance(dramatiq.get_broker(), LedgerBroker)
print(json.dumps({"broker_before_models": made["models_ready"] is False, "opened": opened,
    "threads": [thread.name for thread in threading.enumerate()], "process": repr(dramatiq.get_broker().process),
    "database": connections["default"].connection is not None}))
"""


def test_a_web_process_has_a_broker_and_nothing_that_runs(process_environment: dict[str, str]) -> None:
    """A thread that was started at import did not survive the fork, and its lock stayed locked in every child.

    A socket made at import was shared by all of them.
    """
    done = subprocess.run(
        [sys.executable, "-c", _WEB], env=process_environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "broker_before_models": True, "opened": [], "threads": ["MainThread"], "process": "None", "database": False,
    }  # fmt: skip


def test_the_runtime_starts_with_the_worker_and_ends_with_it(declare: Declare, worker: StartWorker) -> None:
    import threading  # noqa: PLC0415

    def ours() -> set[str]:
        return {thread.name for thread in threading.enumerate() if thread.name.startswith("queues-")}

    declare(QueueConfig("parcels", actor="deliver"), _nothing)
    assert (broker().process, ours()) == (None, set())
    running = worker(threads=1)
    assert ours() >= {"queues-committer", "queues-settler", "queues-renewer", "queues-parent-watch", "queues-relay"}
    running.stop()
    assert broker().process is None
    assert ours() <= {"queues-parent-watch"}  # it looks once a second whether it is to end


def _nothing(data: Any) -> None:
    """Do nothing."""
