"""Finds a free TCP port, if possible always the same."""

import socket
import sys
from pathlib import Path


def free_port(remembered: Path) -> int:
    """Return a free loopback port, the one of last time if it still is: running clients then find the server again."""
    try:
        wished = int(remembered.read_text())
    except (OSError, ValueError):
        wished = 0
    for port in (wished, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            chosen: int = probe.getsockname()[1]
            remembered.write_text(str(chosen))
            return chosen
    sys.exit("There is no free TCP port on 127.0.0.1.")
