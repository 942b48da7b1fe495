"""What happened to a dataset's name: when was it dropped, or renamed, and by which run (rules F9, D3)?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graph_schema.identity import run_key
from graph_schema.instants import SUSPECT

if TYPE_CHECKING:
    from ingest.render.rows import Row
    from ingest.state import State

CHANGES_MAX: Final = 64
"""As many as an edge keeps intervals."""

_CHANGES: Final = (
    "SELECT DISTINCT at, CASE kind WHEN 'DROP' THEN 'DROPPED' ELSE 'RENAMED_FROM' END, other, run FROM lifecycle"
    " WHERE dataset = ?1 AND (kind = 'DROP' OR other <> ?1)"
    " UNION SELECT at, 'RENAMED_TO', dataset, run FROM lifecycle WHERE other = ?1 AND dataset <> ?1"
    " ORDER BY 1, 2, 3, 4"
)


def changes_of(state: State, canonical: str) -> Row:
    """List what happened to a group of names as parallel lists, oldest first; nothing at all where nothing did.

    The newest 64 are kept; `changes_earlier` says how many more there were. "" stands for no run and no other name.
    """
    found = state.rows(_CHANGES, (canonical,))
    kept = found[-CHANGES_MAX:]
    return {
        "changes": [kind for _, kind, _, _ in kept] or None,
        "changed_at": [at[1:] if at[:1] == "1" else SUSPECT for at, _, _, _ in kept] or None,
        "changed_other": [other for _, _, other, _ in kept] or None,
        "changed_by": [run and run_key(run) for _, _, _, run in kept] or None,
        "changes_earlier": len(found) - len(kept) or None,
    }
