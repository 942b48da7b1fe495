"""How does a script ask a server, and hand it events?

    with Headwater("http://127.0.0.1:8020") as hw:
        for row in hw.downstream("dataset:bigquery:otter.marts.trips"):
            print(row.depth, row.node.key)

Names and meanings are those of docs/api.md; a failure is an error of `graph_schema.errors` with `code` and `message`.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Literal, Self, TypedDict, TypeVar, Unpack

import httpx
import msgspec

from graph_schema.identity import dataset_key, field_key, job_key
from headwater.answers import (
    FieldEnds,
    FieldLineage,
    Found,
    Group,
    Lineage,
    LineageNode,
    PathSet,
    Rollup,
    field_lineage_of,
    found_of,
    lineage_of,
    rollup_of,
)
from headwater.asking import CONNECT_TIMEOUT_S, Unreachable, network_told, not_ours, patiently, refusal
from headwater.histories import (
    Diff,
    Difference,
    EdgeHistory,
    History,
    RunEvent,
    RunEventPage,
    diff_of,
)
from headwater.models import Models
from headwater.nodes import Node, node_of
from headwater.pages import Paged, Pages
from headwater.receipts import Failed, Receipt, Receipts, Status, Warned
from headwater.writing import Event, as_object, batches, json_of, shifted, written

__all__ = ["Headwater", "Pages", "Unreachable", "dataset_key", "field_key", "job_key"]

Page = TypeVar("Page", bound=Paged)
Row = TypeVar("Row")
Sent = TypeVar("Sent")
Time = str | datetime
Direction = Literal["upstream", "downstream"]
Granularity = Literal["DATASET", "FIELD", "JOB", "RUN"]
Transformations = Literal["ALL", "DIRECT", "VALUES"]
GroupBy = Literal["NAMESPACE", "PARENT_JOB", "SCHEMA"]

TIMEOUT_S: Final = 60.0
PATIENCE_S: Final = 15.0
ROWS_PER_PAGE: Final = 1_000
EVENTS_PER_PAGE: Final = 50
GZIP_LEVEL: Final = 1


class Knowing(TypedDict, total=False):
    """Which graph to ask: one that holds `at_least` a position, or the one that was known at `known_at`.

    `known_at` is a position or an instant of receipt; asking a past takes longer.
    """

    at_least: str | None
    known_at: Time | None


class Reading(Knowing, total=False):
    """How far to walk, in edges, and over which edges in time."""

    depth: int | None
    as_of: Time | None
    seen_since: Time | None


class Walking(Reading, total=False):
    """Over what to walk, which rows to list, and whether to count all."""

    granularity: Granularity
    transformations: Transformations
    kinds: Iterable[str]
    totals: bool


class Comparing(Knowing, total=False):
    """How far, and over what, two sides are compared."""

    depth: int | None
    granularity: Granularity


class Headwater(Models):
    """A connection to one server; threads may share it. Close it, or use it in a `with` block.

    `api_key` is an API key or a token. No request takes longer than `timeout_s`. While the server says 503, or the
    network fails, a request is sent again for `patience_s`; nothing else is ever sent again.
    """

    def __init__(
        self, server: str, *, api_key: str = "", timeout_s: float = TIMEOUT_S, patience_s: float = PATIENCE_S
    ) -> None:
        """Connect when the first request is made; raises BadInput for what is no address."""
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        timeout = httpx.Timeout(timeout_s, connect=min(timeout_s, CONNECT_TIMEOUT_S))
        self._server = server
        self._patience_s = patience_s
        with network_told(server):
            self._client = httpx.Client(base_url=server.rstrip("/"), headers=headers, timeout=timeout)

    def __enter__(self) -> Self:
        """Give this connection."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Let the connection go; asking afterwards is an error."""
        self._client.close()

    def upstream(
        self,
        of: str,
        *,
        rows_per_page: int = ROWS_PER_PAGE,
        **how: Unpack[Walking],
    ) -> Pages[Lineage, LineageNode]:
        """Say what something's data comes from, nearest first; nothing is asked until rows are taken."""
        asked = {"key": of, "limit": rows_per_page, **how}
        return self._pages("upstream", asked, lineage_of, lambda page: page.nodes)

    def downstream(
        self,
        of: str,
        *,
        rows_per_page: int = ROWS_PER_PAGE,
        consumers: bool = False,
        **how: Unpack[Walking],
    ) -> Pages[Lineage, LineageNode]:
        """Say what something's data goes into, nearest first; nothing is asked until rows are taken.

        With `consumers` each page names the jobs that read one of its datasets and output nothing.
        """
        asked = {"key": of, "limit": rows_per_page, "consumers": consumers, **how}
        return self._pages("downstream", asked, lineage_of, lambda page: page.nodes)

    def paths(
        self,
        source: str,
        target: str,
        *,
        as_of: Time | None = None,
        granularity: Granularity = "DATASET",
        transformations: Transformations = "ALL",
        limit: int = 10,
        at_least: str | None = None,
        known_at: Time | None = None,
    ) -> PathSet:
        """Give the nearest paths from one key to another, and what is known of all."""
        asked = {
            "from": source,
            "to": target,
            "as_of": as_of,
            "granularity": granularity,
            "transformations": transformations,
            "limit": limit,
            "at_least": at_least,
            "known_at": known_at,
        }
        return self._get("/api/v1/graph/paths", asked, lambda sent: msgspec.convert(sent, PathSet))

    def rollup(
        self,
        of: str,
        direction: Direction,
        *,
        granularity: Granularity = "DATASET",
        group_by: GroupBy | None = None,
        hide_kinds: Iterable[str] = (),
        ignore_as_hops: Iterable[str] = (),
        rows_per_page: int = ROWS_PER_PAGE,
        **how: Unpack[Reading],
    ) -> Pages[Rollup, Group]:
        """Say how a walk looks from further away: its groups, nearest first, and on pages the edges between them."""
        asked = {
            "key": of, "direction": direction, "granularity": granularity, "group_by": group_by, "hide_kinds": hide_kinds,
            "ignore_as_hops": ignore_as_hops, "limit": rows_per_page, **how,
        }  # fmt: skip
        return self._pages("rollup", asked, rollup_of, lambda page: page.groups)

    def field_lineage(
        self,
        dataset: str,
        *,
        transformations: Transformations = "ALL",
        rows_per_page: int = ROWS_PER_PAGE,
        **how: Unpack[Reading],
    ) -> Pages[FieldLineage, FieldEnds]:
        """Say where the columns of a dataset come from and go, one edge far unless `depth` says more."""
        asked = {"dataset": dataset, "transformations": transformations, "limit": rows_per_page, **how}
        return self._pages("field_lineage", asked, field_lineage_of, lambda page: page.fields)

    def history(
        self,
        of: str,
        *,
        source: str | None = None,
        rows_per_page: int = ROWS_PER_PAGE,
        **how: Unpack[Knowing],
    ) -> Pages[History, EdgeHistory]:
        """Give every interval of the edges into a dataset, or of those from `source` alone."""
        asked = {"key": of, "source": source, "limit": rows_per_page, **how}
        return self._pages(
            "history", asked, lambda sent: msgspec.convert(sent, History), lambda page: page.edges
        )

    def diff(
        self,
        a: str,
        b: str | None = None,
        *,
        a_as_of: Time | None = None,
        b_as_of: Time | None = None,
        direction: Direction = "upstream",
        rows_per_page: int = ROWS_PER_PAGE,
        **how: Unpack[Comparing],
    ) -> Pages[Diff, Difference]:
        """Say what is on side b and not on side a, or not the same; without `b` of one thing at two times."""
        asked = {
            "a": a, "b": b, "a_as_of": a_as_of, "b_as_of": b_as_of, "direction": direction, "limit": rows_per_page,
            **how,
        }  # fmt: skip
        return self._pages("diff", asked, diff_of, lambda page: page.differences, of_whole=True)

    def run_events(
        self, run: str, *, rows_per_page: int = EVENTS_PER_PAGE, at_least: str | None = None
    ) -> Pages[RunEventPage, RunEvent]:
        """Give the events of a run as they were accepted, by time; `run` is its key or its UUID."""
        asked = {"key": run, "limit": rows_per_page, "at_least": at_least}
        return self._pages(
            "run_events", asked, lambda sent: msgspec.convert(sent, RunEventPage), lambda page: page.events
        )

    def search(
        self,
        text: str,
        *,
        kinds: Iterable[str] = (),
        rows_per_page: int = 20,
        at_least: str | None = None,
        known_at: Time | None = None,
    ) -> Pages[Found, Node]:
        """Find what is called like a text, best first; take the first few rows rather than all."""
        asked = {
            "q": text,
            "kinds": kinds,
            "limit": rows_per_page,
            "at_least": at_least,
            "known_at": known_at,
        }
        return self._pages("search", asked, found_of, lambda page: page.nodes)

    def node(self, key: str, *, at_least: str | None = None, known_at: Time | None = None) -> Node:
        """Give one node; raises NodeNotFound with `values["near"]`, keys that resemble it."""
        asked = {"key": key, "at_least": at_least, "known_at": known_at}
        return self._get("/api/v1/graph/node", asked, node_of)

    def emit(self, event: Event | str | bytes) -> Receipt:
        """Hand over one event, as an object or as JSON text; returns when it is on the server's disk.

        Raises EventRejected, BadJson, TooLarge. An event that is sent again after its answer was lost is a
        `duplicate`, and kept once.
        """
        raw = (
            event.encode()
            if isinstance(event, str)
            else event
            if isinstance(event, bytes)
            else json_of(event)
        )
        return self._post("/api/v1/lineage", raw, lambda sent: msgspec.convert(sent, Receipt))

    def emit_many(self, events: Iterable[Event]) -> Receipts:
        """Hand over many events, some hundreds at a time; one that is refused is in `failed`, and the rest are kept.

        Raises what stops a whole batch; batches before it are on the server's disk then.
        """
        accepted = duplicates = seen = 0
        failed: list[Failed] = []
        warnings: list[Warned] = []
        position: str | None = None
        for batch in batches(events):
            sent = self._post("/api/v1/lineage/batch", b"[%s]" % b",".join(batch), as_object)
            summary = sent["summary"]
            accepted += summary["successful"] - summary["duplicates"]
            duplicates += summary["duplicates"]
            failed += shifted(sent["failed_events"], Failed, seen)
            warnings += shifted(sent["warnings"], Warned, seen)
            position = sent["position"]
            seen += len(batch)
        return Receipts(accepted, duplicates, failed, warnings, position)

    def status(self) -> Status:
        """Say how the server is, ready or not; raises Unreachable where nobody answers."""
        with network_told(self._server):
            answer = self._client.get("/readyz")
        if answer.status_code not in {httpx.codes.OK, httpx.codes.SERVICE_UNAVAILABLE}:
            raise refusal(answer) or not_ours(answer)
        return self._read(answer, lambda sent: msgspec.convert(sent, Status))

    def ready(self) -> bool:
        """Tell whether the server's graph can be asked now."""
        try:
            return self.status().ready
        except Unreachable:
            return False

    def _pages(
        self,
        question: str,
        asked: Mapping[str, Any],
        made: Callable[[Any], Page],
        rows: Callable[[Page], Sequence[Row]],
        *,
        of_whole: bool = False,
    ) -> Pages[Page, Row]:
        once = {name: written(value) for name, value in asked.items()}  # `kinds` may be an iterator

        path = question if question.startswith("/") else f"/api/v1/graph/{question}"

        def read(after: str | None) -> Page:
            return self._get(path, {**once, "after": after}, made)

        return Pages(read, rows, of_whole=of_whole)

    def _get(self, path: str, asked: Mapping[str, Any], made: Callable[[Any], Sent]) -> Sent:
        told = {name: written(value) for name, value in asked.items()}
        params = {name: value for name, value in told.items() if value is not None}
        return self._answered(self._client.build_request("GET", path, params=params), made)

    def _post(self, path: str, raw: bytes, made: Callable[[Any], Sent]) -> Sent:
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        content = gzip.compress(raw, GZIP_LEVEL)
        return self._answered(
            self._client.build_request("POST", path, content=content, headers=headers), made
        )

    def _answered(self, request: httpx.Request, made: Callable[[Any], Sent]) -> Sent:
        with network_told(self._server):
            answer = patiently(self._client, request, patience_s=self._patience_s)
        error = refusal(answer)
        if error is not None:
            raise error
        return self._read(answer, made)

    def _read(self, answer: httpx.Response, made: Callable[[Any], Sent]) -> Sent:
        try:
            return made(msgspec.json.decode(answer.content))
        except (msgspec.MsgspecError, KeyError, TypeError, AttributeError) as error:
            raise not_ours(answer) from error
