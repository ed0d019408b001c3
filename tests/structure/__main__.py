"""`python -m tests.structure`: fail on a source file that is too long to be one capability."""

import subprocess
import sys
from pathlib import Path

#: Longest file, lines.
LONGEST = 300
SUFFIXES = {".py", ".lua", ".sql", ".html", ".css", ".js"}


def too_long(root: Path) -> list[str]:
    """Return one line for each tracked or new file over the limit."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    found = []
    for name in listed.stdout.splitlines():
        path = root / name
        if path.suffix in SUFFIXES and path.exists() and (lines := len(path.read_text().splitlines())) > LONGEST:
            found.append(f"{name}: {lines} lines; more than {LONGEST} are two capabilities, so split it.")
    return found


def main() -> None:
    """Print what is too long and exit 1 if anything is."""
    found = too_long(Path(__file__).resolve().parent.parent.parent)
    print("\n".join(found) or f"No file has more than {LONGEST} lines.")  # noqa: T201
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
