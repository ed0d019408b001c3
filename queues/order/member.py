"""Members: what stands in Redis for one job, and the keys they stand in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

_MEMBER = re.compile(
    rb"(\d{1,15})\|([0-3])\|([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\|(.*)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Member:
    """A job as Redis knows it: place in its flow (ms since the epoch), priority, id, tenant."""

    due_ms: int
    priority: int
    id: UUID
    tenant: str

    def encode(self) -> str:
        """The member's text: ``<due ms>|<priority>|<id>|<tenant>``."""
        return f"{self.due_ms}|{self.priority}|{self.id}|{self.tenant}"


def member_text(due_ms: int, priority: int, job_id: UUID, tenant: str) -> str:
    """The member's text, without making a :class:`Member`."""
    return f"{due_ms}|{priority}|{job_id}|{tenant}"


def parse(raw: bytes) -> Member | None:
    """The member of a text from Redis; None for garbage."""
    match = _MEMBER.fullmatch(raw)
    if match is None:
        return None
    due, priority, job_id, tenant = match.groups()
    try:
        return Member(int(due), int(priority), UUID(job_id.decode()), tenant.decode())
    except ValueError:
        return None


def id_of(raw: bytes) -> str | None:
    """The job id in a member's text, in canonical form; None for garbage."""
    match = _MEMBER.fullmatch(raw)
    return match[3].decode() if match else None


def base_key(queue: str) -> str:
    """Base of a queue's keys; its hash tag keeps them in one slot of a Redis Cluster."""
    return f"{settings.QUEUES.key_prefix}:{{{queue}}}:"
