"""Percentiles: bounded error, order, and the same buckets in Python and PostgreSQL."""

import math

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from queues.counts import histogram

#: The 43 days that buckets cover.
durations = st.floats(min_value=0, max_value=2**31, allow_nan=False)


@given(st.lists(durations, min_size=1, max_size=200), st.floats(min_value=0.01, max_value=1.0))
def test_a_percentile_is_within_a_bucket_of_the_truth(values: list[float], share: float) -> None:
    exact = sorted(values)[max(math.ceil(share * len(values)) - 1, 0)]

    found = histogram.percentile(histogram.of(values), share)

    assert found is not None
    low = 0.0 if exact < 1 else exact / 2 ** (1 / histogram.PER_OCTAVE)
    assert low - 1e-9 <= found <= max(exact, 1.0) * 2 ** (1 / histogram.PER_OCTAVE) + 1e-9


@given(st.lists(durations, min_size=1, max_size=100))
def test_percentiles_rise_with_their_share(values: list[float]) -> None:
    counts = histogram.of(values)
    found = [histogram.percentile(counts, share) for share in (0.1, 0.5, 0.95, 0.99, 1.0)]

    assert found == sorted(found, key=lambda value: value or 0.0)


@given(st.lists(durations), st.lists(durations))
def test_adding_histograms_is_the_histogram_of_both(left: list[float], right: list[float]) -> None:
    assert histogram.add(histogram.of(left), histogram.of(right)) == histogram.of(left + right)


def test_nothing_has_no_percentile() -> None:
    assert histogram.percentile([], 0.5) is None
    assert histogram.percentile([0, 0], 0.5) is None


@pytest.mark.django_db
def test_postgresql_puts_durations_into_the_same_buckets() -> None:
    values = [0.0, 0.5, 0.999, 1.0, *histogram.BOUNDS, *(bound * 1.0001 for bound in histogram.BOUNDS), 2.0**40]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT width_bucket(ms, %s::float8[]) FROM unnest(%s::float8[]) WITH ORDINALITY AS t (ms, n) ORDER BY n",
            [list(histogram.BOUNDS), values],
        )
        found = [row[0] for row in cursor.fetchall()]

    assert found == [histogram.bucket(value) for value in values]
