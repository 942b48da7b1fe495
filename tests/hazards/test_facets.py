"""What becomes of facets and parts that are broken, replaced, deleted, or unknown (hazards 13 to 16, 28)?"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.arrows import event, hour
from tests.hazards.telling import Story

Tell = Callable[..., Story]
Json = dict[str, Any]


def dressed(line: str, **facets: Any) -> Json:
    """A run event whose output `b` has these facets."""
    body, _ = event(line)
    body["outputs"][0]["facets"] = facets
    return body


BROKEN: list[Json] = [
    {"inputs": None}, {"outputs": None}, {"inputs": [None, 3, {"namespace": "db"}, {"namespace": "db", "name": 7}]},
    {"inputs": "x"}, {"inputs": [{"namespace": "db", "name": "a", "facets": None, "inputFacets": []}]},
    {"outputs": [{"namespace": "db", "name": "b", "facets": {"schema": None, "columnLineage": {"fields": None}}}]},
    {"outputs": [{"namespace": "db", "name": "b", "facets": {
        "schema": {"fields": [None, {"name": 7, "type": "int"}]}, "ownership": {"owners": [None, {"name": 3}]},
        "columnLineage": {"fields": {"x": None, "y": {"inputFields": None}, "z": {"inputFields": [None, {}]}}},
        "documentation": {"description": 3}, "tags": {"tags": None}, "symlinks": {"identifiers": None},
        "lifecycleStateChange": {"lifecycleStateChange": 3}, "datasetType": {"datasetType": None},
    }, "outputFacets": {"outputStatistics": {"rowCount": "12", "size": None, "fileCount": 1.5}}}]},
]  # fmt: skip


@pytest.mark.parametrize("part", BROKEN, ids=range(len(BROKEN)))
def test_hazard_13_broken_parts_are_as_if_absent(tell: Tell, part: Json) -> None:
    """Hazard 13: the graph is that of the run without the broken part."""
    good = ["1 START r1 load: a -> b", "3 COMPLETE r1 load: ->"]
    body, _ = event("2 RUNNING r1 load: a -> b")
    story, other = tell(*good, {**body, **part}), tell(*good)
    kinds = ("dataset", "run", "job", "feeds", "io", "field", "check", "owned_by")
    told = [row for row in story.rows(*kinds) if row.get("path") not in {"y", "z"}]
    assert placeless(story, told) == placeless(other, other.rows(*kinds))
    assert [act["rowCount"] for act in story.run("r1")["outputs"]] == [None]


def placeless(story: Story, rows: list[Json]) -> list[str]:
    """Rows without the namespace and run ids of their story."""
    text = sorted(json.dumps(row, sort_keys=True) for row in rows)
    return [line.replace(story.namespace, "N").replace(story.run_key("r1")[:13], "R") for line in text]


def test_hazard_14_a_facet_is_replaced_whole(tell_any: Tell) -> None:
    """Hazard 14: per facet name the newest eventTime counts, also when an older event comes last; fields that are
    gone stay as history, and the run keeps the schema it wrote.
    """
    old = dressed(
        "1 COMPLETE r1 load: a -> b",
        schema={"fields": [{"name": "x", "type": "int"}, {"name": "y", "type": "int", "description": "d"}]},
        documentation={"description": "old"},
        custom={"one": 1, "two": 2},
    )
    new = dressed(
        "2 COMPLETE r2 load: a -> b",
        schema={"fields": [{"name": "x", "type": "text"}]},
        custom={"two": 3},
    )
    story = tell_any(old, new)
    dataset = story.dataset("b")
    assert [(f["path"], f["dataType"], f["current"]) for f in dataset["fields"]] == [
        ("x", "text", True), ("y", None, False),
    ]  # fmt: skip
    assert dataset["description"] == "old", "facets of other names are not touched"
    assert story.facet("b", "custom")["body"] == {"two": 3}
    written = story.run("r1")["facets"]["outputs"][story.key("b")]["schema"]
    assert [field["name"] for field in written["fields"]] == ["x", "y"]


def test_hazard_15_a_deleted_facet_stays_deleted(tell_any: Tell) -> None:
    """Hazard 15: `_deleted`, with or without `_producer`, ends a facet; an older one that comes later does not
    bring it back, a newer one does.
    """
    story = tell_any(
        dressed("1 COMPLETE r1 load: a -> b", documentation={"description": "old"}, gone={"x": 1}, back={"x": 1}),
        dressed("2 COMPLETE r2 load: a -> b", documentation={"_deleted": True}, gone={"_deleted": True},
                back={"_deleted": True, "_producer": "p"}),
        dressed("3 COMPLETE r3 load: a -> b", back={"x": 3}),
    )  # fmt: skip
    told = {one["name"]: (one["deleted"], one["body"]) for one in story.dataset("b")["facets"]}
    assert told == {"documentation": (True, None), "gone": (True, None), "back": (False, {"x": 3})}
    assert story.dataset("b")["description"] is None


def test_hazard_16_the_unknown_is_readable(tell_any: Tell) -> None:
    """Hazard 16: unknown facets are kept whole and read back; an unknown event type changes no state and warns."""
    odd = dressed(
        "2 COMPLETE r1 load: a -> b", acme_odd={"deep": [1, {"x": None, "big": 2**70}], "_schemaURL": "?"}
    )
    odd |= {
        "eventType": "PAUSED",
        "schemaURL": "https://openlineage.io/spec/99-0-0/X.json",
        "producer": "no uri",
    }
    odd["run"]["facets"]["acme_run"] = {"y": 1.5}
    odd["newMember"] = {"ignored": True}
    story = tell_any("1 START r1 load: a -> b", odd, "3 COMPLETE r1 load: a -> b")
    run = story.run("r1")
    assert (run["state"], run["endedAt"], run["warnings"]) == (
        "COMPLETED", hour(3), [["EVENT_TYPE_UNKNOWN", "/eventType"]],
    )  # fmt: skip
    assert run["facets"]["run"]["acme_run"] == {"y": 1.5}
    body = story.facet("b", "acme_odd")["body"]
    assert body == {"deep": [1, {"big": 2**70}], "_schemaURL": "?"}


def test_hazard_28_the_good_ones_of_a_batch_are_in_the_graph(client: httpx.Client) -> None:
    """Hazard 28: of two good and two bad events the bad ones are named by index, the good ones are in the graph."""
    story = Story(client)
    timeless = {**event("1 COMPLETE r3 bad: a -> b")[0], "eventTime": "never"}
    answer = story.post_batch(
        "1 START r1 load: a -> b", timeless, "2 COMPLETE r1 load: a -> b", {"eventTime": hour(3)}
    )
    assert answer["status"] == "partial_success"
    assert [failed["index"] for failed in answer["failed_events"]] == [1, 3]
    assert (answer["summary"]["successful"], answer["summary"]["retriable"]) == (2, 0)
    assert story.run("r1")["state"] == "COMPLETED"
    assert {row["name"] for row in story.rows("job")} == {"load"}
