"""Which parts of the graph should a person look into? Run ids that clash, groups of names that were not merged.

Each list goes by key and is read by an index that holds nothing but these, one page at a time.
"""

from __future__ import annotations

from typing import Final

import msgspec

from queries.results import JobClash, UnmergedGroup
from queries.statements import statement
from queries.store import GraphStore

KEYS_SHOWN_MAX: Final = 20
"""Names shown of one group; it has hundreds."""


async def read_job_clashes(store: GraphStore, *, after: str, limit: int) -> list[JobClash]:
    """List runs whose id several jobs used (rule F8)."""
    rows = await store.read(statement("oddities/job_clashes"), after=after, limit=limit)
    return [msgspec.convert(dict(row), JobClash) for row in rows]


async def read_unmerged_groups(store: GraphStore, *, after: str, limit: int) -> list[UnmergedGroup]:
    """List groups of names that are too large to be one dataset (rule F9)."""
    rows = await store.read(statement("oddities/unmerged_groups"), after=after, limit=limit)
    firsts = [row["first"] for row in rows]
    if not firsts:
        return []
    found = await store.read(statement("oddities/unmerged_names"), firsts=firsts, shown=KEYS_SHOWN_MAX)
    groups = {row["first"]: msgspec.convert(dict(row), UnmergedGroup) for row in found}
    return [groups[first] for first in firsts if first in groups]
