"""How does a job look as a node?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph_schema.identity import clean
from graph_schema.instants import OPEN_END
from graph_schema.words import words_text
from ingest.render.datasets import owners_of
from ingest.render.description import descriptive

if TYPE_CHECKING:
    from typing import Any

    from ingest.render.kinds import Registers
    from ingest.render.rows import Row
    from ingest.state import State


def job_row(state: State, job: str, facets: Registers) -> Row | None:
    """Render a job's node; None for a key that no event named."""
    named = state.one("SELECT namespace, name, created_at, real FROM name WHERE key = ?", (job,))
    if named is None:
        return None
    parent = state.one("SELECT parent FROM job_parent WHERE job = ?", (job,))
    types = facets.get("jobType", {})
    described = descriptive(facets.get("documentation"), facets.get("tags"))
    return {
        "key": job,
        "namespace": named[0],
        "name": named[1],
        "parent": parent[0] if parent else None,
        "placeholder": not named[3],
        "processing_type": _text(types.get("processingType")),
        "integration": _text(types.get("integration")),
        "job_type": _text(types.get("jobType")),
        "created_at": None if named[2] == OPEN_END else named[2],
        **described,
        "words": words_text(
            job,
            named[1],
            namespace=named[0],
            tags=described["tags"] or (),
            owners=[name for name, _ in owners_of(facets)],
        ),
    }


def _text(value: Any) -> str | None:
    return clean(value) if isinstance(value, str) else None
