"""Do the documents say what is true?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.demo.scratch import Server
from tests.documents import OPERATIONS, README, with_outputs, with_settings
from tests.needs import ROOT
from tests.server import headwater

DOCUMENTS = [README, *sorted((ROOT / "docs").rglob("*.md")), ROOT / "CHANGELOG.md"]


def test_every_setting_is_in_the_table() -> None:
    """docs/operations.md has every setting with its default and meaning; `make docs` brings it up to date."""
    assert with_settings(OPERATIONS.read_text()) == OPERATIONS.read_text()


@pytest.mark.slow
def test_the_readme_shows_true_output(server: Server) -> None:
    """Each example of the README, run in order on an empty server, prints what the README shows."""
    assert with_outputs(README.read_text(), server) == README.read_text()


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
