"""The settings of a queue that people change while it runs; Redis has a copy that the relay re-asserts."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class Queue(models.Model):
    """One declared queue. Null limits mean the declaration's own."""

    name = models.TextField(primary_key=True)
    paused = models.BooleanField(default=False)
    paused_by = models.TextField(default="", blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_reason = models.TextField(default="", blank=True)
    global_concurrency = models.PositiveIntegerField(null=True, blank=True)
    rate_count = models.PositiveIntegerField(null=True, blank=True)
    rate_per_ms = models.PositiveIntegerField(null=True, blank=True)
    weight_high = models.PositiveSmallIntegerField(null=True, blank=True)
    weight_normal = models.PositiveSmallIntegerField(null=True, blank=True)
    weight_low = models.PositiveSmallIntegerField(null=True, blank=True)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "queues_queue"
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class QueueTenant(models.Model):
    """A tenant's own settings in one queue: so far, whether it is paused."""

    id = models.BigAutoField(primary_key=True)
    queue = models.TextField()
    tenant = models.TextField()
    paused = models.BooleanField(default=False)
    paused_by = models.TextField(default="", blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_reason = models.TextField(default="", blank=True)

    class Meta:
        db_table = "queues_queuetenant"
        constraints: ClassVar = [models.UniqueConstraint(fields=["queue", "tenant"], name="queuetenant_one")]

    def __str__(self) -> str:
        return f"{self.queue} / {self.tenant}"
