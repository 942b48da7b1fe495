"""How does a test read docker-compose.yml? Through the compose client, as whoever starts it does."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from tests.needs import ROOT, need

FILE: Final = ROOT / "docker-compose.yml"
SECRETS: Final = {
    "HEADWATER_API_KEY": "k" * 24,
    "HEADWATER_GATEWAY_KEY": "g" * 24,
    "NEO4J_PASSWORD": "n" * 24,
    "MARQUEZ_DB_PASSWORD": "m" * 24,
    "HEADWATER_MARQUEZ_PASSWORD": "r" * 24,
}
PROFILES: Final = ("follow", "front", "gateway")
"""Arrangements that are started when they are asked for."""

Config = dict[str, Any]


def client() -> list[str]:
    """Find the compose client: the plugin, else the command; without either the test is left out."""
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]) is None:
            continue
        tried = subprocess.run([*command, "version"], capture_output=True, check=False)
        if tried.returncode == 0:
            return command
    need("a compose client", here=False, get_it="install Debian's package `docker-compose`")
    return []


def read(
    variables: Mapping[str, str], folder: Path, *, profiles: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Let the client read the file with these variables and no others of ours."""
    chosen = [word for profile in profiles for word in ("--profile", profile)]
    (folder / "env").write_text("".join(f"{name}={value}\n" for name, value in variables.items()))
    known = {"HOME": str(folder), "PATH": os.environ["PATH"]}
    return subprocess.run(
        [*client(), *chosen, "--env-file", str(folder / "env"), "-f", str(FILE), "config"],
        capture_output=True, text=True, check=False, env=known, cwd=ROOT,
    )  # fmt: skip


def whole(done: subprocess.CompletedProcess[str]) -> Config:
    """Take what the client understood."""
    assert done.returncode == 0, done.stderr
    found: Config = yaml.safe_load(done.stdout)
    return found
