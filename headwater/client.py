"""How does a script ask a server, and hand it events?

    with Headwater("http://127.0.0.1:8020") as hw:
        for row in hw.downstream("dataset:bigquery:otter.marts.trips"):
            print(row.depth, row.node.key)

Names and meanings are those of docs/api.md; a failure is an error of `graph_schema.errors` with `code` and `message`.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Generic, Literal, Self, TypedDict, TypeVar, Unpack

import httpx
import msgspec

from graph_schema.errors import BadInput
from graph_schema.identity import dataset_key, field_key, job_key
from headwater.answers import (
    Completeness,
    Failed,
    Found,
    Lineage,
    LineageNode,
    Node,
    PathSet,
    Receipt,
    Receipts,
    Status,
    Warned,
    found_of,
    lineage_of,
    node_of,
    united,
)
from headwater.asking import CONNECT_TIMEOUT_S, Unreachable, network_told, not_ours, patiently, refusal

__all__ = ["Headwater", "Pages", "Unreachable", "dataset_key", "field_key", "job_key"]

Page = TypeVar("Page", Lineage, Found)
Row = TypeVar("Row")
Sent = TypeVar("Sent")
Time = str | datetime
Granularity = Literal["DATASET", "FIELD", "JOB", "RUN"]
Transformations = Literal["ALL", "DIRECT", "VALUES"]
Event = Mapping[str, Any]

TIMEOUT_S: Final = 60.0
PATIENCE_S: Final = 15.0
ROWS_PER_PAGE: Final = 1_000
BATCH_EVENTS_MAX: Final = 500
BATCH_BYTES_MAX: Final = 4 * 1024 * 1024
GZIP_LEVEL: Final = 1


class Walking(TypedDict, total=False):
    """How to walk: `depth` in edges, `as_of` and `seen_since` in time, which rows to list, and whether to count all.

    `known_at`, a position or an instant of receipt, asks the graph as it was known then; that takes longer.
    """

    depth: int | None
    as_of: Time | None
    seen_since: Time | None
    granularity: Granularity
    transformations: Transformations
    kinds: Iterable[str]
    totals: bool
    known_at: Time | None


class Pages(Generic[Page, Row]):
    """The rows of an answer, asked for page by page as they are taken; each iteration asks anew.

    `completeness` says how far what was read so far is the whole answer: look at it after the last row.
    """

    def __init__(self, read: Callable[[str | None], Page], rows: Callable[[Page], Sequence[Row]]) -> None:
        """Read pages by their cursor, None for the first, and take rows from them."""
        self._read: Callable[[str | None], Page] = read
        self._rows: Callable[[Page], Sequence[Row]] = rows
        self._known: Completeness | None = None

    @property
    def completeness(self) -> Completeness:
        """Say how far the pages that were read are the whole answer; raises BadInput before the first."""
        if self._known is None:
            raise BadInput("nothing was read yet: take rows first, then look how complete they are")
        return self._known

    def __iter__(self) -> Iterator[Row]:
        """Give row after row; raises what the server refuses with."""
        for page in self.pages():
            yield from self._rows(page)

    def pages(self) -> Iterator[Page]:
        """Give page after page: a page of lineage has edges beside its rows."""
        self._known = None
        after: str | None = None
        while True:
            page = self._read(after)
            self._known = united(self._known, page.completeness)
            yield page
            after = page.page_info.end_cursor
            if not page.page_info.has_next_page or after is None:
                return


class Headwater:
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
        at_least: str | None = None,
        **how: Unpack[Walking],
    ) -> Pages[Lineage, LineageNode]:
        """Say what something's data comes from, nearest first; nothing is asked until rows are taken."""
        return self._walk("upstream", {"key": of, "limit": rows_per_page, "at_least": at_least, **how})

    def downstream(
        self,
        of: str,
        *,
        rows_per_page: int = ROWS_PER_PAGE,
        at_least: str | None = None,
        consumers: bool = False,
        **how: Unpack[Walking],
    ) -> Pages[Lineage, LineageNode]:
        """Say what something's data goes into, nearest first; nothing is asked until rows are taken.

        With `consumers` each page names the jobs that read one of its datasets and output nothing.
        """
        asked = {"key": of, "limit": rows_per_page, "at_least": at_least, "consumers": consumers, **how}
        return self._walk("downstream", asked)

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
        return Pages(self._reader("/api/v1/graph/search", asked, found_of), lambda page: page.nodes)

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
            event.encode() if isinstance(event, str) else event if isinstance(event, bytes) else _json(event)
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
        for batch in _batches(events):
            sent = self._post("/api/v1/lineage/batch", b"[%s]" % b",".join(batch), _as_object)
            summary = sent["summary"]
            accepted += summary["successful"] - summary["duplicates"]
            duplicates += summary["duplicates"]
            failed += _shifted(sent["failed_events"], Failed, seen)
            warnings += _shifted(sent["warnings"], Warned, seen)
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

    def _walk(self, direction: str, asked: Mapping[str, Any]) -> Pages[Lineage, LineageNode]:
        read = self._reader(f"/api/v1/graph/{direction}", asked, lineage_of)
        return Pages(read, lambda page: page.nodes)

    def _reader(
        self, path: str, asked: Mapping[str, Any], made: Callable[[Any], Sent]
    ) -> Callable[[str | None], Sent]:
        written = {name: _written(value) for name, value in asked.items()}  # once: `kinds` may be an iterator
        return lambda after: self._get(path, {**written, "after": after}, made)

    def _get(self, path: str, asked: Mapping[str, Any], made: Callable[[Any], Sent]) -> Sent:
        written = {name: _written(value) for name, value in asked.items()}
        params = {name: value for name, value in written.items() if value is not None}
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


def _written(value: Any) -> str | None:
    """Write a parameter as the server reads it; a time without a zone is UTC there."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    if value is None or isinstance(value, str | int):
        return None if value is None else str(value)
    return ",".join(value) or None


def _json(event: Event) -> bytes:
    try:
        return json.dumps(event, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise BadInput(
            f"the event cannot be written as JSON ({error}); give plain JSON values, times as text"
        ) from error


def _batches(events: Iterable[Event]) -> Iterator[list[bytes]]:
    held: list[bytes] = []
    size = 0
    for event in events:
        raw = _json(event)
        if held and (len(held) >= BATCH_EVENTS_MAX or size + len(raw) > BATCH_BYTES_MAX):
            yield held
            held, size = [], 0
        held.append(raw)
        size += len(raw)
    if held:
        yield held


def _as_object(sent: Any) -> dict[str, Any]:
    return msgspec.convert(sent, dict[str, Any])


def _shifted(told: Any, kind: type[Sent], by: int) -> list[Sent]:
    """Give what was told of the events of one batch with the places that they have among all."""
    moved = [{**one, "index": one["index"] + by} if "index" in one else one for one in told]
    return msgspec.convert(moved, list[kind])  # type: ignore[valid-type]
