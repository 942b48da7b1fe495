"""Are Marquez's recorded answers answered the same, member by member, but for what is meant to differ?"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import jsonschema_rs
import pytest

from app.demo.scratch import Server, serving, wait_ready
from app.marquez.openapi import document
from app.marquez.route import READ
from app.marquez.routing import Path as Asked
from tests.app.marquez.recorded import SCENARIOS, Answered, Difference, Names, Recorded, differences, kind_of
from tests.app.marquez.rules import RULES, as_sent, comparable, is_asked_in_vain
from tests.needs import ROOT

pytestmark = pytest.mark.slow

Json = dict[str, Any]
DOCUMENT: Json = json.loads(document(READ, ""))
ODD: Json = json.loads(Path(__file__).with_name("odd.json").read_text())
"""How often each member differs in the scenarios of odd events, which Marquez refuses in part, takes apart or puts under other
jobs and runs. A new difference fails, and so does one that is gone."""


@pytest.fixture(scope="module", params=SCENARIOS)
def scenario(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Recorded, Server]]:
    """What was recorded, and a server that got the same events, one by one in the same order."""
    recorded = Recorded.read(request.param)
    with serving(tmp_path_factory.mktemp("recorded") / "home") as server:
        with httpx.Client(base_url=server.url, timeout=60) as client:
            for event in recorded.events:
                client.post("/api/v1/lineage", content=event)
        wait_ready(server)
        yield recorded, server


def found(recorded: Recorded, server: Server) -> Iterator[tuple[Answered, httpx.Response]]:
    """Ask again what was asked; lineage with siblings, as Marquez tells it."""
    with httpx.Client(base_url=server.url, timeout=60) as client:
        for answered in recorded.answers:
            more = "&withSiblings=true" if answered.path.startswith("/api/v1/lineage?") else ""
            yield answered, client.get(answered.path + more)


def test_every_answer_is_the_same_but_for_what_is_meant(scenario: tuple[Recorded, Server]) -> None:
    """Each difference falls under a rule of the table; nothing that Marquez answered is left unasked."""
    recorded, server = scenario
    names = Names.of(recorded)
    seen = 0
    left: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for answered, ours in found(recorded, server):
        if is_asked_in_vain(names, answered):
            continue
        seen += 1
        asked = kind_of(answered.path)
        pair = comparable(
            {"status": answered.status, "body": as_sent(names, answered.body)},
            {"status": ours.status_code, "body": ours.json()},
        )
        for member, one, other in differences(*pair):
            if not any(rule.allows(Difference(asked, member, one, other)) for rule in RULES):
                left[f"{asked} {member}"] += 1
                examples[f"{asked} {member}"] = f"{answered.path}: {one!r} -> {other!r}"[:1_000]
    of_odd_events: Counter[str] = Counter(ODD.get(recorded.scenario, {}))
    assert {where: examples[where] for where in left if left[where] != of_odd_events[where]} == {}
    assert of_odd_events == left
    assert seen > 50


def test_every_answer_is_as_told(scenario: tuple[Recorded, Server]) -> None:
    """Each answer and each refusal is what /openapi-marquez.json says, and has no member that it does not tell."""
    recorded, server = scenario
    for answered, ours in found(recorded, server):
        bare = unquote(answered.path.partition("?")[0])
        (path,) = [one for one in READ if one.match(answered.path.partition("?")[0], loose=False) is not None]
        assert faults(path, ours) == [], bare


def faults(path: Asked, answer: httpx.Response) -> list[str]:
    """Where an answer is not what the document says."""
    told = DOCUMENT["paths"][path.pattern]["get"]["responses"][str(answer.status_code)]
    schema = told["content"]["application/json"]["schema"]
    closed = {
        name: one if name == "Refusal" else {**one, "additionalProperties": False}
        for name, one in DOCUMENT["components"]["schemas"].items()
    }
    validator = jsonschema_rs.validator_for({**schema, "components": {"schemas": closed}})
    return [f"{error.instance_path}: {error.message[:300]}" for error in validator.iter_errors(answer.json())]


def test_the_table_is_told() -> None:
    """docs/marquez.md shows the reason of every rule."""
    document = (ROOT / "docs" / "marquez.md").read_text()
    assert [rule.why for rule in RULES if f"- {rule.why}\n" not in document] == []
