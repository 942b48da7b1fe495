"""Do the documents say what is true?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.demo.scratch import Server, serving
from queries.export import PARTS
from tests.documents import API, OPERATIONS, README, with_errors, with_outputs, with_settings
from tests.needs import ROOT
from tests.server import export, headwater

DOCUMENTS = [README, *sorted((ROOT / "docs").rglob("*.md")), ROOT / "CHANGELOG.md"]


def test_every_setting_is_in_the_table() -> None:
    """docs/operations.md has every setting with its default and meaning; `make docs` brings it up to date."""
    assert with_settings(OPERATIONS.read_text()) == OPERATIONS.read_text()


def test_every_error_is_in_the_table() -> None:
    """docs/api.md has every code with status, exit code and next step; `make docs` brings it up to date."""
    assert with_errors(API.read_text()) == API.read_text()


def test_what_the_door_says_of_events_is_told() -> None:
    """docs/api.md names every code with which the reader of events refuses or warns, and no other."""
    sources = "".join(path.read_text() for path in sorted((ROOT / "ingest").glob("*.py")))
    refusals = set(re.findall(r'EventRejected\(\s*"([A-Z_]+)"', sources))
    warnings = set(re.findall(r'Warned\(\s*"([A-Z_]+)"(?: if \w+ else "([A-Z_]+)")?', sources))
    door = API.read_text().partition("## The door")[2].partition("**Many at once.**")[0]
    refused, _, warned = door.partition("**Warnings.**")
    assert refusals == set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", refused)) - {"HEADWATER_BODY_BYTES_MAX"}
    told = {code for row in re.findall(r"^\| (`.*?) \|", warned, re.MULTILINE) for code in row.split(", ")}
    assert {f"`{code}`" for pair in warnings for code in pair if code} == told


@pytest.mark.slow
def test_the_readme_shows_true_output(server: Server) -> None:
    """Each example of the README, run in order on an empty server, prints what the README shows."""
    assert with_outputs(README.read_text(), server) == README.read_text()


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    """A server after all examples of docs/api.md, and the document with what they printed."""
    with serving(tmp_path_factory.mktemp("api") / "home") as running:
        yield running, with_outputs(API.read_text(), running, lay_out=True)


@pytest.mark.slow
def test_the_api_shows_true_output(api: tuple[Server, str]) -> None:
    """Each example of docs/api.md, run in order on an empty server, prints what the document shows."""
    assert api[1] == API.read_text()


@pytest.mark.slow
def test_every_field_of_the_export_is_told(api: tuple[Server, str]) -> None:
    """docs/api.md lists each type of row, and of those the examples made each field."""
    section = API.read_text().partition("**Export**")[2].partition("**Is it well?**")[0]
    told = {
        kind.strip("`"): set(fields.split(", "))
        for kinds, fields in re.findall(r"^\| (`.*?) \| (.*?) \|$", section, re.MULTILINE)
        for kind in kinds.split(", ")
    }
    assert set(told) == {part.type for part in PARTS}
    for row in export(api[0]):
        assert told[row["type"]] == row.keys() - {"type"}


GRAPHIQL = json.loads((ROOT / "app" / "graphql" / "files" / "examples.json").read_text())


@pytest.mark.slow
def test_the_examples_of_graphiql_have_answers(api: tuple[Server, str]) -> None:
    """Whoever ingested the sample and opens /graphql can run each example and sees something."""
    for example in GRAPHIQL:
        answer = asked_in_graphiql(api[0], example)
        assert "errors" not in answer, answer
        assert '"nodes":[]' not in str(answer).replace("'", '"').replace(" ", "")


@pytest.mark.slow
def test_on_an_empty_graph_the_examples_say_what_to_do(tmp_path: Path) -> None:
    """One needs no data; the others answer NOT_FOUND with the way to ingest, never a bare null."""
    with serving(tmp_path / "home") as empty:
        answers = [asked_in_graphiql(empty, example) for example in GRAPHIQL]
    assert "errors" not in answers[0]
    for answer in answers[1:]:
        (error,) = answer["errors"]
        assert error["extensions"]["code"] == "NOT_FOUND"
        assert "headwater ingest" in error["message"]


def asked_in_graphiql(server: Server, example: dict[str, Any]) -> dict[str, Any]:
    """Send what the page would send."""
    body = {name: example.get(name) for name in ("query", "variables")}
    answer: dict[str, Any] = httpx.post(f"{server.url}/graphql", json=body, timeout=30).json()
    return answer


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    """A relative link in a document names a file that is there."""
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text())
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_every_command_of_the_contract_has_help() -> None:
    """`headwater --help` names every command that the documents speak of."""
    said = headwater("--help").stdout
    for command in (
        "serve",
        "work",
        "ingest",
        "upstream",
        "downstream",
        "export",
        "rebuild",
        "verify",
        "status",
    ):
        assert re.search(rf"\b{command}\b", said), command
