"""Takes away what has been kept long enough, in small batches that nobody waits for."""

from queues.retention.loop import Retention, prune_once

__all__ = ["Retention", "prune_once"]
