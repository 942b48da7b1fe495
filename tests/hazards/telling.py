"""How is a story of odd events told to a server, and how is the server asked about it?

A story is written in the language of `tests/arrows.py`, or as raw events with the same names. It lives in a namespace
of its own: `db`, `jobs`, `s3://lake` and the first part of run ids are replaced in every event that is posted.
"""

from __future__ import annotations

import itertools
import json
from typing import Any

import httpx

from graph_schema.identity import dataset_key, job_key, parse_key, run_key, run_uuid
from tests.arrows import event, run_text

Json = dict[str, Any]
Line = str | Json
DOOR = "/api/v1/lineage"
_numbers = itertools.count(1)

RUN = """query ($id: ID!) { run(id: $id) {
  key state startedAt endedAt stale attempts jobClash sentId warnings facets
  job { name } parent { key state job { name } } root { key }
  transitions { eventType at }
  inputs { dataset { name } at rowCount facets } outputs { dataset { name } at rowCount version facets }
} }"""
DATASET = """query ($namespace: String!, $name: String!) { dataset(namespace: $namespace, name: $name) {
  key kind namespace name live placeholder createdAt lastWrittenAt description tags
  aliasOf { name } aliases
  fields { path dataType current } facets { name deleted body } checks(first: 100) { nodes { name outcome at } }
  producers(first: 1000) { nodes { job { name } evidence declared current } }
  consumers(first: 1000) { nodes { job { name } evidence declared current } }
} }"""


class Story:
    """What was told under one namespace, and the questions about it."""

    def __init__(self, client: httpx.Client) -> None:
        number = next(_numbers)
        self.client = client
        self.namespace = f"hazard-{number}"
        self.position = "0"
        self._runs = f"{number:08x}-"

    def post(self, *lines: Line) -> Story:
        """Post each event by itself; every one must be accepted."""
        for line in lines:
            answer = self.client.post(DOOR, content=self.text(line))
            assert answer.status_code in (200, 201), answer.text
            self._reached(answer.json()["position"])
        return self

    def post_batch(self, *lines: Line) -> Json:
        """Post all events in one batch; gives the answer."""
        body = "[" + ",".join(self.text(line) for line in lines) + "]"
        answer = self.client.post(f"{DOOR}/batch", content=body)
        assert answer.status_code == 200, answer.text
        self._reached(answer.json()["position"])
        found: Json = answer.json()
        return found

    def _reached(self, position: str) -> None:
        self.position = str(max(int(self.position), int(position)))

    def text(self, line: Line) -> str:
        """Write an event as it is posted: in this story's own namespace."""
        return self.placed(json.dumps(event(line)[0] if isinstance(line, str) else line))

    def placed(self, text: str) -> str:
        for name in ("db", "jobs"):
            text = text.replace(f'"namespace": "{name}"', f'"namespace": "{self.namespace}"')
        return text.replace("s3://lake", f"s3://{self.namespace}").replace("00000000-", self._runs)

    def key(self, name: str) -> str:
        """The key of the dataset `c`, or `s3/c`."""
        scheme, found, rest = name.partition("/")
        return (
            dataset_key(f"s3://{self.namespace}", rest)
            if found and scheme == "s3"
            else dataset_key(self.namespace, name)
        )

    def job(self, name: str) -> str:
        return job_key(self.namespace, name)

    def run_key(self, text: str, job: str = "") -> str:
        return run_key(run_uuid(self.placed(run_text(text)), self.namespace, job))

    def get(self, path: str, **query: str | int) -> Json:
        """Ask over plain HTTP, once everything told is in the graph."""
        answer = self.client.get(
            f"/api/v1/{path}", params=query, headers={"X-Headwater-At-Least": self.position}
        )
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def graphql(self, query: str, **variables: Any) -> Json:
        body = {"query": query, "variables": variables}
        answer = self.client.post("/graphql", json=body, headers={"X-Headwater-At-Least": self.position})
        found: Json = answer.json()
        assert "errors" not in found, found
        data: Json = found["data"]
        return data

    def run(self, text: str, job: str = "") -> Json:
        found: Json = self.graphql(RUN, id=self.run_key(text, job))["run"]
        return found

    def dataset(self, name: str, namespace: str | None = None) -> Json:
        found: Json = self.graphql(DATASET, namespace=namespace or self.namespace, name=name)["dataset"]
        return found

    def facet(self, name: str, facet: str) -> Json:
        found: Json = next(one for one in self.dataset(name)["facets"] if one["name"] == facet)
        return found

    def edges(self, name: str, direction: str = "upstream", **query: str | int) -> set[str]:
        """The edges of a walk, as `a -> c`."""
        answer = self.get(f"graph/{direction}", key=self.key(name), **query)
        return {f"{short(edge['source'])} -> {short(edge['target'])}" for edge in answer["edges"]}

    def told(self, name: str, direction: str = "upstream", **query: str | int) -> set[str]:
        """The edges of a walk with what is known of them, as `a -> c COLUMN 2-5`: hours of the first of May."""
        answer = self.get(f"graph/{direction}", key=self.key(name), **query)
        return {
            f"{short(e['source'])} -> {short(e['target'])} {e['evidence']} {hour_of(e['valid_from'])}-{hour_of(e['valid_to'])}"
            for e in answer["edges"]
        }

    def rows(self, *types: str) -> list[Json]:
        """The rows of the export that speak of this story."""
        headers = {"X-Headwater-At-Least": self.position}
        answer = self.client.get("/api/v1/export", headers=headers)
        assert answer.status_code == 200, answer.text
        mine = (self.namespace + ":", f'"{self.namespace}"', self._runs)
        found = [line for line in answer.text.splitlines() if any(mark in line for mark in mine)]
        return [row for row in map(json.loads, found) if not types or row["type"] in types]


def short(key: str) -> str:
    """A dataset's name, with `s3/` before one of the lake."""
    namespace, name = parse_key(key).parts[:2]
    return f"s3/{name}" if namespace.startswith("s3:") else name


def hour_of(instant: str | None) -> str:
    """The hour of an instant of the first of May; an open end is empty."""
    return str(int(instant[11:13])) if instant else ""
