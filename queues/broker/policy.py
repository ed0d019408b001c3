"""How often and after what waits a job is tried: from its message, its actor, its queue, or the settings."""

from __future__ import annotations

import random
from typing import Any

from django.conf import settings

from queues import registry
from queues.config import Backoff

#: What a message's or an actor's options may say of how its jobs are tried and placed.
POLICY_OPTIONS = frozenset({"max_retries", "min_backoff", "max_backoff", "priority", "unique_key"})


#: Most runs that a row can count.
ATTEMPTS_MAX = 32_000


def max_attempts(queue: str, options: dict[str, Any], actor_options: dict[str, Any]) -> int:
    """Runs in all: ``max_retries`` of the message or actor plus one, the queue's ``attempts``, or the settings'."""
    for source in (options, actor_options):
        if source.get("max_retries") is not None:
            return min(max(int(source["max_retries"]), 0) + 1, ATTEMPTS_MAX)
    config = registry.find(queue)
    return config.attempts if config else int(settings.QUEUES.retry_attempts) + 1


def backoff(queue: str, options: dict[str, Any], actor_options: dict[str, Any]) -> Backoff:
    """The waits: ``min_backoff`` and ``max_backoff`` of the message or actor, the queue's, or the settings'."""
    config = registry.find(queue)
    base = config.backoff if config else Backoff(settings.QUEUES.retry_delay_ms)
    shortest = options.get("min_backoff", actor_options.get("min_backoff"))
    longest = options.get("max_backoff", actor_options.get("max_backoff"))
    if shortest is None and longest is None:
        return base
    return Backoff(
        int(base.delay_ms if shortest is None else shortest), int(base.max_ms if longest is None else longest)
    )


def wait_ms(policy: Backoff, retry: int) -> int:
    """Milliseconds before the ``retry``-th retry (1 is the first), with the policy's jitter."""
    wait = policy.wait_ms(retry)
    return wait + int(wait * policy.jitter * random.random()) if policy.jitter else wait  # noqa: S311  not a secret
