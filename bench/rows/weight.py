"""What waiting jobs weigh in Redis, and what counting many ended ones costs."""

import redis

from bench.contenders import Contender
from bench.results import Row
from bench.scale import Scale

#: Counts of which the median is taken.
COUNTS = 200
PER = 100_000


def measure(contenders: list[Contender], scale: Scale) -> list[Row]:
    """Weigh Redis with jobs waiting; count states with many ended ones on record."""
    weight = Row("redis", "Redis for 100,000 waiting jobs", "MiB", higher_is_better=False)
    counting = Row(
        "counting", f"count jobs by state, {scale.ended:,} ended", "ms", higher_is_better=False,
        note="stock Dramatiq keeps no record to count",
    )  # fmt: skip
    for contender in contenders:
        with redis.Redis.from_url(contender.servers.redis_url(0)) as valkey:
            # The recorded contender puts the same into Redis as stock.
            for _ in range(scale.repeat if contender.name != "recorded" else 0):
                contender.client("clear")
                before = int(valkey.info("memory")["used_memory"])
                contender.client("add", kind="noop", count=scale.waiting, bulk=True)
                used = int(valkey.info("memory")["used_memory"]) - before
                weight.add(contender.name, used / 2**20 * PER / scale.waiting)
        contender.client("clear")
        if contender.name != "stock":
            contender.client("fill", jobs_ended=scale.ended)
            for _ in range(scale.repeat):
                counting.add(
                    contender.name, contender.client("count_ms", repeat=COUNTS if contender.name == "ours" else 9)
                )
            contender.client("clear")
    return [weight, counting]
