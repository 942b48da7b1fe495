"""How is joined what events say of experiments, models, views and people, and what does it touch (rules D6, D7)?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graph_schema.identity import parse_key
from ingest.saying import ACT, EXPERIMENT, JOIN_KEYS, MODEL, NAME

if TYPE_CHECKING:
    from ingest.project.gather import Gathered
    from ingest.project.kinds import Kinds
    from ingest.project.touched import Touched
    from ingest.state import State

_KEEP_STARTED: Final = (
    "INSERT INTO started VALUES (?, ?, ?, ?)"
    " ON CONFLICT (subject, person, evidence) DO UPDATE SET at = min(at, excluded.at)"
)


def join_said(state: State, gathered: Gathered, touched: Touched, kinds: Kinds) -> None:
    """Keep the newest of each slot, the least time of each start, and touch what is shown by them."""
    for entity, view in sorted(gathered.keyed):
        if state.one("SELECT 1 FROM keyed WHERE entity = ? AND view = ?", (entity, view)) is None:
            state.run("INSERT INTO keyed VALUES (?, ?)", (entity, view))
    for (entity, slot), (stamp, body) in gathered.said.items():
        before = state.one("SELECT stamp, body FROM said WHERE entity = ? AND slot = ?", (entity, slot))
        if before is not None and before[0] >= stamp:
            continue
        kinds.before(entity, slot)
        state.run("INSERT OR REPLACE INTO said VALUES (?, ?, ?, ?)", (entity, slot, stamp, body))
        if before is None or before[1] != body:
            _touch(state, entity, slot, touched)
    for (subject, person, evidence), at in gathered.started.items():
        state.run(_KEEP_STARTED, (subject, person, evidence, at))
        if subject.startswith("run:"):
            uuid = parse_key(subject).parts[0]
            touched.runs.add(uuid)
            touched.mentioned.add(uuid)
        else:
            touched.experiments.add(subject)


def _touch(state: State, entity: str, slot: str, touched: Touched) -> None:
    if slot in {EXPERIMENT, NAME}:
        touched.experiments.add(entity)
    elif slot == MODEL:
        touched.models.add(entity)
    elif slot == JOIN_KEYS:
        touched.fields.update(
            row[0] for row in state.rows("SELECT view FROM keyed WHERE entity = ?", (entity,))
        )
    else:
        touched.datasets.add(entity)
        if slot != ACT:
            touched.fields.add(entity)
