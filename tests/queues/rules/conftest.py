"""Real worker processes for the rules that need them."""

from tests.queues.fleet import fleet

__all__ = ["fleet"]
