"""Which parts of the documents are generated, and what do the examples in them print?

`python -m tests.documents` (part of `make docs`) brings them up to date: the table of settings in
docs/operations.md, and the output of every example in README.md, taken from a real server.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import httpx
from pydantic_core import PydanticUndefined

from app.demo.pretty import pretty
from app.demo.scratch import COMMAND, Server, serving
from app.settings import Settings
from tests.needs import ROOT

README: Final = ROOT / "README.md"
OPERATIONS: Final = ROOT / "docs" / "operations.md"
ADDRESS: Final = "http://127.0.0.1:8020"
WIDTH: Final = 100
_SETTINGS: Final = re.compile(r"(<!-- settings:.*?-->\n).*?(<!-- end of settings -->)", re.DOTALL)
_EXAMPLE: Final = re.compile(
    r"```console\n(?P<console>.*?)```|```graphql\n(?P<query>.*?)```\n\n```json\n.*?```", re.DOTALL
)


def settings_table() -> str:
    """Write every setting with its default and its meaning."""
    rows = ["| variable | default | meaning |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        rows.append(f"| `HEADWATER_{name.upper()}` | {_default(field.default)} | {field.description} |")
    return "\n".join(rows) + "\n"


def _default(value: object) -> str:
    if value is None or value is PydanticUndefined:
        return ""
    text = value.get_secret_value() if hasattr(value, "get_secret_value") else str(value)
    return f"`{text}`" if text else ""


def with_settings(text: str) -> str:
    """Put the table of settings into its place."""
    return _SETTINGS.sub(lambda found: found[1] + settings_table() + found[2], text)


def commands(block: str) -> list[tuple[str, str]]:
    """Split a console block into commands and their output."""
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    joined = (part.replace("\\\n", "\\\0") for part in parts)  # a command may go on after a backslash
    split = (part.partition("\n") for part in joined)
    return [(command.replace("\\\0", "\\\n"), output.replace("\\\0", "\\\n")) for command, _, output in split]


def run(server: Server, command: str) -> str:
    """Run one command of the README against the server, in the project's folder."""
    real = command.replace(ADDRESS, server.url)
    words = shlex.split(real)
    if words[0].endswith("headwater"):
        real = shlex.join([COMMAND, *words[1:], "--server", server.url])
    env = {**os.environ, "COLUMNS": str(WIDTH), "NO_COLOR": "1"}
    done = subprocess.run(
        ["bash", "-c", real], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    shown = (done.stdout + done.stderr).replace(server.url, ADDRESS).rstrip() + "\n"
    return re.sub(r"\([0-9.]+ s\)", "(0.9 s)", shown)  # how long it took differs from run to run


def answer(server: Server, query: str) -> str:
    """Ask a GraphQL query of the README."""
    data = httpx.post(f"{server.url}/graphql", json={"query": query}, timeout=30).json()
    return pretty(data) + "\n"


def with_outputs(text: str, server: Server) -> str:
    """Put the true output of every example into its place, in order."""

    def example(found: re.Match[str]) -> str:
        if found["query"] is not None:
            return f"```graphql\n{found['query']}```\n\n```json\n{answer(server, found['query'])}```"
        shown = []
        for command, output in commands(found["console"]):
            true = output if command.startswith("make ") else run(server, command)
            shown.append(f"$ {command}\n{true}")
        return f"```console\n{''.join(shown)}```"

    return _EXAMPLE.sub(example, text)


def rewrite(path: Path, change: Callable[[str], str]) -> None:
    path.write_text(change(path.read_text()))


def main() -> int:
    rewrite(OPERATIONS, with_settings)
    with tempfile.TemporaryDirectory() as scratch, serving(Path(scratch) / "home") as server:
        rewrite(README, lambda text: with_outputs(text, server))
    return 0


if __name__ == "__main__":
    sys.exit(main())
