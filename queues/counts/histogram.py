"""Durations by logarithmic bucket: small to store, cheap to add up, percentiles within 10 % of the truth."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence

#: Buckets between a duration and its double.
PER_OCTAVE = 4
#: Lower bounds of all buckets but the first, milliseconds: 1 ms to 43 days. Bucket 0 holds what took less than 1 ms.
BOUNDS: tuple[float, ...] = tuple(2 ** (number / PER_OCTAVE) for number in range(32 * PER_OCTAVE))


def bucket(ms: float) -> int:
    """The bucket of a duration in milliseconds; PostgreSQL's ``width_bucket(ms, BOUNDS)`` says the same."""
    return bisect_right(BOUNDS, ms)


def add(left: Sequence[int], right: Sequence[int]) -> list[int]:
    """The sum of two histograms, which may be of different lengths."""
    longer, shorter = (left, right) if len(left) >= len(right) else (right, left)
    return [count + (shorter[place] if place < len(shorter) else 0) for place, count in enumerate(longer)]


def of(durations_ms: Iterable[float]) -> list[int]:
    """The histogram of some durations in milliseconds."""
    return from_buckets((bucket(ms), 1) for ms in durations_ms)


def from_buckets(counted: Iterable[tuple[int, int]]) -> list[int]:
    """The histogram of pairs (bucket, count); a bucket may come more than once."""
    counts: list[int] = []
    for place, count in counted:
        if place >= len(counts):
            counts.extend([0] * (place + 1 - len(counts)))
        counts[place] += count
    return counts


def percentile(histogram: Sequence[int], share: float) -> float | None:
    """The duration in milliseconds that ``share`` (0.0 to 1.0) of the durations do not exceed; None of an empty one."""
    total = sum(histogram)
    if total == 0:
        return None
    rank = max(share * total, 1.0)
    seen = 0
    for place, count in enumerate(histogram):
        if count and seen + count >= rank:
            return _within(place, (rank - seen) / count)
        seen += count
    return _within(len(histogram) - 1, 1.0)


def _within(place: int, share: float) -> float:
    """The duration ``share`` of the way through a bucket, on its logarithmic scale."""
    if place == 0:
        return share * BOUNDS[0]
    return float(BOUNDS[place - 1] * 2 ** (share / PER_OCTAVE))
