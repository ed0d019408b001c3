"""``python -m bench [--quick] [--rows adding throughput latency weight] [--only ours stock recorded]``."""

import argparse
import time
from pathlib import Path

from bench.contenders import all_contenders
from bench.results import Row, machine, write
from bench.rows import adding, latency, throughput, weight
from bench.scale import FULL, QUICK
from bench.servers import own_servers

ROWS = {"adding": adding, "throughput": throughput, "latency": latency, "weight": weight}


def main() -> None:
    """Measure, print the table, and write it with its JSON."""
    parser = argparse.ArgumentParser(
        prog="bench", description="Compare this project with stock Dramatiq, here and now."
    )
    parser.add_argument("--quick", action="store_true", help="one run of each, fewer jobs")
    parser.add_argument("--rows", nargs="+", choices=ROWS, default=list(ROWS), help="what to measure")
    parser.add_argument("--only", nargs="+", default=None, help="contenders to measure")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results", help="folder of the results")
    chosen = parser.parse_args()
    scale = QUICK if chosen.quick else FULL
    rows: list[Row] = []
    with own_servers() as servers:
        contenders = [one for one in all_contenders(servers).values() if not chosen.only or one.name in chosen.only]
        where = machine(servers.versions(), servers.fsync_ms())
        for contender in contenders:
            contender.client("migrate")
        for name in chosen.rows:
            began = time.monotonic()
            rows += ROWS[name].measure(contenders, scale)
            print(f"{name}: measured in {time.monotonic() - began:.0f} s", flush=True)
    table = write(chosen.output, rows, where, {one.name: one.label for one in contenders}, scale.repeat)
    print(f"\n{table.read_text()}\nWritten to {table.parent}.")


if __name__ == "__main__":
    main()
