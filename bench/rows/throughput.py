"""How fast two worker processes empty a queue, and what they weigh then."""

from bench.contenders import Contender
from bench.results import Row
from bench.scale import Scale

#: Longest that a queue may take to be emptied, seconds.
DEADLINE_S = 120.0


def measure(contenders: list[Contender], scale: Scale) -> list[Row]:
    """Add jobs, start the workers, and watch from the first job done to the last one on record."""
    noop = Row("noop", "no-op jobs", "jobs/s", higher_is_better=True)
    read = Row("read", "jobs that read one row by the ORM", "jobs/s", higher_is_better=True)
    tenants = Row(
        "tenants", "no-op jobs of 100 tenants, in fair order", "jobs/s", higher_is_better=True,
        note="stock Dramatiq knows no tenants; two more count rows for each job",
    )  # fmt: skip
    memory = Row(
        "memory", "memory of the worker processes", "MiB", higher_is_better=False,
        note="with supervisor or master, shared pages counted once, after the no-op jobs",
    )  # fmt: skip
    for contender in contenders:
        for _ in range(scale.repeat):
            for row, kind, count in (
                (noop, "noop", scale.noop),
                (tenants, "tenants", scale.noop),
                (read, "read", scale.read),
            ):
                if kind == "tenants" and contender.name != "ours":
                    continue
                contender.client("clear")
                contender.client("add", kind=kind, count=count[contender.name], bulk=True)
                with contender.workers() as workers:
                    row.add(contender.name, contender.client("drain", kind=kind, deadline_s=DEADLINE_S))
                    if kind == "noop":
                        memory.add(contender.name, workers.memory_mib())
    return [noop, tenants, read, memory]
