"""What did a real Marquez answer, and where may ours differ from it?

The recorded answers lie beside the project (`tests/needs.py`). Each difference between one and ours belongs to a rule of the
closed table `RULES` (`tests/app/marquez/rules.py`), whose reasons docs/marquez.md shows; anything else fails.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

from graph_schema.instants import parse_instant
from tests.needs import SHARED, corpus, need

Json = Any
SCENARIOS: Final = ("food", "airflow", "spark", "dbt", "odd", "docs")
ABSENT: Final = "(absent)"
FAILED: Final = "accepted_values_customers_first_name__Jane"
"""In the scenario dbt this test fails, and is said to write its audit table."""


class Answered(NamedTuple):
    """What was asked, and what came."""

    path: str
    status: int | None
    body: Json


class Difference(NamedTuple):
    """Where two answers differ: the kind of path, the member within the body, and both values."""

    asked: str
    member: str
    theirs: Json
    ours: Json


def folder_of(scenario: str) -> Path:
    """Give the folder of a scenario."""
    folder = SHARED / "corpora" / "marquez" / scenario
    need("what Marquez answered", here=folder.is_dir(), get_it="it belongs beside the project's folder")
    return folder


@dataclass
class Recorded:
    """One scenario: the events in the order in which they were posted, and the answers after all of them."""

    scenario: str
    events: list[bytes] = field(default_factory=list)
    answers: list[Answered] = field(default_factory=list)
    refused: list[Json] = field(default_factory=list)
    """Events that Marquez refused."""

    @classmethod
    def read(cls, scenario: str) -> Recorded:
        """Read a scenario."""
        folder = folder_of(scenario)
        recorded = cls(scenario)
        for line in (folder / "posts.ndjson").read_text().splitlines():
            post = json.loads(line)
            text = (corpus() / post["file"]).read_bytes()
            event = text.splitlines()[post["line"]] if post["file"].endswith(".ndjson") else text
            recorded.events.append(event)
            if post["status"] != 201:
                recorded.refused.append(json.loads(event))
        with gzip.open(folder / "answers.ndjson.gz", "rt") as lines:
            recorded.answers = [Answered(**json.loads(line)) for line in lines]
        return recorded


def differences(theirs: Json, ours: Json, member: str = "") -> Iterator[tuple[str, Json, Json]]:
    """Give where two values differ: lists are compared as sets, their items matched by what names them."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for name in sorted({*theirs, *ours}):
            at = f"{member}.{name}" if member else name
            yield from differences(theirs.get(name, ABSENT), ours.get(name, ABSENT), at)
    elif isinstance(theirs, list) and isinstance(ours, list):
        yield from _in_lists(theirs, ours, f"{member}[]")
    elif theirs != ours:
        yield member, theirs, ours


def _in_lists(theirs: list[Json], ours: list[Json], member: str) -> Iterator[tuple[str, Json, Json]]:
    rest: dict[str, list[Json]] = {}
    for one in ours:
        rest.setdefault(identity(one), []).append(one)
    for one in theirs:
        same = rest.get(identity(one))
        if same:
            yield from differences(one, same.pop(0), member)
        else:
            yield member, one, ABSENT
    for left in rest.values():
        for one in left:
            yield member, ABSENT, one


def identity(value: Json) -> str:
    """Give what names an item of a list."""
    if isinstance(value, dict):
        if "eventTime" in value:
            run = value.get("run") or {}
            return json.dumps([moment(value["eventTime"]), value.get("eventType"), run.get("runId")])
        if "field" in value and "dataset" in value:
            return json.dumps([value["namespace"], value["dataset"], value["field"]])
        for name in ("id", "datasetVersionId", "nodeId", "name"):
            if name in value:
                named = value[name]
                kept = (
                    {k: v for k, v in named.items() if k != "version"} if isinstance(named, dict) else named
                )
                return json.dumps(kept)
    return json.dumps(value, sort_keys=True)


def moment(text: Json) -> Json:
    """Read a time however it is written; give anything else as it is."""
    try:
        return parse_instant(text) if isinstance(text, str) else text
    except ValueError:
        return text


def kind_of(path: str) -> str:
    """Say what kind of path was asked: its words, without names; of lineage also from what, of columns whether downstream too."""
    if "/lineage?nodeId=" in path and FAILED in path:
        return "lineage of what a failed run did"
    if "/lineage?nodeId=" in path:
        return "lineage of " + unquote(path).partition("nodeId=")[2].partition(":")[0]
    if "withDownstream" in path:
        return "column-lineage with downstream"
    bare = path.removeprefix("/api/v1/").partition("?")[0]
    bare = re.sub(r"^namespaces/[^/]+/(datasets|jobs)/[^/]+", r"\1/1", bare)
    return re.sub(r"^namespaces/[^/]+", "namespaces/1", bare)


@dataclass(frozen=True)
class Names:
    """Which jobs Marquez calls otherwise than they were sent, and which it made for parents that it did not recognise."""

    sent: dict[tuple[str, str], str]
    """(namespace, Marquez's name) -> the name that was sent"""
    made: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, recorded: Recorded) -> Names:
        """Read them from the events and from Marquez's list of jobs."""
        events = [json.loads(event) for event in recorded.events]
        jobs = [event.get("job") or {} for event in events if isinstance(event, dict)]
        sent = {(job.get("namespace"), job.get("name")) for job in jobs}
        (listed,) = [one.body["jobs"] for one in recorded.answers if one.path.startswith("/api/v1/jobs?")]
        renamed = {}
        made = set()
        for job in listed:
            own, simple = (job["namespace"], job["name"]), (job["namespace"], job["simpleName"])
            if own not in sent and simple in sent:
                renamed[own] = job["simpleName"]
                made.add(simple)
            elif own not in sent:
                made.add(own)
        return cls(renamed, frozenset(made))
