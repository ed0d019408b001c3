"""How much is done: the full bench, and a quick look."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Numbers of jobs and repetitions."""

    #: Each figure is the median of so many runs.
    repeat: int
    #: Jobs added one by one, and in bulk.
    add_single: int
    add_bulk: int
    #: Jobs that workers empty, by contender.
    noop: dict[str, int]
    read: dict[str, int]
    #: Jobs sent at 10 a second to an idle worker.
    pickups: int
    #: Jobs an hour ahead, and those due in a second behind them.
    ahead: int
    probes: int
    #: Jobs waiting while Redis is weighed.
    waiting: int
    #: Ended jobs on record while states are counted.
    ended: int


FULL = Scale(
    repeat=3,
    add_single=5000,
    add_bulk=50_000,
    noop={"ours": 60_000, "stock": 30_000, "recorded": 4000},
    read={"ours": 30_000, "stock": 20_000, "recorded": 4000},
    pickups=200,
    ahead=100_000,
    probes=10,
    waiting=100_000,
    ended=1_000_000,
)

QUICK = Scale(
    repeat=1,
    add_single=1500,
    add_bulk=20_000,
    noop={"ours": 30_000, "stock": 10_000, "recorded": 1500},
    read={"ours": 15_000, "stock": 8000, "recorded": 1500},
    pickups=50,
    ahead=100_000,
    probes=5,
    waiting=20_000,
    ended=200_000,
)
