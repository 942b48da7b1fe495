"""How is a PostgreSQL started, killed and started again, without a cluster of the system's?

In a folder of its own, on loopback, on a free port. It refuses to run as root: there it runs as `postgres`, else as `nobody`.
"""

from __future__ import annotations

import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import psycopg

from app.demo.scratch import free_port
from bench import processes
from tests.needs import need

OWNER: Final = "marquez"
START_S: Final = 60.0
FAST: Final = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "on", "max_connections": "60"}
"""Nobody needs the data after a fall of the machine. Commits wait as they do at a user's."""


def binaries() -> Path | None:
    """Find the newest PostgreSQL on this machine."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda path: [int(n) for n in re.findall(r"\d+", str(path))],
    )
    if found:
        return found[-1]
    initdb = shutil.which("initdb")
    return None if initdb is None else Path(initdb).parent


@dataclass
class Postgres:
    """A server: where it keeps its data and listens. The address outlives its restarts."""

    folder: Path
    binaries: Path
    port: int = field(default_factory=free_port)
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def url(self, database: str, user: str = OWNER, password: str | None = None, **options: str) -> str:
        """Give the address of a database, as a follower takes it."""
        secret = self.password if password is None else password
        login = f"{user}:{secret}" if secret else user
        return f"marquez://{login}@127.0.0.1:{self.port}/{database}" + (
            f"?{urlencode(options)}" if options else ""
        )

    def connect(self, database: str = "postgres", **options: Any) -> psycopg.Connection[Any]:
        """Connect as the owner of everything."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=OWNER,
            password=self.password,
            dbname=database,
            autocommit=True,
            **options,
        )

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = {**FAST, **self.settings, "port": str(self.port), "listen_addresses": "127.0.0.1"}
        settings["unix_socket_directories"] = str(self.folder)
        given = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            command = [str(self.binaries / "postgres"), "-D", str(self.folder / "data"), *given]
            self.process = subprocess.Popen(
                [*_as_somebody(), *command], stdout=log, stderr=log, cwd=self.folder
            )
        deadline = time.monotonic() + START_S
        while True:
            try:
                self.connect().close()
            except psycopg.OperationalError:
                assert self.process.poll() is None, (self.folder / "log").read_text()[-3000:]
                assert time.monotonic() < deadline, (self.folder / "log").read_text()[-3000:]
                time.sleep(0.05)
            else:
                return

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT ends sessions, SIGQUIT is a crash."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(START_S)
            self.process = None

    def freeze(self) -> list[int]:
        """Stop every process of it where it is; gives them, to be thawed."""
        assert self.process is not None
        found = [process.pid for process in processes.tree(self.process.pid)]
        for pid in found:
            os.kill(pid, signal.SIGSTOP)
        return found


def thaw(pids: list[int]) -> None:
    """Let processes go on."""
    for pid in pids:
        os.kill(pid, signal.SIGCONT)


@contextmanager
def started(settings: Mapping[str, str] | None = None) -> Iterator[Postgres]:
    """Run a server for the length of a block, in a folder that is removed afterwards."""
    found = binaries()
    need("PostgreSQL", here=found is not None, get_it="install Debian's package `postgresql`")
    assert found is not None
    folder = Path(tempfile.mkdtemp(prefix="headwater-postgres-"))
    server = Postgres(folder, found, settings=dict(settings or {}))
    try:
        _make(server)
        server.start()
        yield server
    finally:
        server.stop(signal.SIGQUIT)
        shutil.rmtree(folder, ignore_errors=True)


def _make(server: Postgres) -> None:
    secret = server.folder / "password"
    secret.write_text(server.password)
    user = _somebody()
    if user is not None:
        for path in (server.folder, secret):
            os.chown(path, user.pw_uid, user.pw_gid)
    made = [
        str(server.binaries / "initdb"),
        "-D",
        str(server.folder / "data"),
        "-U",
        OWNER,
        "--no-sync",
        "-E",
        "UTF8",
    ]
    done = subprocess.run(
        [*_as_somebody(), *made, "--locale=C", "--auth=scram-sha-256", f"--pwfile={secret}"],
        capture_output=True, text=True, check=False, cwd=server.folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def _somebody() -> pwd.struct_passwd | None:
    """Give who runs the server where tests run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None


def _as_somebody() -> list[str]:
    user = _somebody()
    if user is None:
        return []
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]
