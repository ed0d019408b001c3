"""Stops every set of servers below a folder: `python -m settings.embedded.stop_all .local`."""

import sys
from pathlib import Path

from settings.embedded.client import stop


def main(folder: Path) -> None:
    """Stop the servers of the folder itself and of those in it."""
    for services in (folder / "services.json", *folder.glob("*/services.json")):
        stop(services.parent)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
