"""What other applications may hear of jobs."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import structlog
from django.db import transaction
from django.dispatch import Signal

log = structlog.get_logger(__name__)

#: Sent in the transaction that makes jobs fail for good, in the worker: ``jobs=[(queue, id), …]``. Receivers write in
#: the same transaction; one that raises is logged and its writes are undone, the failure stands.
jobs_failed = Signal()


def announce_failed(jobs: Sequence[tuple[str, UUID]]) -> None:
    """Tell the receivers of :data:`jobs_failed`, each in a savepoint of its own."""
    for receiver in list(jobs_failed._live_receivers(None)[0]):  # noqa: SLF001  send() would not isolate them
        try:
            with transaction.atomic():
                receiver(signal=jobs_failed, sender=None, jobs=list(jobs))
        except Exception:
            log.exception("jobs_failed_receiver", receiver=repr(receiver)[:200])
