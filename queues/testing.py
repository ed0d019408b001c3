"""Running jobs for real in a test's own process: Dramatiq's own worker, real servers, nothing mocked.

Import the fixtures into a ``conftest.py``, and ask for them::

    from queues.testing import declare, queue_servers, worker

    def test_it_is_sent(declare, worker):
        queue = declare(QueueConfig("letters", actor="letter"), lambda data: send(data))
        job = service.add_job(queue, {"to": 1})
        worker()
        wait_for(lambda: service.get_job(queue, job.id).state == "completed")
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Protocol, cast

import dramatiq
import pytest
import redis
from django.conf import settings
from django.db import connection
from dramatiq.worker import Worker

from queues import registry
from queues.actors import queue_actor
from queues.broker import LedgerBroker
from queues.broker.process import WorkerProcess
from queues.config import QueueConfig
from queues.order.client import OrderClient
from queues.order.member import base_key
from queues.order.outbox import publisher
from queues.order.scripts import is_ready

#: Milliseconds after which an idle thread of Dramatiq's looks whether it is to stop.
IDLE_MS = 50


def wait_for(condition: Callable[[], Any], timeout_s: float = 10.0, what: str = "") -> Any:
    """Ask ``condition`` until it answers something true, and return that; fail after ``timeout_s`` seconds."""
    deadline = time.monotonic() + timeout_s
    while not (answer := condition()):
        if time.monotonic() > deadline:
            pytest.fail(f"Not within {timeout_s} s: {what or getattr(condition, '__name__', 'the condition')}")
        time.sleep(0.005)
    return answer


def broker() -> LedgerBroker:
    """The broker that this process's actors are declared on."""
    return cast("LedgerBroker", dramatiq.get_broker())


class RunningWorker:
    """One worker in this process, with everything that a worker's process has but the process."""

    def __init__(self, threads: int, queues: Sequence[str]) -> None:
        self.broker, self.queues = broker(), list(queues)
        self._worker = Worker(self.broker, queues=set(queues), worker_threads=threads, worker_timeout=IDLE_MS)
        #: Reasons for which the worker gave up on its process, which here it does not end.
        self.given_up: list[str] = []
        self._worker.start()
        self.process = cast("WorkerProcess", self.broker.process)
        self.process.exits = False
        self.process.leave = lambda: self.given_up.append(self.process.lost_reason)

    def wait_ready(self, timeout_s: float = 20.0) -> None:
        """Wait until the relay has told Redis of all that waits."""
        client = OrderClient(2.0)
        try:
            for queue in self.queues:
                wait_for(partial(is_ready, client, queue), timeout_s, f"{queue} is ready")
        finally:
            client.close()

    def stop(self, timeout_s: float = 25.0) -> None:
        """Stop it as a process would be stopped: nothing new, running jobs get ``timeout_s``. Twice is harmless."""
        if self.broker.process is not self.process:
            return
        self.process.shut_gate()
        self._wake_consumers()
        self._worker.stop(timeout=int(timeout_s * 1000))
        self.broker.middleware[:] = [it for it in self.broker.middleware if type(it).__name__ != "_WorkerMiddleware"]

    def _wake_consumers(self) -> None:
        try:
            with redis.Redis.from_url(settings.QUEUES.redis_url, socket_timeout=0.5) as client:
                for queue in self.queues:
                    client.lpush(base_key(queue) + "wake", "1")
        except redis.RedisError:
            return  # they wake by themselves within a second


class StartWorker(Protocol):
    """What the fixture :func:`worker` gives."""

    def __call__(
        self, threads: int = 2, queues: Sequence[object] | None = None, *, ready: bool = True
    ) -> RunningWorker:
        """Start a worker of ``queues``, by default those that the test declared.

        Unless told not to, wait until Redis is ready to hand out their jobs.
        """


class Declare:
    """What the fixture :func:`declare` gives."""

    def __init__(self) -> None:
        self._broker = broker()
        self._before = set(self._broker.actors), set(self._broker.queues), set(registry.names())

    def __call__(self, config: QueueConfig, fn: Callable[..., Any] | None = None, **options: Any) -> str:
        """Declare a queue and, given a function, the actor that runs its jobs; returns the queue's name.

        Both are forgotten after the test. ``options`` are Dramatiq's.
        """
        registry.register(config)
        if fn is not None:
            queue_actor(config, **options)(fn)
        else:
            self._broker.declare_queue(config.name)
        return str(config.name)

    @property
    def queues(self) -> list[str]:
        """The queues declared since the test began, plain actors' too."""
        return sorted((set(self._broker.queues) | set(registry.names())) - self._before[1] - self._before[2])

    def forget(self) -> None:
        """Take all declarations of the test back."""
        actors, queues, names = self._before
        for name in set(self._broker.actors) - actors:
            del self._broker.actors[name]
        for name in set(self._broker.queues) - queues:
            del self._broker.queues[name]
        for name in set(registry.names()) - names:
            registry.forget(name)


@pytest.fixture
def queue_servers(transactional_db: None) -> Iterator[None]:
    """Empty tables and an empty Redis database, before and after."""
    with redis.Redis.from_url(settings.QUEUES.redis_url) as client:
        client.flushdb()
        publisher.reset()
        yield
        publisher.reset()
        client.flushdb()


@pytest.fixture
def declare(queue_servers: None) -> Iterator[Declare]:
    """Declare queues and actors of the test's own."""
    declaring = Declare()
    yield declaring
    declaring.forget()


@pytest.fixture
def worker(declare: Declare) -> Iterator[StartWorker]:
    """Start real workers in this process; they are stopped after the test, before its queues are forgotten."""
    started: list[RunningWorker] = []

    def start(threads: int = 2, queues: Sequence[object] | None = None, *, ready: bool = True) -> RunningWorker:
        names = declare.queues if queues is None else [str(getattr(queue, "value", queue)) for queue in queues]
        running = RunningWorker(threads, names)
        started.append(running)
        if ready:
            running.wait_ready()
        return running

    yield start
    for running in started:
        running.stop()
    connection.close_if_unusable_or_obsolete()
