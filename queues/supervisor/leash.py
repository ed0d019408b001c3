"""Ties a process to its parent: when the parent dies, however, the kernel sends it a signal.

Run as a script it ties itself and becomes the program that it is given: a death signal survives ``exec``, and setting
it here is safe where setting it between ``fork`` and ``exec`` of a process with threads is not. Imports nothing but the
standard library.
"""

import os
import signal
import sys

#: Linux's number for "send me this signal when my parent dies".
_PR_SET_PDEATHSIG = 1


def tie(parent: int, signum: int = signal.SIGTERM) -> bool:
    """Have ``signum`` sent to this process when its parent dies; whether this system can do so.

    If ``parent`` is not the parent any more it has died already, and the signal is sent at once. Where the system
    cannot (macOS), watch :func:`os.getppid`.
    """
    can = False
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415  only where it is used

        can = bool(ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signum), 0, 0, 0) == 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signum)
    return can


def main(argv: list[str]) -> None:
    """Become ``argv[3:]``, tied by signal ``argv[2]`` to the process ``argv[1]``."""
    tie(int(argv[1]), int(argv[2]))
    os.execvp(argv[3], argv[3:])  # noqa: S606  the supervisor's own command line


if __name__ == "__main__":
    main(sys.argv)
