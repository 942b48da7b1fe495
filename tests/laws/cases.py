"""Which hand-written cases are there, and does a set of export rows meet one?

A case is data in `tests/cases/*.json`: the rule, the story in the language of `tests/arrows.py`, and what the
rules say of it, written by hand. `edges` are all feeds and fed rows, `columns` all column rows, `rows` some
members of some rows, `no` rows that may not be there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.canonical import canonical
from tests import arrows

FOLDER = Path(__file__).parent.parent / "cases"
EDGES = ("feeds", "fed")
COLUMNS = ("feeds_field", "fed_field", "shapes")
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """One story and what must come of it; None where nothing is said."""

    name: str
    rule: str
    story: tuple[str | Row, ...]
    edges: tuple[str, ...] | None
    columns: tuple[str, ...] | None
    rows: tuple[str, ...]
    no: tuple[str, ...]

    def events(self) -> list[tuple[Row, bool]]:
        """The story as (canonical event, suspect flag)."""
        read = [arrows.event(line) if isinstance(line, str) else (line, False) for line in self.story]
        return [(canonical(body), suspect) for body, suspect in read]


def _tuple(value: list[str] | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(value)


def _case(body: Row) -> Case:
    edges, columns = _tuple(body.get("edges")), _tuple(body.get("columns"))
    rows, no = tuple(body.get("rows", [])), tuple(body.get("no", []))
    return Case(
        body["name"], body["rule"], tuple(body["story"]), edges=edges, columns=columns, rows=rows, no=no
    )


def read_cases() -> list[Case]:
    """Every case of every file, in order."""
    return [
        _case(body) for path in sorted(FOLDER.glob("law-*.json")) for body in json.loads(path.read_text())
    ]


def complaints(case: Case, rows: list[Row]) -> list[str]:
    """Say where the rows differ from the case, one line each."""
    found = _exactly(case.edges, rows, EDGES) + _exactly(case.columns, rows, COLUMNS)
    for line in case.rows:
        wanted = arrows.row(line)
        if not any(_has(row, wanted) for row in rows):
            near = [row for row in rows if row["type"] == wanted["type"] and _has(row, _identity(wanted))]
            found.append(f"wanted  {line}\n  found {json.dumps(near, sort_keys=True)}")
    return found + [
        f"unwanted {line}" for line in case.no if any(_has(row, arrows.row(line)) for row in rows)
    ]


def _identity(wanted: Row) -> Row:
    return {name: wanted[name] for name in ("key", "direction", "dataset", "job") if name in wanted and
            (wanted["type"] == "io" or name == "key")}  # fmt: skip


def _has(row: Row, wanted: Row) -> bool:
    return all(name in row and row[name] == value for name, value in wanted.items())


def _exactly(lines: tuple[str, ...] | None, rows: list[Row], types: tuple[str, ...]) -> list[str]:
    """Compare all rows of some types with the lines; members a line does not speak of are not compared."""
    if lines is None:
        return []
    wanted = [arrows.edge(line) for line in lines]
    present = [row for row in rows if row["type"] in types]
    missing = [
        line for line, want in zip(lines, wanted, strict=True) if not any(_has(r, want) for r in present)
    ]
    surplus = [row for row in present if not any(_has(row, want) for want in wanted)]
    return [f"missing {line}" for line in missing] + [
        f"surplus {json.dumps(row, sort_keys=True)}" for row in surplus
    ]
