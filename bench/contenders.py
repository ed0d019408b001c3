"""The ways of running jobs that are compared, and their worker processes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psutil
import redis

from bench.servers import ROOT, Servers
from bench.stamping import STAMPS

#: How long workers may take to stop, seconds.
STOP_S = 45.0


class ClientFailed(RuntimeError):
    """The client process of a contender ended with an error; its output says which."""


@dataclass(frozen=True)
class Contender:
    """One way of running jobs."""

    #: Also of its settings and its database.
    name: str
    label: str
    #: The module by which the client uses it.
    door: str
    #: What its workers are started with, besides processes and threads.
    command: tuple[str, ...]
    redis_database: int
    servers: Servers
    processes: int = 2
    threads: int = 8

    @property
    def environment(self) -> dict[str, str]:
        """What its processes are told."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith(("QUEUE_", "REDIS_"))},
            "DJANGO_SETTINGS_MODULE": f"bench.settings.{self.name}",
            "DATABASE_URL": self.servers.database_url(f"bench_{self.name}"),
            "REDIS_URL": self.servers.redis_url(self.redis_database),
            "BENCH_DOOR": self.door,
            "BENCH_STAMPS_URL": self.servers.redis_url(9),
            "LOG_LEVEL": "WARNING",
            "PYTHONPATH": str(ROOT),
        }

    def client(self, operation: str, **arguments: Any) -> Any:
        """Run an operation of :mod:`bench.client` in a process of its own and return what it says."""
        done = subprocess.run(
            [sys.executable, "-m", "bench.client", operation, json.dumps(arguments)],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise ClientFailed(f"{self.name}: {operation} ended with {done.returncode}\n{done.stdout}{done.stderr}")
        return json.loads(done.stdout.strip().splitlines()[-1])

    @contextmanager
    def workers(self) -> Iterator["Workers"]:
        """Run its worker processes until the block ends."""
        command = [sys.executable, *self.command, "--processes", str(self.processes), "--threads", str(self.threads)]
        log = self.servers.folder / f"workers-{self.name}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=output, stderr=output, start_new_session=True
            )
            workers = Workers(self, process)
            try:
                yield workers
            finally:
                workers.stop()

    def stamps(self, count: int, deadline_s: float) -> list[float]:
        """Wait for the figures that jobs leave; return those there are, seconds, and take them away."""
        with redis.Redis.from_url(self.servers.redis_url(9)) as valkey:
            deadline = time.monotonic() + deadline_s
            while valkey.llen(STAMPS) < count and time.monotonic() < deadline:
                time.sleep(0.05)
            found = [float(value) for value in valkey.lrange(STAMPS, 0, -1)]
            valkey.delete(STAMPS)
        return found


class Workers:
    """A contender's running worker processes."""

    def __init__(self, contender: Contender, process: "subprocess.Popen[bytes]") -> None:
        """Watch a process that was started in a session of its own."""
        self.contender, self.process = contender, process

    def wait_until_ready(self, deadline_s: float = 60.0) -> None:
        """Wait until a job has run, and then until start-up work is done."""
        self.contender.client("send_stamps", count=1, per_second=1)
        if not self.contender.stamps(1, deadline_s):
            raise ClientFailed(f"{self.contender.name}: no job started within {deadline_s:.0f} s")
        time.sleep(2.0)

    def memory_mib(self) -> float:
        """Memory of all its processes, MiB; a page that several share counts once in all."""
        parent = psutil.Process(self.process.pid)
        return sum(float(one.memory_full_info().pss) for one in [parent, *parent.children(recursive=True)]) / 2**20

    def stop(self) -> None:
        """Ask to stop, as a deployment does; whatever is left after a while is killed."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(STOP_S)


def all_contenders(servers: Servers) -> dict[str, Contender]:
    """Ours and the two stock ones, by name."""
    dramatiq = ("-m", "dramatiq", "django_dramatiq.setup", "bench.stock.actors")
    contenders = (
        Contender("ours", "this project", "bench.ours.door", ("manage.py", "rundramatiq"), 1, servers),
        Contender("stock", "Dramatiq, RedisBroker", "bench.stock.door", dramatiq, 2, servers),
        Contender("recorded", "… with django-dramatiq's record", "bench.stock.door", dramatiq, 3, servers),
    )
    return {contender.name: contender for contender in contenders}
