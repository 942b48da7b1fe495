"""Does `headwater compare marquez` read both sides, explain what a real Marquez answered, and end as it should?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.compare.marquez import Answer
from app.demo.compare import SCENARIOS, compared, feed, files
from app.demo.scratch import Server, free_port, serving
from tests.app.compare.replayed import recordings, replaying
from tests.server import headwater

DEPTHLESS = "column-lineage"


@pytest.fixture(scope="module")
def food(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the events of the scenario `food`."""
    recordings()
    with serving(tmp_path_factory.mktemp("food") / "home") as running:
        with httpx.Client(base_url=running.url, timeout=60) as client:
            feed(client, files("food"))
        yield running


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENARIOS)
def test_every_difference_to_a_real_marquez_is_explained(name: str) -> None:
    """On real producers' events, against what a Marquez answered for the same ones: nothing is unexplained."""
    recordings()
    found = compared(name)
    unexplained = [one for one in found.told if one.cause.code == "unexplained"]
    assert unexplained == []
    assert all(one.cause.evidence for one in found.told)
    assert min(found.counts["jobs"]) > 0


def test_equal_sides_end_with_0_and_the_page_is_whole(food: Server, tmp_path: Path) -> None:
    """As a table, as JSON and as one page without anything from elsewhere."""
    page = tmp_path / "compared.html"
    with replaying("food") as url:
        shown = headwater("compare", "marquez", "--url", url, "--server", food.url, "--html", str(page))
        told = headwater("compare", "marquez", "--url", url, "--server", food.url, "--json")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "unexplained" not in shown.stdout.replace("0 unexplained", "")
    body = json.loads(told.stdout)
    assert body["unexplained"] == 0
    assert body["counts"]["jobs"] == {"ours": 13, "theirs": 13}
    text = page.read_text()
    assert text.startswith("<!doctype html>")
    assert "$" not in text
    assert not [word for word in ("src=", "href=", "@import", "url(") if word in text]


def test_what_is_unexplained_ends_with_1(food: Server) -> None:
    """A Marquez that shows something no event says: named first, exit code 1."""

    def change(path: str, answer: Answer) -> Answer:
        if path.startswith("/api/v1/namespaces/food_delivery/jobs?"):
            return Answer(200, {**answer.body, "jobs": answer.body["jobs"][1:]})
        return answer

    with replaying("food", change) as url:
        shown = headwater("compare", "marquez", "--url", url, "--server", food.url)
    assert shown.returncode == 1
    assert "unexplained (" in shown.stdout
    assert "job job:food_delivery:email_discounts: only here" in shown.stdout


def test_what_cannot_be_read_is_told(food: Server) -> None:
    """A 500 for some questions is told as unreadable, with its answer, and is no difference."""

    def change(path: str, answer: Answer) -> Answer:
        return Answer(500, {"code": 500, "message": "logged (ID 1)"}) if DEPTHLESS in path else answer

    with replaying("food", change) as url:
        shown = headwater("compare", "marquez", "--url", url, "--server", food.url)
    assert shown.returncode == 0
    assert "unreadable: column lineage, " in shown.stdout
    assert "logged (ID 1)" in shown.stdout


def test_what_may_be_missing_here_is_told(food: Server) -> None:
    """Bodies that we refused, as a note: what only they say cannot be explained."""
    assert httpx.post(f"{food.url}/api/v1/lineage", content=b'{"eventTime": 5}').status_code == 422
    with replaying("food") as url:
        shown = headwater("compare", "marquez", "--url", url, "--server", food.url)
        told = headwater("compare", "marquez", "--url", url, "--server", food.url, "--json")
    assert "note: Headwater refused some bodies" in shown.stdout
    assert json.loads(told.stdout)["notes"][0].startswith("Headwater refused")


def test_a_side_that_is_away_ends_with_3(food: Server) -> None:
    """Theirs or ours; a wrong address is wrong use."""
    nobody = f"http://127.0.0.1:{free_port()}"
    assert headwater("compare", "marquez", "--url", nobody, "--server", food.url).returncode == 3
    with replaying("food") as url:
        assert headwater("compare", "marquez", "--url", url, "--server", nobody).returncode == 3
        broken = headwater("compare", "marquez", "--url", url.removeprefix("http://"), "--server", food.url)
    assert broken.returncode == 2
