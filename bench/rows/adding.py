"""How fast a client adds jobs, without workers."""

from bench.contenders import Contender
from bench.results import Row
from bench.scale import Scale


def measure(contenders: list[Contender], scale: Scale) -> list[Row]:
    """Add jobs one by one and in bulk, without subjects and with three each."""
    single = Row("add_single", "add, one by one", "jobs/s", higher_is_better=True)
    single3 = Row("add_single_subjects", "add, one by one, three subjects", "jobs/s", higher_is_better=True)
    bulk = Row("add_bulk", "add in bulk", "jobs/s", higher_is_better=True, note="stock Dramatiq has no bulk add")
    bulk3 = Row("add_bulk_subjects", "add in bulk, three subjects", "jobs/s", higher_is_better=True)
    for contender in contenders:
        ours = contender.name == "ours"
        for _ in range(scale.repeat):
            cases = [(single, "noop", scale.add_single, False)]
            if ours:
                cases += [
                    (single3, "subjects", scale.add_single, False),
                    (bulk, "noop", scale.add_bulk, True),
                    (bulk3, "subjects", scale.add_bulk, True),
                ]
            for row, kind, count, in_bulk in cases:
                contender.client("clear")
                row.add(contender.name, contender.client("add", kind=kind, count=count, bulk=in_bulk))
            contender.client("clear")
    return [single, single3, bulk, bulk3]
