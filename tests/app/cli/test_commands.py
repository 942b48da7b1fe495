"""Does the command line say what it should, with the right exit code? As a user would run it."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.demo.scratch import Server, serving
from tests.app.asked import STORY
from tests.arrows import key_of, story
from tests.server import headwater

EVENTS = [event for event, _ in story(*STORY)]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The story as a gzipped file of lines, and a file with what is no event."""
    folder = tmp_path_factory.mktemp("events")
    lines = "\n".join(json.dumps(event) for event in EVENTS)
    (folder / "story.ndjson.gz").write_bytes(gzip.compress(lines.encode()))
    (folder / "odd.ndjson").write_text(f'{json.dumps(EVENTS[0])}\n{{"broken\n{{"eventTime": 3}}\n[1]\n')
    return folder


@pytest.fixture(scope="module")
def told(server: Server, files: Path) -> dict[str, Any]:
    """What `ingest --json` says of the story."""
    found = headwater("ingest", str(files / "story.ndjson.gz"), "--server", server.url, "--json")
    assert (found.returncode, found.stderr) == (0, "")
    answer: dict[str, Any] = json.loads(found.stdout)
    return answer


BUG = """
import typer
from app.cli.telling import run_told
app = typer.Typer()
@app.command()
def broken(*, as_json: bool = typer.Option(False, "--json")): raise ValueError("no")
run_told(app)
"""


def test_a_bug_is_told_and_never_ends_with_1() -> None:
    """1 says that a command found what it looked for; a bug has its traceback, or one JSON line for programs."""
    shown, told = (
        subprocess.run([sys.executable, "-c", BUG, *more], capture_output=True, text=True, check=False)
        for more in ((), ("--json",))
    )
    assert (shown.returncode, told.returncode) == (3, 3)
    assert "Traceback" in shown.stderr
    assert shown.stderr.endswith("INTERNAL: ValueError: no; this is a bug of Headwater, please report it\n")
    assert json.loads(told.stderr)["code"] == "INTERNAL"


def test_ingest_counts_and_waits(told: dict[str, Any]) -> None:
    """What was accepted is in the graph when the command returns."""
    assert (told["accepted"], told["duplicates"], told["rejected"]) == (6, 0, 0)
    assert (told["projected"], told["position"]) == (True, "6")


def test_ingest_names_what_was_refused(server: Server, files: Path, told: dict[str, Any]) -> None:
    """File, line, code and reason of each; the good ones beside it are taken; exit code 1."""
    found = headwater("ingest", str(files / "odd.ndjson"), "--server", server.url, "--json")
    assert found.returncode == 1
    answer = json.loads(found.stdout)
    assert (answer["duplicates"], answer["rejected"]) == (1, 3)
    assert answer["reasons"][0]["code"] == "BAD_JSON"
    assert [one["line"] for one in answer["reasons"]] == [2, 3, 4]
    shown = headwater("ingest", str(files / "odd.ndjson"), "--server", server.url)
    assert "odd.ndjson" in shown.stdout
    assert "Traceback" not in shown.stderr


def test_a_walk_is_a_tree(server: Server, told: dict[str, Any]) -> None:
    """One branch a row; what is a guess and what was not looked at is said; no colours in a pipe."""
    found = headwater("downstream", key_of("a"), "--depth", "2", "--totals", "--server", server.url)
    lines = found.stdout.splitlines()
    assert (found.returncode, found.stderr) == (0, "")
    assert lines[0].startswith(key_of("a"))
    assert lines[1].startswith(f"└── {key_of('b')}")
    assert lines[2].startswith(f"    └── {key_of('c')}")
    assert "~guess" in lines[2]
    assert "1 of them a guess" in lines[3]
    assert lines[-1] == "not looked beyond depth 2, as asked"
    assert "\x1b" not in found.stdout


def test_columns_are_a_tree_too(server: Server, told: dict[str, Any]) -> None:
    """Each branch says what was done to the data, and a field what type it has."""
    asked = ["upstream", key_of("b"), "--granularity", "FIELD", "--server", server.url]
    lines = headwater(*asked).stdout.splitlines()
    assert lines[0].startswith(key_of("b"))
    assert lines[1].startswith(f"├── {key_of('b')}#x  FIELD int")
    assert f"{key_of('a')}#p  FIELD" in lines[2] or f"{key_of('a')}#p  FIELD" in lines[3]
    assert any("DIRECT/IDENTITY" in line for line in lines)


def test_json_is_what_the_server_said(server: Server, told: dict[str, Any]) -> None:
    """For programs: the answer whole, on one line."""
    found = headwater("upstream", key_of("d"), "--json", "--limit", "1", "--server", server.url)
    answer = json.loads(found.stdout)
    assert answer["page_info"]["has_next_page"] is True
    shown = headwater("upstream", key_of("d"), "--limit", "1", "--server", server.url).stdout
    assert f"--after {answer['page_info']['end_cursor']}" in shown


def test_a_node_is_shown_with_what_belongs_to_it(server: Server, told: dict[str, Any]) -> None:
    """Properties, fields and jobs."""
    shown = headwater("node", key_of("b"), "--server", server.url).stdout
    for text in (key_of("b"), "fields (2)", "producers (1)", "job:jobs:load"):
        assert text in shown


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["node", "dataset:db:aa"], 2, "did you mean dataset:db:a?"),
        (["node", "nonsense"], 2, "BAD_KEY"),
        (["upstream", "dataset:db:a", "--as-of", "noon"], 2, "2026-05-01T00:00:00Z"),
        (["upstream", "dataset:db:a", "--depth", "x"], 2, "--depth"),
        (["ingest", "no-such-file.json"], 2, "no-such-file.json"),
        (["verify", "--home", "no-such-home"], 2, "--home"),
        (["rebuild", "--home", "no-such-home"], 2, "--home"),
        (["bogus"], 2, "bogus"),
    ],
)
def test_wrong_use_is_explained(
    server: Server, told: dict[str, Any], arguments: list[str], code: int, says: str
) -> None:
    """A sentence with the next step on standard error, nothing on standard output, no traceback."""
    local = arguments[0] in {"verify", "rebuild", "bogus"}
    found = headwater(*arguments, *([] if local else ["--server", server.url]))
    assert (found.returncode, found.stdout) == (code, "")
    assert says in found.stderr
    assert "Traceback" not in found.stderr


def test_every_command_is_told_in_one_line() -> None:
    """On the narrowest usual terminal no command's line in `--help` is cut."""
    lines = headwater("--help", env={"COLUMNS": "80"}).stdout.splitlines()
    assert [line for line in lines if line.endswith("...") and not line.startswith("Usage")] == []


def test_no_server_is_unavailable(tmp_path: Path) -> None:
    """Exit code 3, and how to start one; JSON when asked for."""
    for command in (["status"], ["node", "dataset:a:b"], ["upstream", "dataset:a:b"]):
        found = headwater(*command, "--server", "http://127.0.0.1:9", cwd=tmp_path)
        assert found.returncode == 3
        assert "headwater serve" in found.stderr
    found = headwater("status", "--json", "--server", "http://127.0.0.1:9", cwd=tmp_path)
    assert json.loads(found.stderr)["code"] == "SERVER_UNREACHABLE"


def test_status_says_how_far_the_graph_is(server: Server, told: dict[str, Any]) -> None:
    """Ready and caught up: exit code 0; for a person a line for each process."""
    found = headwater("status", "--server", server.url, "--json")
    assert (found.returncode, json.loads(found.stdout)["lag"]) == (0, 0)
    lines = headwater("status", "--server", server.url).stdout.splitlines()
    assert [line.partition(" since ")[0] for line in lines[2:]] == ["engine: running", "projector: running"]
    assert lines[2].endswith(", 0 restarts")
    assert max(map(len, lines)) <= 80


def test_export_rebuild_and_verify_with_and_without_a_server(tmp_path: Path, files: Path) -> None:
    """The export is the same from a running server, after a rebuild there, and from the stopped home."""
    home = tmp_path / "home"
    with serving(home) as running:
        headwater("ingest", str(files / "story.ndjson.gz"), "--server", running.url)
        first = headwater("export", "--server", running.url).stdout
        assert len(first.splitlines()) > 10
        assert headwater("rebuild", "--home", str(home)).returncode == 0
        assert headwater("export", "--server", running.url).stdout == first
        assert headwater("verify", "--home", str(home)).returncode == 0
    assert headwater("export", "--home", str(home)).stdout == first
    again = headwater("rebuild", "--home", str(home), "--json")
    assert (again.returncode, json.loads(again.stdout)["events"]) == (0, 6)
    copy = tmp_path / "copy.ndjson"
    assert headwater("export", "--home", str(home), "--output", str(copy)).returncode == 0
    assert copy.read_text() == first
    assert json.loads(headwater("verify", "--home", str(home), "--json").stdout)["ok"] is True
