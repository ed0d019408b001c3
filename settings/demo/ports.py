"""Which port the web server gets."""

import socket

#: Ports that are tried, from the wished one on.
TRIED = 100


class NoFreePort(RuntimeError):
    """All ports from the wished one on are taken."""


def first_free(wished: int) -> int:
    """Return the first port from `wished` on that nobody listens at; 0 means any. Raises NoFreePort."""
    for port in range(wished, min(wished + TRIED, 65_536)):
        if port and _answers(port):
            # Binding alone is not enough: some systems let a second server have the loopback address for itself.
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            chosen: int = probe.getsockname()[1]
            return chosen
    raise NoFreePort(f"No port from {wished} to {wished + TRIED - 1} is free on 127.0.0.1; name another with --port.")


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
