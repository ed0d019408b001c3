"""The bench's table says what was measured, flattering or not."""

import json
from pathlib import Path

from bench.results import Row, markdown, write


def row(*, higher_is_better: bool = True, **runs: list[float | None]) -> Row:
    return Row("noop", "no-op jobs", "jobs/s", higher_is_better, runs=runs)


def test_a_figure_is_the_median_of_its_runs() -> None:
    assert row(ours=[3000.0, 1000.0, 2000.0]).median("ours") == 2000
    assert row(ours=[]).median("ours") is None


def test_a_run_that_did_not_finish_is_not_hidden_by_those_that_did() -> None:
    found = row(stock=[5.0, None, 5.0])

    assert found.median("stock") is None
    assert found.shown("stock") == "not in time"
    assert found.shown("recorded") == "–"


def test_the_ratio_says_how_often_ours_is_as_good() -> None:
    assert row(ours=[5000.0], stock=[2000.0]).ratio() == "2.5 ×"
    assert row(ours=[5.0], stock=[20.0], higher_is_better=False).ratio() == "4 ×"
    assert row(ours=[1000.0], stock=[2000.0]).ratio() == "0.5 ×"
    assert row(ours=[1.0]).ratio() == ""


def test_both_files_hold_every_row(tmp_path: Path) -> None:
    rows = [row(ours=[1234.5], stock=[None])]
    labels = {"ours": "this project", "stock": "Dramatiq"}

    table = write(tmp_path, rows, {"cpus": 2}, labels, repeat=1)

    assert table.read_text() == markdown(rows, {"cpus": 2}, labels, 1)
    assert "| no-op jobs | jobs/s | 1,234 | not in time |  |" in table.read_text()
    found = json.loads(table.with_suffix(".json").read_text())
    assert found["rows"][0]["runs"] == {"ours": [1234.5], "stock": [None]}
    assert found["rows"][0]["median"] == {"ours": 1234.5, "stock": None}
