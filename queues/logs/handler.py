"""Writes log lines to the process's own standard error, whatever became of who reads it."""

import logging
import os

#: File descriptor of standard error.
STDERR = 2


class LineHandler(logging.Handler):
    """One ``write`` a line, straight to the file descriptor.

    Dramatiq replaces ``sys.stderr`` of a worker by a pipe to its master, and a worker whose master was killed must
    still be able to work: so the descriptor itself is used, and an error in writing a log line is nobody's error.
    """

    def __init__(self, fd: int = STDERR) -> None:
        super().__init__()
        self._fd = fd

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        try:
            data = (self.format(record) + "\n").encode("utf-8", "backslashreplace")
            while data:
                data = data[os.write(self._fd, data) :]
        except OSError:
            return
        except Exception:  # noqa: BLE001  as logging's own handlers do
            self.handleError(record)
