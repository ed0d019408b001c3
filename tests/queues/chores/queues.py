"""The queues of the tests' real workers."""

from queues.config import Backoff, QueueConfig

#: Four attempts with waits of 2, 4 and 8 s.
CHORES = QueueConfig("chores", actor="chore", attempts=4, backoff=Backoff(2000), time_limit_ms=60_000)
ERRANDS = QueueConfig("errands", actor="errand", attempts=2, backoff=Backoff(500))
