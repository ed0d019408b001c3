"""What people did, for good."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class AuditEntry(models.Model):
    """One deed of a person. Append-only: a trigger refuses update and delete."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    #: Primary key and name of the user; no foreign key, so that the entry outlives the account.
    user_id = models.TextField(default="")
    user_name = models.TextField(default="")
    action = models.TextField()
    queue = models.TextField(default="")
    tenant = models.TextField(default="")
    object_type = models.TextField()
    object_id = models.TextField()
    reason = models.TextField(default="")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        db_table = "queues_auditentry"
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["object_type", "object_id"], name="auditentry_object")]

    def __str__(self) -> str:
        return f"{self.user_name or 'system'}: {self.action} {self.object_type} {self.object_id}"
