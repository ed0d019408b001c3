"""Looking at queues: counts, health, figures; one queue or all of them."""

from queues.inspection.health import get_all_queue_health, get_queue_health
from queues.inspection.metrics import get_all_queue_metrics, get_queue_metrics
from queues.inspection.stats import get_all_queue_stats, get_queue_stats

__all__ = [
    "get_all_queue_health",
    "get_all_queue_metrics",
    "get_all_queue_stats",
    "get_queue_health",
    "get_queue_metrics",
    "get_queue_stats",
]
