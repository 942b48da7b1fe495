"""A real Feast project and its registry server, in Feast's own environment."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, cast

import httpx

from app.demo.scratch import free_port
from tests.needs import ROOT, need

BIN: Final = ROOT / ".workflow-venv" / "bin"
PROJECT: Final = ROOT / "story" / "feature_repo"
DRIVE: Final = ROOT / "tests" / "workflow" / "feast" / "drive.py"
PATIENCE_S: Final = 90.0


def need_feast() -> None:
    """Leave a test out, loudly, where Feast is not here."""
    need("Feast", here=(BIN / "feast").exists(), get_it="run `make workflow`")


def copied(folder: Path) -> Path:
    """Copy the project to where it may keep its registry."""
    need_feast()
    return Path(shutil.copytree(PROJECT, folder / "loans"))


class Feast:
    """A Feast that does as it is told, see feast/drive.py; one process, for importing it takes longest."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        """Keep the process; `driven` starts one."""
        self._process = process
        self._log = log

    def do(self, *words: str) -> None:
        """Have something done, and wait for it."""
        to, out = cast("IO[str]", self._process.stdin), cast("IO[str]", self._process.stdout)
        to.write(" ".join(words) + "\n")
        to.flush()
        for line in out:
            if line == "done\n":
                return
        raise AssertionError(self._log.read_text()[-3000:])


@contextmanager
def driven(project: Path) -> Iterator[Feast]:
    """Start a Feast in a project, until the block ends."""
    log = project / "feast.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [str(BIN / "python"), str(DRIVE)],
            cwd=project, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True,
        )  # fmt: skip
    try:
        yield Feast(process, log)
    finally:
        process.kill()
        process.communicate()


@contextmanager
def serving(project: Path) -> Iterator[str]:
    """Run a project's registry server until the block ends; gives its address."""
    port = free_port()
    command = [str(BIN / "feast"), "serve_registry", "--rest-api", "--no-grpc", "--rest-port", str(port)]
    log = project / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen([*command, "-h", "127.0.0.1"], cwd=project, stdout=output, stderr=output)
    url, end = f"http://127.0.0.1:{port}", time.monotonic() + PATIENCE_S
    try:
        while not _answers(url):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/api/v1/version").status_code == 200
    except httpx.TransportError:
        return False
