"""What do we say? Read from a running server: its export for what is compared, its events for why."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import httpx

from app.cli.connection import ask, check
from app.compare.facts import Facts, read_facts
from app.compare.side import Run, Side
from graph_schema.identity import dataset_key, job_key

EVENTS_PAGE: Final = 500
ODDITIES_PAGE: Final = 1_000
ROWS_BETWEEN_SAYS: Final = 1_000
SETTLED_WITHIN_S: Final = 30.0
LOOK_AGAIN_S: Final = 0.2

Say = Callable[[str, int, int], object]
Row = dict[str, Any]


def settled(client: httpx.Client, *, wait_s: float = SETTLED_WITHIN_S) -> Iterator[str]:
    """Wait until what the Marquez had by now was followed; say what may be missing here all the same."""
    began = time.monotonic()
    while True:
        since_s = time.monotonic() - began
        follow = client.get("/readyz").json().get("follow")
        missing = None if follow is None else _missing(follow, since_s)
        if missing is None or not follow["up"] or since_s > wait_s:
            break
        time.sleep(LOOK_AGAIN_S)
    if missing is not None:
        yield f"the follower {missing}; what the Marquez got since is missing here"
    if ask(client, "/api/v1/oddities", {"kind": "rejected", "limit": 1})["oddities"]:
        yield (
            "Headwater refused some bodies (GET /api/v1/oddities?kind=rejected); where the Marquez took them, "
            "what only they say is unexplained"
        )


def _missing(follow: Row, since_s: float) -> str | None:
    """Say how a follower has not read what was there so long ago; None where it has."""
    if not follow["up"]:
        return f"is {follow.get('state')}"
    lag_s = follow.get("lag_s")
    if lag_s is None:
        return "has not begun"
    return None if lag_s <= since_s else f"is {lag_s:,.0f} s behind"


def read_ours(client: httpx.Client, say: Say) -> Side:
    """Read the whole graph, as far as it is compared, once everything accepted is in it."""
    end = str(client.get("/readyz").json().get("journal_end") or 0)
    side = Side(position=end)
    with client.stream("GET", "/api/v1/export", params={"at_least": end}, timeout=None) as answer:
        if not answer.is_success:
            answer.read()
            check(answer)
        for number, line in enumerate(answer.iter_lines(), 1):
            row = json.loads(line)
            take = _TAKEN.get(row["type"])
            if take is not None:
                take(side, row)
            if number % ROWS_BETWEEN_SAYS == 0:
                say("our graph", number, 0)
    side.inputs = {(side.one(source), job) for source, job in side.inputs}
    side.outputs = {(job, side.one(target)) for job, target in side.outputs}
    return side


def _job(side: Side, row: Row) -> None:
    side.jobs.add(row["key"])
    if row["placeholder"]:
        side.mentioned.add(row["key"])


def _run(side: Side, row: Row) -> None:
    side.runs[row["key"]] = Run(row["job"], row["state"])


def _dataset(side: Side, row: Row) -> None:
    side.datasets.add(row["key"])
    if row["alias_of"]:
        side.canonical[row["key"]] = row["alias_of"]
    if row["placeholder"]:
        side.mentioned.add(row["key"])
    if row["live"] is False:
        side.dropped.add(row["key"])


def _field(side: Side, row: Row) -> None:
    if row["current"] is not False:
        side.fields[row["key"]] = 1


def _io(side: Side, row: Row) -> None:
    if not row["current"]:
        return
    dataset = dataset_key(row["dataset"]["namespace"], row["dataset"]["name"])
    job = job_key(row["job"]["namespace"], row["job"]["name"])
    if row["direction"] == "INPUT":
        side.inputs.add((dataset, job))
    else:
        side.outputs.add((job, dataset))


def _column(side: Side, row: Row) -> None:
    side.columns.add((row["source"], row["target"]))


def _closed(side: Side, row: Row) -> None:
    side.columns_closed.add((row["source"], row["target"]))


_TAKEN: Final[dict[str, Callable[[Side, Row], None]]] = {
    "job": _job,
    "run": _run,
    "dataset": _dataset,
    "field": _field,
    "io": _io,
    "feeds_field": _column,
    "fed_field": _closed,
}


def read_events(client: httpx.Client, wanted: set[str], position: str, say: Say) -> Facts:
    """Read why: all events up to a position, of which those are kept that speak of the wanted keys."""
    forward = client.get("/readyz").json().get("forward") or {}
    waiting = forward.get("waiting")
    return read_facts(
        _events(client, int(position), say),
        wanted,
        refused={int(row["position"]): row["answer"] for row in _refused(client)},
        not_sent=int(forward["cursor"]) if waiting else None,
    )


def _events(client: httpx.Client, end: int, say: Say) -> Iterator[Row]:
    after = 0
    while after < end:
        page = ask(client, "/api/v1/events", {"after": after, "limit": EVENTS_PAGE})
        yield from page["events"]
        if not page["page_info"]["has_next_page"]:
            return
        after = int(page["page_info"]["end_cursor"])
        say("events", after, end)


def _refused(client: httpx.Client) -> Iterator[Row]:
    after = None
    while True:
        asked = {"kind": "forward_refused", "limit": ODDITIES_PAGE, "after": after}
        page = ask(client, "/api/v1/oddities", asked)
        yield from page["oddities"]
        if not page["page_info"]["has_next_page"]:
            return
        after = page["page_info"]["end_cursor"]
