"""Writing down what people do. Append-only; in the transaction of the deed itself."""

from typing import Any

from queues.models import AuditEntry


def record(
    by: Any,
    action: str,
    object_type: str,
    object_id: object,
    *,
    queue: str = "",
    tenant: str = "",
    reason: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    """Add one entry. ``by`` is a Django user, or None for the system (code, not a person)."""
    return AuditEntry.objects.create(
        user_id=str(getattr(by, "pk", "") or ""),
        user_name=by.get_username() if by is not None and hasattr(by, "get_username") else "",
        action=action,
        object_type=object_type,
        object_id=str(object_id),
        queue=queue,
        tenant=tenant,
        reason=reason[:2000],
        before=before,
        after=after,
    )
