"""Making, changing and removing recurring jobs; each change is a new revision, each deed of a person an audit entry."""

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from django.db import IntegrityError, transaction

from queues import audit, registry
from queues.models import RecurringJob
from queues.priorities import JobPriority
from queues.recurring import adding
from queues.recurring import cron as crons
from queues.recurring.reconcile import close_span
from queues.recurring.ticks import RecurringJobNotFound, clock

#: Longest name, characters.
LONGEST_NAME = 200
#: What may be changed of a recurring job.
CHANGEABLE = ("cron", "timezone", "data", "misfire", "priority", "enabled")
_MISFIRE = tuple(value for value, _ in RecurringJob.MISFIRE)
_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


def schedule_recurring_job(
    queue: object,
    data: Mapping[str, Any],
    cron: str,
    *,
    timezone: str = "UTC",
    name: str | None = None,
    misfire: str = "run_once",
    priority: int | None = None,
    by: Any = None,
) -> RecurringJob:
    """Add a job with ``data`` whenever ``cron`` is due on the clock of ``timezone`` (an IANA name).

    Said twice it is one: recurring jobs are told apart by queue and ``name``, which is made of the other arguments
    where it is not given. Said again with other values it is changed, unless staff have edited it meanwhile; what a
    person says (``by``) always counts. ``misfire``: what happens to ticks more than ``QUEUE_MISFIRE_LATE`` seconds
    late, ``skip`` or ``run_once``.

    Raises :class:`queues.errors.UnknownQueue`; :class:`queues.errors.InvalidJobData` naming ``cron``, ``timezone``,
    ``misfire``, ``priority``, ``name`` or the field of the data.
    """
    config = registry.get(queue)
    values = _checked(
        config.name, {"cron": cron, "timezone": timezone, "data": data, "misfire": misfire, "priority": priority}
    )
    label = _name(name) if name is not None else _default_name(values)
    row, created = ensure(config.name, label, values, source="staff" if by is not None else "code", by=by)
    if not created and _differs(row, values) and (by is not None or not row.edited_by):
        return change_recurring_job(row.pk, by=by, **values)
    return row


def list_recurring_jobs(queue: object | None = None, *, tenants: Collection[str] | None = None) -> list[RecurringJob]:
    """Recurring jobs of all queues or one, of all tenants or these, by queue and name."""
    rows = RecurringJob.objects.all()
    if queue is not None:
        rows = rows.filter(queue=registry.get(queue).name)
    if tenants is not None:
        rows = rows.filter(tenant__in=list(tenants))
    return list(rows)


def remove_recurring_job(
    queue: object, name: str, *, by: Any = None, reason: str = "", tenants: Collection[str] | None = None
) -> None:
    """Remove a recurring job; its ticks and jobs stay on record. Raises :class:`RecurringJobNotFound`."""
    with transaction.atomic():
        row = _locked(tenants, queue=registry.get(queue).name, name=name)
        audit.record(
            by, "remove", "recurring_job", row.pk, queue=row.queue, tenant=row.tenant, reason=reason,
            before=describe(row),
        )  # fmt: skip
        row.delete()


def change_recurring_job(
    recurring_job_id: int,
    *,
    by: Any = None,
    reason: str = "",
    tenants: Collection[str] | None = None,
    **changes: Any,
) -> RecurringJob:
    """Change ``cron``, ``timezone``, ``data``, ``misfire``, ``priority`` or ``enabled``; takes effect within 2 s.

    Ticks that were due before and that no scheduler came to are recorded as missed. Once a person has changed it, the
    settings and code that made it leave it alone. Raises as :func:`schedule_recurring_job`.
    """
    with transaction.atomic():
        row = _locked(tenants, pk=recurring_job_id)
        values = _checked(row.queue, changes)
        if not _differs(row, values):
            return row
        before = describe(row)
        close_span(row, clock())
        for field, value in values.items():
            setattr(row, field, value)
        row.revision += 1
        row.updated_at = clock()
        if by is not None:
            row.edited_by = by.get_username()
        row.save()
        if by is not None:
            audit.record(
                by, "change", "recurring_job", row.pk, queue=row.queue, tenant=row.tenant, reason=reason,
                before=before, after=describe(row),
            )  # fmt: skip
    return row


def enable_recurring_job(
    recurring_job_id: int, *, by: Any = None, reason: str = "", tenants: Collection[str] | None = None
) -> RecurringJob:
    """Let it run again from its next tick on."""
    return change_recurring_job(recurring_job_id, by=by, reason=reason, tenants=tenants, enabled=True)


def disable_recurring_job(
    recurring_job_id: int, *, by: Any = None, reason: str = "", tenants: Collection[str] | None = None
) -> RecurringJob:
    """Let it rest: no tick makes a job, and none of the time of rest is made up for."""
    return change_recurring_job(recurring_job_id, by=by, reason=reason, tenants=tenants, enabled=False)


def ensure(
    queue: str, name: str, values: Mapping[str, Any], *, source: str, by: Any = None
) -> tuple[RecurringJob, bool]:
    """The row of this queue and name, and whether this call made it, with ``values`` as :func:`_checked` gives them."""
    found = RecurringJob.objects.filter(queue=queue, name=name).first()
    if found is not None:
        return found, False
    try:
        with transaction.atomic():
            row = RecurringJob.objects.create(
                queue=queue, name=name, source=source, reconciled_until=clock(),
                edited_by=by.get_username() if by is not None else "", **values,
            )  # fmt: skip
            if by is not None:
                audit.record(by, "create", "recurring_job", row.pk, queue=queue, tenant=row.tenant, after=describe(row))
            return row, True
    except IntegrityError:
        # Somebody else was first.
        return RecurringJob.objects.get(queue=queue, name=name), False


def describe(row: RecurringJob) -> dict[str, Any]:
    """What the audit keeps of a recurring job."""
    return {"name": row.name, **{field: getattr(row, field) for field in CHANGEABLE}}


def _checked(queue: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are stored, and the tenant of the data."""
    values = dict(given)
    if "cron" in values:
        values["cron"] = crons.parse(values["cron"])
    if "timezone" in values:
        values["timezone"] = crons.zone(values["timezone"]).key
    if "data" in values:
        _, values["data"], values["tenant"] = adding.check(queue, values["data"])
    if values.get("misfire", "skip") not in _MISFIRE:
        raise crons.InvalidSchedule({"misfire": f"must be one of {', '.join(_MISFIRE)}."})
    priority = values.get("priority")
    if priority is not None and priority not in list(JobPriority):
        raise crons.InvalidSchedule({"priority": "must be 0 (critical), 1 (high), 2 (normal) or 3 (low)."})
    unknown = sorted(set(values) - {*CHANGEABLE, "tenant"})
    if unknown:
        raise crons.InvalidSchedule({unknown[0][:100]: f"cannot be changed; only {', '.join(CHANGEABLE)} can."})
    return values


def _differs(row: RecurringJob, values: Mapping[str, Any]) -> bool:
    return any(getattr(row, field) != value for field, value in values.items())


def _name(name: object) -> str:
    if not isinstance(name, str) or not 0 < len(name.strip()) <= LONGEST_NAME or _CONTROL.search(name):
        raise crons.InvalidSchedule({"name": f"must be 1 to {LONGEST_NAME} printable characters."})
    return name.strip()


def _default_name(values: Mapping[str, Any]) -> str:
    """A name that differs where the schedule or the data do."""
    text = json.dumps(values["data"], sort_keys=True).encode()
    mark = hashlib.sha256(text).hexdigest()[:8]
    return f"{values['cron']} {values['timezone']} #{mark}"


def _locked(tenants: Collection[str] | None, **which: Any) -> RecurringJob:
    rows = RecurringJob.objects.select_for_update().filter(**which)
    row = (rows if tenants is None else rows.filter(tenant__in=list(tenants))).first()
    if row is None:
        raise RecurringJobNotFound(which.get("name", which.get("pk")))
    return row
