"""Which parts of the documents are generated, and what do the examples in them print?

`python -m tests.documents` (part of `make docs`) brings them up to date: the table of settings in
docs/operations.md, the table of errors in docs/api.md, the output of every example in README.md and
docs/api.md, and the answers in the examples of OpenAPI, each taken from an empty server of its own.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import httpx
from pydantic_core import PydanticUndefined

from app.demo.pretty import WIDTH, pretty
from app.demo.scratch import COMMAND, Server, serving, wait_ready
from app.errors import ROWS
from app.openapi import operations
from app.openapi.document import EXAMPLES, examples
from app.settings import Settings
from tests.needs import ROOT

README: Final = ROOT / "README.md"
OPERATIONS: Final = ROOT / "docs" / "operations.md"
API: Final = ROOT / "docs" / "api.md"
IMPATIENT: Final = {"HEADWATER_AT_LEAST_TIMEOUT_S": "0.2"}
ADDRESS: Final = "http://127.0.0.1:8020"
_ERRORS: Final = re.compile(r"(<!-- errors:.*?-->\n).*?(<!-- end of errors -->)", re.DOTALL)
_SETTINGS: Final = re.compile(r"(<!-- settings:.*?-->\n).*?(<!-- end of settings -->)", re.DOTALL)
_EXAMPLE: Final = re.compile(
    r"```console\n(?P<console>.*?)```|```python\n(?P<python>.*?)```(?:\n\n```text\n.*?```)?|"
    r"```graphql\n(?P<query>.*?)```(?:\n\n```json\n.*?```)?",
    re.DOTALL,
)
_VARYING: Final = (
    (re.compile(r"\([0-9.]+ s\)"), "(0.9 s)"),
    (re.compile(r'"since": "[^"]*"'), '"since": "2026-05-03T09:00:00.000000Z"'),
    (re.compile(r'"pid": [0-9]+'), '"pid": 4711'),
    (re.compile(r'"received_at": "[^"]*"'), '"received_at": "2026-05-03T09:00:00.000000Z"'),
)
"""What differs from run to run, and how it is shown."""


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


def errors_table() -> str:
    """Write every error code with its status, its exit code and what to do next."""
    rows = ["| code | status | exit code | next step |", "| --- | --- | --- | --- |"]
    for code, row in ROWS.items():
        status = str(row.status) if row.over_http else ""
        rows.append(f"| `{code}` | {status} | {row.exit} | {row.then} |")
    return "\n".join(rows) + "\n"


def with_errors(text: str) -> str:
    """Put the table of errors into its place."""
    return _ERRORS.sub(lambda found: found[1] + errors_table() + found[2], text)


def commands(block: str) -> list[tuple[str, str]]:
    """Split a console block into commands and their output."""
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    joined = (part.replace("\\\n", "\\\0") for part in parts)  # a command may go on after a backslash
    split = (part.partition("\n") for part in joined)
    return [(command.replace("\\\0", "\\\n"), output.replace("\\\0", "\\\n")) for command, _, output in split]


def run(server: Server, command: str, *, lay_out: bool = False) -> str:
    """Run one command of a document against the server, in the project's folder."""
    settle(server)
    real = command.replace(ADDRESS, server.url).replace(".venv/bin/headwater", "headwater")
    env = {
        **os.environ,
        "PATH": f"{Path(COMMAND).parent}{os.pathsep}{os.environ['PATH']}",
        "HEADWATER_SERVER": server.url,
        "COLUMNS": str(WIDTH),
        "NO_COLOR": "1",
    }
    done = subprocess.run(
        ["bash", "-c", real], cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    lines = [line.rstrip() for line in done.stdout.decode().rstrip().replace(server.url, ADDRESS).split("\n")]
    if lay_out and sum(line.startswith("{") for line in lines) == 1:  # more of them are ndjson, and stay
        lines = [pretty(json.loads(line)) if line.startswith("{") else line for line in lines]
    return fixed("\n".join(lines) + "\n")


def fixed(text: str) -> str:
    """Show what differs from run to run as if it did not."""
    for varying, shown in _VARYING:
        text = varying.sub(shown, text)
    return text


def printed(server: Server, script: str) -> str:
    """Run a Python script of a document; give what it prints."""
    settle(server)
    done = subprocess.run(
        [sys.executable, "-c", script.replace(ADDRESS, server.url)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return done.stdout.decode().replace(server.url, ADDRESS)


def with_answers(server: Server) -> str:
    """Write the examples of OpenAPI with what a server answers that has the bundled estate."""
    run(server, "headwater ingest app/demo/estate.ndjson")
    told = []
    for example in examples():
        settle(server)
        (operation,) = (one for one in operations.OPERATIONS if one.name == example["operation"])
        body: Any = json.dumps(example["body"]) if "body" in example else example.get("raw")
        answer = httpx.request(
            operation.method,
            server.url + operation.path,
            params=example.get("query"),
            content=body,
            timeout=30,
        )
        true = {"status": answer.status_code, "answer": answer.json()}
        asked = {name: value for name, value in example.items() if name not in true}
        told.append(json.loads(fixed(json.dumps({**asked, **true}))))
    return pretty(told) + "\n"


def settle(server: Server) -> None:
    """Wait until the graph has what earlier examples sent: who follows the document types slower than we do."""
    wait_ready(server)


def answer(server: Server, query: str) -> str:
    """Ask a GraphQL query of a document."""
    settle(server)
    data = httpx.post(f"{server.url}/graphql", json={"query": query}, timeout=30).json()
    return pretty(data) + "\n"


def with_outputs(text: str, server: Server, *, lay_out: bool = False) -> str:
    """Put the true output of every example into its place, in order; `lay_out` breaks JSON into lines."""

    def example(found: re.Match[str]) -> str:
        if found["query"] is not None:
            return f"```graphql\n{found['query']}```\n\n```json\n{answer(server, found['query'])}```"
        if found["python"] is not None:
            return f"```python\n{found['python']}```\n\n```text\n{printed(server, found['python'])}```"
        shown = []
        for command, output in commands(found["console"]):
            true = output if command.startswith("make ") else run(server, command, lay_out=lay_out)
            shown.append(f"$ {command}\n{true}")
        return f"```console\n{''.join(shown)}```"

    return _EXAMPLE.sub(example, text)


def rewrite(path: Path, change: Callable[[str], str]) -> None:
    path.write_text(change(path.read_text()))


def refill(path: Path) -> None:
    """Bring the examples of one document up to date, on an empty server."""
    with tempfile.TemporaryDirectory() as scratch, serving(Path(scratch) / "home") as server:
        rewrite(path, lambda text: with_outputs(text, server, lay_out=path == API))


def refill_examples() -> None:
    """Bring the answers in the examples of OpenAPI up to date."""
    with tempfile.TemporaryDirectory() as scratch, serving(Path(scratch) / "home", env=IMPATIENT) as server:
        EXAMPLES.write_text(with_answers(server))


def main() -> int:
    rewrite(OPERATIONS, with_settings)
    rewrite(API, with_errors)
    refill(README)
    refill(API)
    refill_examples()
    return 0


if __name__ == "__main__":
    sys.exit(main())
