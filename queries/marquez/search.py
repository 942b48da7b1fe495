"""Which datasets and jobs are called like a text, as Marquez lists them?

The words of a text are sought as everywhere here (`queries/search.py`), the last as the beginning of one; Marquez looks for
the text anywhere within a name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from graph_schema.identity import stored_namespace
from queries.limits import Limits
from queries.marquez.names import node_id, wire_time
from queries.marquez.runs import newest_runs
from queries.marquez.shapes import SearchResult
from queries.projection import Projection
from queries.results import DATASET_KINDS, Dataset, Job, Node
from queries.search import CANDIDATES_MAX
from queries.search import Question as Words
from queries.search import search as search_words
from queries.store import GraphStore

LIMIT_DEFAULT: Final = 10
SORTS: Final = ("NAME", "UPDATE_AT", "UPDATED_AT")
_KINDS: Final = {"DATASET": frozenset(DATASET_KINDS), "JOB": frozenset({"JOB"})}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A search of Marquez's. `before` and `after` are instants between which something was updated last."""

    text: str
    only: str | None = None
    namespace: str | None = None
    before: str | None = None
    after: str | None = None
    sort: str | None = None
    limit: int = LIMIT_DEFAULT


async def search(
    store: GraphStore, question: Question, limits: Limits, *, projection: Projection
) -> tuple[list[SearchResult], int, list[str]]:
    """Give what was found, how much there is in all, and which limits cut it."""
    kinds = _KINDS[question.only] if question.only else _KINDS["DATASET"] | _KINDS["JOB"]
    asked = Words(text=question.text, kinds=kinds, first=min(CANDIDATES_MAX, limits.page_max))
    found = await search_words(store, asked, limits, projection=projection)
    own = None if question.namespace is None else stored_namespace(question.namespace)
    nodes = [node for node in found.nodes if own is None or node.namespace == own]
    updated = await _updated(store, nodes)
    kept = [node for node in nodes if _within(question, updated[node.key])]
    cut = list(found.completeness.truncated_by)
    if found.page_info.has_next_page:
        cut.append("candidates")
    told = [_result(node, updated[node.key]) for node in _sorted(kept, question.sort, updated)]
    return told[: question.limit], len(told), list(dict.fromkeys(cut))


async def _updated(store: GraphStore, nodes: list[Node]) -> dict[str, str | None]:
    """Say when datasets were written last, and when jobs were heard of last."""
    newest = await newest_runs(store, [node.key for node in nodes if isinstance(node, Job)], 1)
    moments: dict[str, str | None] = {}
    for node in nodes:
        created = node.created_at if isinstance(node, Dataset | Job) else None
        if isinstance(node, Dataset):
            later = node.last_written_at
        else:
            later = next((run.last_event_at for run in newest.get(node.key, ())), None)
        moments[node.key] = max(filter(None, (created, later)), default=None)
    return moments


def _within(question: Question, updated: str | None) -> bool:
    early = question.after is not None and (updated is None or updated <= question.after)
    late = question.before is not None and (updated is None or updated >= question.before)
    return not early and not late


def _sorted(nodes: list[Node], sort: str | None, updated: dict[str, str | None]) -> list[Node]:
    """Order what was found: best first, unless an order is asked for."""
    if sort is None:
        return nodes
    by_name = sorted(nodes, key=lambda node: (node.name, node.key))
    if sort == "NAME":
        return by_name
    return sorted(by_name, key=lambda node: updated[node.key] or "", reverse=True)


def _result(node: Node, updated: str | None) -> SearchResult:
    kind = "JOB" if isinstance(node, Job) else "DATASET"
    return SearchResult(
        type=kind,
        name=node.name,
        updated_at=wire_time(updated),
        namespace=node.namespace or "",
        node_id=node_id(kind.lower(), node.namespace or "", node.name),
    )
