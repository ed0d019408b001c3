"""`python -m tests.sabotage [rule…]`: apply each patch to a copy of the tree and want its tests red.

Exits 1 if a test stayed green or a patch no longer applies. The checkout itself is never touched.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.sabotage.patches import DoesNotApply, Patch, all_patches

ROOT = Path(__file__).resolve().parent.parent.parent
#: Seconds after which a run counts as hung.
PATIENCE_S = 240
#: What pytest says when tests ran and failed; every other code but 0 means that they did not run.
RED = 1


def copy_tree(target: Path) -> None:
    """Copy what git knows or would add: no servers, no packages, no caches."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        source = ROOT / name
        if source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)


def verdict(patch: Patch, tree: Path) -> tuple[bool, str]:
    """Break the tree, run the tests, mend it; returns (whether they noticed, what was seen)."""
    try:
        former = patch.apply(tree)
    except DoesNotApply as error:
        return False, f"does not apply: {error}"
    database = "--create-db" if patch.new_database else "--reuse-db"
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", database, *patch.tests]
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1", "LOCAL_DIR": str(tree / ".local")}
    try:
        ran = subprocess.run(
            command, cwd=tree, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired:
        return False, f"hung for {PATIENCE_S} s"
    finally:
        (tree / patch.file).write_text(former)
        if patch.new_database:
            shutil.rmtree(tree / ".pytest_cache", ignore_errors=True)
    if ran.returncode == RED:
        failed = [line for line in ran.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        return True, (failed[0].split(" - ")[0].rpartition("::")[2] if failed else "red")
    if ran.returncode == 0:
        return False, "STAYED GREEN"
    return False, f"pytest ended with {ran.returncode}: {(ran.stdout + ran.stderr).strip()[-300:]}"


def main() -> None:
    """Break what was asked for, one after another, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m tests.sabotage", description=__doc__.splitlines()[0])
    parser.add_argument("rules", nargs="*", type=int, help="only these rules")
    asked = parser.parse_args().rules
    patches = [patch for patch in all_patches() if not asked or patch.rule in asked]
    failures = 0
    with tempfile.TemporaryDirectory(prefix="sabotage-") as folder:
        tree = Path(folder)
        tree.chmod(0o755)
        copy_tree(tree)
        try:
            for patch in patches:
                began = time.monotonic()
                noticed, seen = verdict(patch, tree)
                failures += not noticed
                mark = "red " if noticed else "FAIL"
                print(f"{mark} {patch.rule:2} {patch.name:58} {time.monotonic() - began:5.1f} s  {seen}", flush=True)  # noqa: T201
        finally:
            subprocess.run(
                [sys.executable, "-m", "settings.embedded.stop_all", str(tree / ".local")], cwd=tree, check=False
            )
    print(f"{len(patches) - failures} of {len(patches)} patches were noticed.")  # noqa: T201
    sys.exit(failures > 0 or not patches)


if __name__ == "__main__":
    main()
