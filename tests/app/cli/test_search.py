"""Is what was found shown in 80 columns, with the way to go on?"""

from __future__ import annotations

import json

import pytest

from app.demo.scratch import Server
from tests.app.asked import post_story
from tests.arrows import job_key_of, key_of
from tests.server import headwater


@pytest.fixture(scope="module")
def position(server: Server) -> str:
    """The position after the story."""
    return post_story(server)


def test_what_was_found_is_a_table(server: Server, position: str) -> None:
    """Kind and key of each, how many, and the way to the next page; words may be given apart."""
    at = ("--server", server.url, "--at-least", position)
    found = headwater("search", "jobs", "ma", *at)
    assert found.returncode == 0
    kind, key = found.stdout.splitlines()[1].split()
    assert (kind, key) == ("JOB", job_key_of("mart"))
    first = headwater("search", "db", "--limit", "1", *at)
    assert key_of("a") in first.stdout
    after = first.stdout.split("--after ")[1].strip()
    rest = headwater("search", "db", "--after", after, "--kinds", "OTHER,TABLE", *at)
    assert rest.returncode == 2  # another question
    rest = headwater("search", "db", "--after", after, "--json", *at)
    assert json.loads(rest.stdout)["nodes"][0]["key"] == key_of("b")


def test_nothing_found_is_said(server: Server, position: str) -> None:
    """In words, with exit code 0; wrong use has code 2 and says what to do."""
    nothing = headwater("search", "nosuchname", "--server", server.url, "--at-least", position)
    assert (nothing.returncode, nothing.stdout) == (0, "nothing has all these words\n")
    wrong = headwater("search", "*", "--server", server.url)
    assert (wrong.returncode, "BAD_INPUT" in wrong.stderr) == (2, True)
    wrong = headwater("search", "--server", server.url)
    assert wrong.returncode == 2


def test_the_table_fits_a_screen(server: Server, position: str) -> None:
    """Long keys fold at the width of the screen, in a pipe they stand whole."""
    found = headwater("search", "db", "--server", server.url, "--at-least", position, env={"COLUMNS": "80"})
    assert max(map(len, found.stdout.splitlines())) <= 80
