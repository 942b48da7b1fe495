"""What is in the whole graph, row by row, in an order that depends on nothing but the graph?

ndjson, ordered by (type, key); rows without a key by their canonical JSON text (keys sorted), which is also
how every row is written. Unknown is null and never absent.

Memory stays bounded at any size. No engine gives ordered pages cheaply (ArcadeDB sorts the whole label for
each page), so nodes are read by ranges of keys that hold about a thousand rows, cut at sampled keys; rows
without a key are sorted in runs on disk. Cuts end before the first character beyond ASCII: against those,
every engine compares texts alike.
"""

from __future__ import annotations

import heapq
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice, pairwise
from tempfile import TemporaryFile
from typing import IO, Any, Final

import orjson

from graph_schema.instants import OPEN_END
from queries.statements import statement
from queries.store import GraphStore

_SAMPLES_PER_RANGE: Final = 10
"""A hundredth of the keys is sampled, so a range holds about a thousand."""
_FIRST: Final = ""
_LAST: Final = "~"
"""Keys begin with the lower-case name of their kind."""
_LINES_PER_RUN: Final = 20_000
_LINES_PER_BLOCK: Final = 1_000

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Part:
    """One type of row: the statements that read it, each with the label whose keys it ranges over."""

    type: str
    sources: tuple[tuple[str, str], ...]
    keyed: bool = False
    finish: Callable[[Row], Row] = dict


def _closed_interval(row: Row) -> Row:
    valid_to = [None if end == OPEN_END else end for end in row["valid_to"]]
    return {**row, "job": row["job"] or None, "valid_to": valid_to}


def _run(row: Row) -> Row:
    return {**row, "job_clash": sorted(row["job_clash"] or [])}


PARTS: Final = (
    _Part("approval", (("approvals", "approval"),), keyed=True),
    _Part("approves", (("approves", "approval"),)),
    _Part("check", (("checks", "check"),), keyed=True),
    _Part("check_of", (("check_of", "check"),)),
    _Part("checked", (("checked", "run"),)),
    _Part("dataset", (("datasets", "dataset"),), keyed=True),
    _Part("decided_by", (("decided_by", "approval"),)),
    _Part("deployment", (("deployments", "deployment"),), keyed=True),
    _Part("experiment", (("experiments", "experiment"),), keyed=True),
    _Part("facet", (("facets", "facet"),), keyed=True),
    _Part("fed", (("fed", "dataset"),), finish=_closed_interval),
    _Part("fed_field", (("fed_field", "field"),), finish=_closed_interval),
    _Part("feeds", (("feeds", "dataset"),), finish=_closed_interval),
    _Part("feeds_field", (("feeds_field", "field"),), finish=_closed_interval),
    _Part("field", (("fields", "field"),), keyed=True),
    _Part("has_facet", (("dataset_facets", "dataset"), ("job_facets", "job"))),
    _Part("in_experiment", (("in_experiment", "run"),)),
    _Part("io", (("io_inputs", "dataset"), ("io_outputs", "dataset"))),
    _Part("job", (("jobs", "job"),), keyed=True),
    _Part("model", (("models", "model"),), keyed=True),
    _Part("owned_by", (("dataset_owners", "dataset"), ("job_owners", "job"))),
    _Part("person", (("persons", "person"),), keyed=True),
    _Part("run", (("runs", "run"),), keyed=True, finish=_run),
    _Part("shapes", (("shapes", "field"),), finish=_closed_interval),
    _Part("started_by", (("experiment_starters", "experiment"), ("run_starters", "run"))),
    _Part("used_feature", (("used_feature", "run"),)),
    _Part("version_of", (("version_of", "dataset"),)),
)
"""In the order of the export, which is that of the types' names."""


async def export_blocks(store: GraphStore) -> AsyncGenerator[bytes, None]:
    """Yield the export as blocks of whole lines."""
    cuts: dict[str, list[tuple[str, str]]] = {}
    for part in PARTS:
        for _, label in part.sources:
            if label not in cuts:
                cuts[label] = await _ranges(store, label)
        lines = _keyed(store, part, cuts) if part.keyed else _sorted(_unkeyed(store, part, cuts))
        async for block in lines:
            yield block


async def _ranges(store: GraphStore, label: str) -> list[tuple[str, str]]:
    """Cut the keys of a label into ranges [low, high)."""
    rows = await store.read(statement(f"export/{label}_cuts"))
    sample = sorted(_ascii_start(key) for key in rows[0]["keys"]) if rows else []
    ends = sorted({_FIRST, *sample[_SAMPLES_PER_RANGE::_SAMPLES_PER_RANGE], _LAST})
    return list(pairwise(ends))


def _ascii_start(key: str) -> str:
    return key if key.isascii() else key[: next(n for n, char in enumerate(key) if not char.isascii())]


async def _keyed(
    store: GraphStore, part: _Part, cuts: dict[str, list[tuple[str, str]]]
) -> AsyncIterator[bytes]:
    (name, label), *_ = part.sources
    for low, high in cuts[label]:
        rows = await store.read(statement(f"export/{name}"), low=low, high=high)
        found = sorted((row for answer in rows for row in answer["rows"]), key=lambda row: row["key"])
        if found:
            yield b"".join(_line(part, row) for row in found)


async def _unkeyed(
    store: GraphStore, part: _Part, cuts: dict[str, list[tuple[str, str]]]
) -> AsyncIterator[list[bytes]]:
    for name, label in part.sources:
        for low, high in cuts[label]:
            rows = await store.read(statement(f"export/{name}"), low=low, high=high)
            yield [_line(part, row) for answer in rows for row in answer["rows"]]


def _line(part: _Part, row: Row) -> bytes:
    return orjson.dumps(
        {**part.finish(row), "type": part.type}, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    )


async def _sorted(lists: AsyncIterator[list[bytes]]) -> AsyncIterator[bytes]:
    """Sort lines of any number: runs on disk, merged."""
    with ExitStack() as files:
        runs: list[IO[bytes]] = []
        held: list[bytes] = []
        async for lines in lists:
            held.extend(lines)
            if len(held) >= _LINES_PER_RUN:
                runs.append(_spill(files, held))
                held = []
        for block in _blocks(heapq.merge(*runs, sorted(held))):
            yield block


def _spill(files: ExitStack, lines: Sequence[bytes]) -> IO[bytes]:
    file = files.enter_context(TemporaryFile())  # noqa: SIM115 - the stack closes it
    file.writelines(sorted(lines))
    file.seek(0)
    return file


def _blocks(lines: Iterator[bytes]) -> Iterator[bytes]:
    while block := b"".join(islice(lines, _LINES_PER_BLOCK)):
        yield block
