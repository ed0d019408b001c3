"""Real worker processes for every fault."""

from tests.queues.fleet import fleet

__all__ = ["fleet"]
