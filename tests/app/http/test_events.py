"""Are all accepted events given in order of receipt, none missing and none twice?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.app.http.serving import Served, serving
from tests.arrows import event

Json = dict[str, Any]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server without a graph: events are in the journal alone."""
    with serving(tmp_path_factory.mktemp("events")) as found:
        yield found


def pages(served: Served, **query: Any) -> Iterator[Json]:
    after = "0"
    while True:
        page = served.client.get("/api/v1/events", params={"after": after, **query}).json()
        yield page
        if not page["page_info"]["has_next_page"]:
            return
        after = page["page_info"]["end_cursor"]


def test_pages_join_to_all_that_was_accepted(served: Served) -> None:
    """In the order of receipt, whatever the times say; what was refused lies between and is left out; no password is shown."""
    sent = [event(f"{hour} START r{hour} load: a -> b")[0] for hour in (3, 1, 2, 5, 4)]
    sent[2]["job"]["namespace"] = "postgres://me:hunter2@db:5432"
    for body in sent[:3]:
        assert served.client.post("/api/v1/lineage", json=body).status_code == 201
    assert served.client.post("/api/v1/lineage", content=b"{").status_code == 400
    for body in sent[3:]:
        assert served.client.post("/api/v1/lineage", json=body).status_code == 201
    assert served.client.post("/api/v1/lineage", json=sent[0]).status_code == 200

    found = [one for page in pages(served, limit=2) for one in page["events"]]
    assert [one["body"]["run"]["runId"] for one in found] == [one["run"]["runId"] for one in sent]
    assert [int(one["position"]) for one in found] == [1, 2, 3, 5, 6]
    assert "hunter2" not in json.dumps(found)
    (whole,) = pages(served)
    assert (whole["events"], whole["position"]) == (found, "6")
    assert whole["page_info"] == {"has_next_page": False, "end_cursor": "6"}


def test_whoever_goes_on_gets_what_came_since(served: Served) -> None:
    """The end cursor of an empty page is none; a position beyond the end is no fault."""
    end = served.client.get("/api/v1/events").json()["position"]
    empty = served.client.get("/api/v1/events", params={"after": end}).json()
    assert (empty["events"], empty["page_info"]["has_next_page"]) == ([], False)
    new = event("9 START r9 load: a -> b")[0]
    assert served.client.post("/api/v1/lineage", json=new).status_code == 201
    (one,) = served.client.get("/api/v1/events", params={"after": end}).json()["events"]
    assert one["body"]["run"]["runId"] == new["run"]["runId"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"after": "x"}, "BAD_INPUT"), ({"after": "-1"}, "BAD_INPUT"), ({"after": "9" * 30}, "BAD_INPUT"),
        ({"limit": "0"}, "BAD_INPUT"), ({"limit": "10001"}, "LIMIT_EXCEEDED"), ({"from": "1"}, "BAD_INPUT"),
    ],
)  # fmt: skip
def test_wrong_questions_are_refused(served: Served, query: Json, code: str) -> None:
    """With 400 and a code."""
    answer = served.client.get("/api/v1/events", params=query)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
