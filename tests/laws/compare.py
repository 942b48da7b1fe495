"""Where do two exports differ, and what is the shortest way to say so?"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

Row = dict[str, Any]
NAIVE_TYPES = frozenset(
    {"dataset", "field", "job", "run", "io", "feeds", "fed", "feeds_field", "fed_field", "shapes"}
    | {"experiment", "model", "deployment", "approval"}
    | {"in_experiment", "version_of", "used_feature", "started_by", "approves", "decided_by"}
)


def text_of(row: Row) -> str:
    """One row as comparable text."""
    return json.dumps(row, sort_keys=True, ensure_ascii=False)


def known(rows: Iterable[Row]) -> list[Row]:
    """The rows of the types that the naive implementation speaks of."""
    return [row for row in rows if row["type"] in NAIVE_TYPES]


def difference(wanted: Iterable[Row], found: Iterable[Row], *, names: tuple[str, str]) -> str:
    """The rows that only one side has, beside the members in which near rows differ; "" when equal."""
    left, right = Counter(map(text_of, wanted)), Counter(map(text_of, found))
    lines = []
    for name, rows in ((names[0], left - right), (names[1], right - left)):
        lines += [f"only {name}: {row}" for row in sorted(rows.elements())]
    return "\n".join(sorted(lines, key=_subject))


def _subject(line: str) -> str:
    """Sort what speaks of the same thing together."""
    row = json.loads(line.partition(": ")[2])
    ends = [row.get(name) for name in ("key", "source", "target", "job", "direction", "dataset")]
    return json.dumps([row["type"].replace("feeds", "fed"), ends, line])


def told(history: Iterable[tuple[Row, bool]]) -> str:
    """A history as JSON lines, suspect ones marked."""
    return "\n".join(("suspect " if suspect else "") + text_of(body) for body, suspect in history)
