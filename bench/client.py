"""The client process of one contender: ``python -m bench.client OPERATION {arguments}`` prints one JSON line.

Run by the bench with the contender's settings, so that each contender's Django is set up in a process of its own.
"""

import importlib
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import django
from django.core.management import call_command

#: Pause between two looks at what remains, seconds.
POLL_S = 0.05


def jobs(count: int) -> list[dict[str, Any]]:
    """Data of so many jobs, of a hundred tenants."""
    return [{"number": str(number), "tenant": f"t{number % 100}"} for number in range(count)]


def migrate(_door: Any) -> None:
    """Make the contender's tables."""
    call_command("migrate", verbosity=0)


def clear(door: Any) -> None:
    """Forget everything."""
    door.clear()


def add(door: Any, kind: str, count: int, *, bulk: bool, delay_ms: int = 0) -> float:
    """Add jobs one by one or at once; return jobs a second."""
    made = jobs(count)
    began = time.perf_counter()
    if bulk:
        door.add_many(kind, made, delay_ms)
    else:
        for data in made:
            door.add(kind, data, delay_ms)
    return count / (time.perf_counter() - began)


def drain(door: Any, kind: str, deadline_s: float) -> float | None:
    """Watch workers empty a queue; return jobs a second from the first one seen done to the last, None if too slow."""
    total = door.remaining(kind)
    began = seen = time.perf_counter()
    first = total
    while time.perf_counter() - began < deadline_s:
        left = door.remaining(kind)
        now = time.perf_counter()
        if first == total:
            first, seen = left, now
        if left == 0:
            return first / (now - seen) if first else None
        time.sleep(POLL_S)
    return None


def send_stamps(door: Any, count: int, per_second: float, delay_ms: int = 0) -> None:
    """Send jobs at a steady rate that tell how late they start."""
    began = time.perf_counter()
    for number in range(count):
        time.sleep(max(began + number / per_second - time.perf_counter(), 0.0))
        data = {"due": time.time() + delay_ms / 1000, "number": str(number), "tenant": f"t{number % 100}"}
        door.add("stamp", data, delay_ms)


def count_ms(door: Any, repeat: int) -> float:
    """Return how long counting jobs by state takes, the median of so many times, milliseconds."""
    took = []
    for _ in range(repeat):
        began = time.perf_counter()
        door.counts()
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


def fill(door: Any, jobs_ended: int) -> None:
    """Have so many ended jobs on record."""
    door.fill(jobs_ended)


OPERATIONS: dict[str, Callable[..., Any]] = {
    operation.__name__: operation for operation in (migrate, clear, add, drain, send_stamps, count_ms, fill)
}


def main() -> None:
    """Run one operation."""
    name, arguments = sys.argv[1], json.loads(sys.argv[2])
    django.setup()
    door = importlib.import_module(os.environ["BENCH_DOOR"])
    print(json.dumps(OPERATIONS[name](door, **arguments)))


if __name__ == "__main__":
    main()
