"""The leader's retention: one batch of everything a call, so that other chores get their turn."""

from queues.retention import history
from queues.retention.jobs import BATCH, JobPruner
from queues.retention.periods import lanes


class Retention:
    """Remembers how far it has come. One a leader."""

    def __init__(self, batch: int = BATCH) -> None:
        self._batch = batch
        self._jobs = JobPruner(batch)

    def step(self) -> tuple[int, bool]:
        """Remove at most one batch of each kind; return how many rows went and whether there is more to do at once."""
        removed, more = 0, False
        for lane in lanes():
            gone = self._jobs.prune(lane)
            removed, more = removed + gone, more or gone == self._batch
        for table in history.histories():
            gone = history.prune(table, self._batch)
            removed, more = removed + gone, more or gone == self._batch
        return removed, more


_own = Retention()


def prune_once() -> int:
    """Remove at most one batch of each kind; return how many rows went. Call again while it is not 0."""
    return _own.step()[0]
