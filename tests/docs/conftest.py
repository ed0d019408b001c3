"""The product's own fixtures, as the documents tell to import them."""

from queues.testing import declare, queue_servers, worker

__all__ = ["declare", "queue_servers", "worker"]
