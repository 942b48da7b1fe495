"""What does a state hold that joining alone fills?"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Final

from ingest.fold import Contribution
from ingest.project.gather import gather
from ingest.project.join import join
from ingest.project.touched import Touched
from ingest.state import State

JOINED: Final = (
    "body", "name", "field", "register", "schema_claim", "run_fact", "run_mention", "job_event", "job_type", "job_parent",
    "told", "checked", "mention", "said", "started", "learning", "keyed", "described",
)  # fmt: skip
"""The tables that joining alone fills; `ingest/state.sql` has them under one heading."""

Batch = list[Contribution]
Tables = dict[str, list[tuple[Any, ...]]]


def joined(*batches: Batch) -> Tables:
    """Join batches one after another into an empty state, and give what it holds."""
    with tempfile.TemporaryDirectory() as home:
        state = State(Path(home) / "state.sqlite")
        for batch in batches:
            join(state, gather(batch), Touched())
        held = rows_joined(state)
        state.close()
    return held


def rows_joined(state: State) -> Tables:
    """Give the rows of these tables."""
    return {table: sorted(state.rows(f"SELECT * FROM {table}"), key=repr) for table in JOINED}
