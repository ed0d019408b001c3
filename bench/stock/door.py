"""How the bench's client uses stock Dramatiq."""

from typing import Any

import dramatiq
from django.apps import apps
from django.db import connection
from django.db.models import Count

from bench.stock.actors import ACTORS


def add(kind: str, data: dict[str, Any], delay_ms: int = 0) -> None:
    """Send one message."""
    if delay_ms:
        ACTORS[kind].send_with_options(args=(data,), delay=delay_ms)
    else:
        ACTORS[kind].send(data)


def add_many(kind: str, many: list[dict[str, Any]], delay_ms: int = 0) -> None:
    """Send many messages one by one: there is no other way."""
    for data in many:
        add(kind, data, delay_ms)


def remaining(kind: str) -> int:
    """Messages that are not acknowledged."""
    broker: Any = dramatiq.get_broker()
    return int(broker.client.hlen(f"dramatiq:bench-{kind}.msgs"))


def counts() -> dict[str, int]:
    """Tasks by status, as django-dramatiq's admin counts them."""
    model: Any = apps.get_model("django_dramatiq", "Task")
    return dict(model.tasks.order_by().values_list("status").annotate(Count("id")))


def clear() -> None:
    """Forget all messages and records."""
    broker: Any = dramatiq.get_broker()
    broker.client.flushdb()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE django_dramatiq_task")


def fill(jobs_ended: int) -> None:
    """Have so many tasks done on record."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO django_dramatiq_task (id, status, created_at, updated_at, message_data, actor_name, queue_name)
            SELECT gen_random_uuid(), 'done', now(), now(), '\\x7b7d', 'noop', 'bench-noop'
            FROM generate_series(1, %s)
            """,
            [jobs_ended],
        )
        cursor.execute("VACUUM ANALYZE django_dramatiq_task")
