"""What was measured, as one table for people and one file for machines."""

import json
import platform
import statistics
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil


@dataclass
class Row:
    """One figure of every contender; each value is the median of its runs, None: not finished in time."""

    key: str
    label: str
    unit: str
    higher_is_better: bool
    runs: dict[str, list[float | None]] = field(default_factory=dict)
    note: str = ""

    def add(self, contender: str, value: float | None) -> None:
        """Take one run's figure."""
        self.runs.setdefault(contender, []).append(value)

    def median(self, contender: str) -> float | None:
        """The median, None if a run did not finish or there is none."""
        values = self.runs.get(contender, [])
        finished = [value for value in values if value is not None]
        return statistics.median(finished) if finished and len(finished) == len(values) else None

    def shown(self, contender: str) -> str:
        """The figure for people."""
        if contender not in self.runs:
            return "–"
        value = self.median(contender)
        return "not in time" if value is None else number(value)

    def ratio(self) -> str:
        """How ours compares with stock."""
        ours, stock = self.median("ours"), self.median("stock")
        if not ours or not stock:
            return ""
        better = ours / stock if self.higher_is_better else stock / ours
        return f"{better:.2g} ×"


def number(value: float) -> str:
    """Three digits that matter."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def machine(servers: dict[str, str], fsync_ms: float) -> dict[str, Any]:
    """Where it was measured."""
    return {
        "cpus": psutil.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        **servers,
        "fdatasync_ms": round(fsync_ms, 3),
        "load_before": round(psutil.getloadavg()[0], 2),
    }


def markdown(rows: list[Row], where: dict[str, Any], labels: dict[str, str], repeat: int) -> str:
    """The table, and what to know when reading it."""
    lines = [
        f"Medians of {repeat} run{'s' if repeat > 1 else ''}; two worker processes of eight threads each.",
        "",
        ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in where.items()),
        "",
        f"| | unit | {' | '.join(labels.values())} | as good as stock |",
        f"|---|---|{'---|' * len(labels)}---|",
    ]
    lines += [
        f"| {row.label} | {row.unit} | {' | '.join(row.shown(name) for name in labels)} | {row.ratio()} |"
        for row in rows
    ]
    notes = [f"- {row.label}: {row.note}" for row in rows if row.note]
    return "\n".join([*lines, "", *notes, ""])


def write(folder: Path, rows: list[Row], where: dict[str, Any], labels: dict[str, str], repeat: int) -> Path:
    """Write both files; return the table's path."""
    folder.mkdir(parents=True, exist_ok=True)
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    found = [{**asdict(row), "median": {name: row.median(name) for name in row.runs}} for row in rows]
    (folder / f"{stamp}.json").write_text(json.dumps({"machine": where, "repeat": repeat, "rows": found}, indent=1))
    table = folder / f"{stamp}.md"
    table.write_text(markdown(rows, where, labels, repeat))
    return table
