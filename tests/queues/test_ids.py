"""Ids of jobs."""

import time
from uuid import RFC_4122

from queues.ids import uuid7


def test_ids_ascend_within_an_instant_and_tell_their_time() -> None:
    # Jobs added together are due in the same millisecond; their ids alone keep their order.
    before = time.time_ns() // 1_000_000
    ids = [uuid7() for _ in range(20_000)]

    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)
    assert {(made.version, made.variant) for made in ids} == {(7, RFC_4122)}
    assert before <= ids[0].int >> 80 <= time.time_ns() // 1_000_000
