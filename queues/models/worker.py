"""The processes that are alive, for people to see."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class Worker(models.Model):
    """Heartbeat of one process: a worker or a scheduler; ``leads`` tells whether it is the relay's leader."""

    KINDS: ClassVar = [("worker", "worker"), ("scheduler", "scheduler")]

    id = models.TextField(primary_key=True)
    kind = models.TextField(choices=KINDS)
    host = models.TextField()
    pid = models.IntegerField()
    started_at = models.DateTimeField(db_default=Now())
    heartbeat_at = models.DateTimeField(db_default=Now())
    leads = models.BooleanField(default=False)
    threads = models.IntegerField(default=0)
    active = models.IntegerField(default=0)
    queues = models.JSONField(default=list)
    details = models.JSONField(default=dict)

    class Meta:
        db_table = "queues_worker"
        ordering: ClassVar = ["kind", "id"]

    def __str__(self) -> str:
        return self.id
