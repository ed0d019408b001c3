"""A file that names the process that runs, as process managers ask for."""

import contextlib
import os
from pathlib import Path

from queues.errors import QueueError


class PidFileInUse(QueueError):
    """The pid file names another process that runs, or is no pid file; nothing was started."""


class PidFile:
    """Holds a file with this process's pid while it is entered; without a path it does nothing."""

    def __init__(self, path: str | None) -> None:
        self._path = Path(path) if path else None

    def __enter__(self) -> None:
        if self._path is None:
            return
        with contextlib.suppress(FileNotFoundError):
            text = self._path.read_text().strip()
            if not text.isdigit():
                raise PidFileInUse(f"{self._path} holds no pid; name another file, or remove it.")
            if _is_alive(int(text)):
                raise PidFileInUse(f"{self._path}: process {text} runs already. Stop it first.")
        self._path.write_text(str(os.getpid()))

    def __exit__(self, *error: object) -> None:
        if self._path is not None:
            self._path.unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
