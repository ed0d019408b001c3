"""How many PostgreSQL connections our processes keep open."""

#: A worker's beside one a thread: claims, commits, the renewer's questions, the relay.
WORKER_EXTRA = 4
#: A scheduler's: threads that fire ticks, upkeep, the relay, the command itself.
SCHEDULER = 5


def of_workers(processes: int, threads: int) -> int:
    """Connections that ``processes`` workers of ``threads`` threads keep open."""
    return processes * (threads + WORKER_EXTRA)
