"""A number of its own for each test process, given back by the kernel when the process ends."""

import fcntl
from pathlib import Path

from settings.embedded.places import open_lock, try_lock
from settings.embedded.valkey import DATABASES

_taken: dict[Path, tuple[int, int]] = {}


def take_slot(local_dir: Path) -> int:
    """Return this process's number, 1 to 511: its Redis database and the name of its test database."""
    if local_dir not in _taken:
        folder = local_dir / "slots"
        folder.mkdir(parents=True, exist_ok=True)
        for slot in range(1, DATABASES):
            lock = open_lock(folder / str(slot))
            if try_lock(lock, fcntl.LOCK_EX):
                _taken[local_dir] = slot, lock
                break
        else:
            raise RuntimeError(f"All {DATABASES - 1} slots below {folder} are taken by running tests.")
    return _taken[local_dir][0]
