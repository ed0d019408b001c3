"""Ids of jobs: UUID version 7 (RFC 9562), so that rows of one time lie together in the index."""

import os
import time
from uuid import UUID

_MS_NS = 1_000_000
_RANDOM = (1 << 62) - 1
#: The newest stamp of this process: milliseconds and 4,096ths of one.
_newest = 0


def uuid7() -> UUID:
    """A new id: 60 bits of Unix time to 1/4096 ms, then 62 random bits.

    Ids of one process ascend even within an instant (RFC 9562, method 3), so jobs added together, due in the same
    millisecond, keep their order. Two threads may share a stamp: the random bits keep their ids apart.
    """
    global _newest  # noqa: PLW0603  one ascending row of stamps a process
    _newest = stamp = max(time.time_ns() * 4096 // _MS_NS, _newest + 1)
    tail = int.from_bytes(os.urandom(8), "big") & _RANDOM
    return UUID(int=(stamp >> 12) << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64 | 0x2 << 62 | tail)
