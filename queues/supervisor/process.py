"""One supervised process: starting it, its output line by line, its end."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_LEASH = str(Path(__file__).with_name("leash.py"))
#: Longest line that is passed on whole, bytes; what is longer comes in pieces.
_LINE_LIMIT = 65_536


@dataclass(frozen=True, slots=True)
class Program:
    """What to run, and how it is treated."""

    #: Stands before its lines of output.
    name: str
    argv: tuple[str, ...]
    #: Set or changed in the environment.
    environment: Mapping[str, str] = field(default_factory=dict)
    #: Whether it is started again when it ends.
    restart: bool = True
    #: Sent to its own pid, once, to ask it to stop.
    stop_signal: signal.Signals = signal.SIGTERM
    #: Signal that the kernel sends it when the supervisor dies.
    orphan_signal: signal.Signals = signal.SIGTERM


class Process:
    """A program that runs, in a session of its own, so that a terminal's Ctrl-C reaches only the supervisor."""

    def __init__(self, program: Program) -> None:
        """Start it. Its output is read with :meth:`lines` from the descriptor ``fileno()``."""
        self.program = program
        self.started_at = time.monotonic()
        self._asked = False
        self._partial = b""
        leash = [sys.executable, "-I", "-S", _LEASH, str(os.getpid()), str(int(program.orphan_signal))]
        self._popen = subprocess.Popen(  # noqa: S603  the program's own command line
            [*leash, *program.argv],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **program.environment},
            start_new_session=True,
        )
        assert self._popen.stdout is not None  # noqa: S101  asked for above
        self._output = self._popen.stdout
        os.set_blocking(self._output.fileno(), False)
        self.pid = self._popen.pid

    def fileno(self) -> int:
        """The descriptor of its output."""
        return self._output.fileno()

    def ended(self) -> int | None:
        """Its exit code (negative: the signal that ended it), or None while it runs."""
        return self._popen.poll()

    def lines(self) -> tuple[list[bytes], bool]:
        """Lines that have come since, without their ends, and whether its output has ended."""
        ended = False
        while True:
            try:
                data = os.read(self.fileno(), _LINE_LIMIT)
            except BlockingIOError:
                break
            if not data:
                ended = True
                break
            self._partial += data
            if len(self._partial) >= _LINE_LIMIT:
                break
        *lines, self._partial = self._partial.split(b"\n")
        if self._partial and (ended or len(self._partial) >= _LINE_LIMIT):
            lines.append(self._partial)
            self._partial = b""
        return lines, ended

    def signal(self, signum: int) -> None:
        """Send a signal to the process itself, not to what it started."""
        with contextlib.suppress(ProcessLookupError):
            self._popen.send_signal(signum)

    def ask_to_stop(self) -> None:
        """Send its stop signal, the first time only: Dramatiq takes a second one for "abandon what runs"."""
        if not self._asked:
            self._asked = True
            self.signal(self.program.stop_signal)

    def kill(self) -> None:
        """End it, and whatever it started in its session, at once."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait()

    @property
    def closed(self) -> bool:
        """Whether its output was let go of."""
        return self._output.closed

    def close(self) -> None:
        """Let go of its output."""
        self._output.close()
