"""How soon a job starts: on idle workers, and behind many that are an hour ahead."""

from bench.contenders import Contender
from bench.results import Row
from bench.scale import Scale

PER_SECOND = 10
HOUR_MS = 3_600_000
#: How long a job due in a second may take to start, seconds.
DEADLINE_S = 30.0


def measure(contenders: list[Contender], scale: Scale) -> list[Row]:
    """Send ten jobs a second to idle workers; then some due in a second behind 100,000 due in an hour."""
    p50 = Row("pickup_p50", "start after the add, at 10/s, median", "ms", higher_is_better=False)
    p99 = Row("pickup_p99", "start after the add, at 10/s, p99", "ms", higher_is_better=False)
    late = Row(
        "late", f"start after due, due in 1 s behind {scale.ahead:,} an hour ahead", "ms", higher_is_better=False,
        note=f"the worst of {scale.probes} jobs a run; not in time: one had not started {DEADLINE_S:.0f} s later",
    )  # fmt: skip
    for contender in contenders:
        contender.client("clear")
        with contender.workers() as workers:
            workers.wait_until_ready()
            for _ in range(scale.repeat):
                contender.client("send_stamps", count=scale.pickups, per_second=PER_SECOND)
                found = sorted(contender.stamps(scale.pickups, DEADLINE_S))
                whole = len(found) == scale.pickups
                p50.add(contender.name, found[len(found) // 2] * 1000 if whole else None)
                p99.add(contender.name, found[int(len(found) * 0.99)] * 1000 if whole else None)
        if contender.name != "recorded":
            _behind(contender, scale, late)
        contender.client("clear")
    return [p50, p99, late]


def _behind(contender: Contender, scale: Scale, late: Row) -> None:
    contender.client("clear")
    # In the same queue as those that are due soon.
    contender.client("add", kind="stamp", count=scale.ahead, bulk=True, delay_ms=HOUR_MS)
    with contender.workers() as workers:
        workers.wait_until_ready()
        for _ in range(scale.repeat):
            contender.client("send_stamps", count=scale.probes, per_second=PER_SECOND, delay_ms=1000)
            found = contender.stamps(scale.probes, DEADLINE_S)
            in_time = len(found) == scale.probes
            late.add(contender.name, max(found) * 1000 if in_time else None)
            if not in_time:
                # What starts later yet would count as the next run's.
                break
