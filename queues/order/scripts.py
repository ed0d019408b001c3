"""One typed function for each script of ``lua/``; the scripts' own heads say what they do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple, TypeVar
from uuid import UUID

from queues.order.client import RUN_ID, OrderClient
from queues.order.member import base_key

T = TypeVar("T")

#: Most members one call carries, so that Redis is never blocked longer than some 5 ms.
PUBLISH_MAX, SETTLE_MAX, MISSING_MAX, RESCUE_MAX, FETCH_MAX = 1000, 256, 2000, 100, 256


class Placed(NamedTuple):
    """A member and where it belongs: after ``delay_ms`` (0: now), or among the suspects."""

    member: str
    delay_ms: int
    suspect: bool = False


class Settled(NamedTuple):
    """An attempt to let go of. ``delay_ms`` None: the job is not to run again."""

    token: str
    member: str
    delay_ms: int | None
    suspect: bool = False


@dataclass(slots=True)
class Fetched:
    """The answer of a fetch. ``next_ms`` is -1 if no event is known."""

    status: str
    more: bool
    next_ms: int
    suspects: int
    members: list[bytes]


@dataclass(frozen=True, slots=True)
class OrderSettings:
    """What Redis must know of a queue's settings; 0 means no limit."""

    paused: bool
    cap: int
    rate_count: int
    rate_per_ms: int
    weights: tuple[int, int, int]
    paused_tenants: tuple[str, ...] = ()


def chunks(items: Iterable[T], size: int) -> Iterable[list[T]]:
    """``items`` in lists of at most ``size``."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def publish(client: OrderClient, queue: str, placed: Sequence[Placed]) -> int:
    """Tell Redis of waiting jobs; returns how many it did not know."""
    key, added = base_key(queue), 0
    for chunk in chunks(placed, PUBLISH_MAX):
        args = [part for item in chunk for part in (item.member, max(item.delay_ms, 0), int(item.suspect))]
        added += client.run("publish", key, *args)
    return added


def fetch(
    client: OrderClient, queue: str, token: str, count: int, *, lease_ms: int, not_after: int, alone: bool = False
) -> Fetched:
    """Ask for up to ``count`` members under ``token``; may be asked again with the same token."""
    answer = client.run(
        "fetch", base_key(queue), token, min(count, FETCH_MAX), lease_ms, not_after, RUN_ID, "alone" if alone else ""
    )
    return Fetched(answer[0].decode(), answer[1] == b"1", int(answer[2]), int(answer[3]), answer[5:])


def settle(client: OrderClient, queue: str, settled: Iterable[Settled]) -> int:
    """Let go of attempts; returns how many leases there were."""
    key, let_go = base_key(queue), 0
    for chunk in chunks(settled, SETTLE_MAX):
        done = [f"{item.token}|{item.member}" for item in chunk if item.delay_ms is None]
        args: list[object] = [len(done), *done]
        for item in chunk:
            if item.delay_ms is not None:
                args += (item.token, item.member, max(item.delay_ms, 0), int(item.suspect))
        let_go += client.run("settle", key, *args)
    return let_go


def renew(client: OrderClient, queue: str, lease_ms: int, held: Iterable[tuple[str, str]]) -> set[str]:
    """Extend the leases of (token, member) pairs; returns ids that somebody wants cancelled."""
    key, cancelled = base_key(queue), set()
    for chunk in chunks(held, PUBLISH_MAX):
        answer = client.run("renew", key, lease_ms, *[part for pair in chunk for part in pair])
        cancelled |= {job_id.decode() for job_id in answer}
    return cancelled


def expired(client: OrderClient, queue: str, limit: int = RESCUE_MAX) -> list[tuple[str, str]]:
    """(token, member) of leases that have ended."""
    answer = client.run("expired", base_key(queue), limit)
    pairs = (entry.decode(errors="surrogateescape").partition("|") for entry in answer)
    return [(token, member) for token, _, member in pairs]


def missing(client: OrderClient, queue: str, pairs: Sequence[tuple[str, str]]) -> list[int]:
    """Indexes of the (member, token of an active attempt or "") pairs that Redis does not know."""
    gone: list[int] = []
    for start in range(0, len(pairs), MISSING_MAX):
        part = pairs[start : start + MISSING_MAX]
        answer = client.run("missing", base_key(queue), *[text for pair in part for text in pair])
        gone += [start + int(number) - 1 for number in answer]
    return gone


def assert_settings(client: OrderClient, queue: str, wanted: OrderSettings) -> None:
    """Bring Redis's copy of the queue's settings in line."""
    limits = (wanted.cap, wanted.rate_count, wanted.rate_per_ms)
    client.run("settings", base_key(queue), int(wanted.paused), *limits, *wanted.weights, *wanted.paused_tenants)


def begin_rebuild(client: OrderClient, queue: str, nonce: str) -> None:
    """Mark a queue as rebuilding: nothing is handed out."""
    client.run("epoch", base_key(queue), "begin", nonce, "")


def finish_rebuild(client: OrderClient, queue: str, nonce: str) -> bool:
    """Mark a queue as ready; False if the mark of this rebuild is gone (another flush)."""
    return bool(client.run("epoch", base_key(queue), "ready", nonce, RUN_ID))


def is_ready(client: OrderClient, queue: str) -> bool:
    """Whether the queue is ready on the server this connection talks to."""
    epoch = client.command("GET", base_key(queue) + "epoch")
    return isinstance(epoch, bytes) and bool(client.run_id) and epoch.startswith(f"ready:{client.run_id}:".encode())


def ask_cancel(client: OrderClient, queue: str, attempts: Iterable[tuple[UUID | None, UUID]]) -> None:
    """Ask whoever runs these (token, job id) attempts to stop."""
    for chunk in chunks(attempts, PUBLISH_MAX):
        client.run("cancel", base_key(queue), *[f"{token}|{job_id}" for token, job_id in chunk])


def heal(client: OrderClient, queue: str) -> int:
    """Delete keys of the wrong type, and the epoch; returns how many were deleted."""
    return int(client.run("heal", base_key(queue)))
