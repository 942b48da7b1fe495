"""Which edges do touched pairs have now (rules D1 to D5, D7)?"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from ingest.derive.observations import Boundary, Observation
from ingest.derive.sequence import Derived, derive_sequence, given_observations
from ingest.derive.settled import BEGINNING, Settled, level_of
from ingest.project.edges import EdgeKey, Edges, edges_of, is_deployment
from ingest.project.roles import role_of

if TYPE_CHECKING:
    from ingest.project.touched import Touched
    from ingest.state import State

_encode = msgspec.msgpack.encode
_observation = msgspec.msgpack.Decoder(Observation).decode
_settled = msgspec.msgpack.Decoder(Settled).decode

KEEP_EDGE: Final = "INSERT OR REPLACE INTO edge VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
KEEP_SETTLED: Final = "INSERT INTO settled VALUES (?, ?, ?, ?, ?)"
MARK_ROLE: Final = "UPDATE observation SET role = ? WHERE id = ?"

WIDE: Final = 256
"""Sources of one output beyond which its edges are written from the sources' side."""


def is_wide(sources: int) -> bool:
    """Tell whether an output has so many sources that the sources' side is the smaller one."""
    return sources > WIDE


class EdgeChange(NamedTuple):
    """An edge as it was shown and as it is now; None where it is not there."""

    key: EdgeKey
    before: bytes | None
    after: bytes | None
    was_open: bool
    is_open: bool
    wide: bool


class Pair(NamedTuple):
    """What is known of a pair: what came of its settled part, and the rest whole. `rows` are (id, role)."""

    before: Settled
    observations: list[Observation]
    boundaries: list[Boundary]
    given: list[bool]
    rows: list[tuple[int, int]]


def derive_pairs(state: State, touched: Touched) -> list[EdgeChange]:
    """Derive every touched pair again and give the edges that changed."""
    loaded: dict[tuple[str, str], Pair] = {}
    renames = has_renames(state)
    while touched.pairs - loaded.keys():
        for pair in sorted(touched.pairs - loaded.keys()):
            loaded[pair] = load_pair(state, pair)
            state.many(MARK_ROLE, role_values(loaded[pair]))
            if not is_deployment(pair[1]):
                touched.datasets.add(pair[1])
            touched.io.add(pair[0])
            if renames:
                # A write of a name that was moved away may end what the RENAME opened elsewhere (rule D7).
                moved = "SELECT job, dataset FROM lifecycle WHERE other = ? AND kind = 'RENAME'"
                touched.pairs.update(state.rows(moved, (pair[1],)))
    touched.io.discard("")
    changes: list[EdgeChange] = []
    for pair in sorted(loaded):
        derived = derive_pair(state, pair, loaded[pair])
        changes += _replace(state, pair, edges_of(pair, derived))
        for row in settled_values(state, pair, loaded[pair], derived):
            _keep_settled(state, row)
    return changes


def has_renames(state: State) -> bool:
    """Tell whether any name was moved away: then what one pair observes may end a source of another."""
    return state.one("SELECT 1 FROM lifecycle WHERE other > '' LIMIT 1") is not None


def derive_pair(state: State, pair: tuple[str, str], found: Pair) -> Derived:
    """Derive a pair's sequence; the roles of all observations must have been marked before."""
    rewritten = partial(_rewritten, state, pair[1])
    return derive_sequence(
        found.observations, found.boundaries, rewritten, found.before, given=found.given, pace=state.pace
    )


def load_pair(state: State, pair: tuple[str, str]) -> Pair:
    """Read what is known of the settled part of a pair's sequence, and the rest whole."""
    kept = state.one("SELECT body FROM settled WHERE job = ? AND output = ? ORDER BY at DESC LIMIT 1", pair)
    before = _settled(kept[0]) if kept else BEGINNING
    rows = state.rows(
        "SELECT body, id, role FROM observation WHERE job = ? AND output = ? AND at > ?", (*pair, before.at)
    )
    drops = state.rows(
        "SELECT at, run, attempt FROM lifecycle WHERE dataset = ? AND kind = 'DROP' AND at > ?",
        (pair[1], before.at),
    )
    observations = [_observation(row[0]) for row in rows]
    boundaries = [Boundary(*drop) for drop in drops]
    given = given_observations(observations, boundaries, before)
    return Pair(before, observations, boundaries, given, [(row[1], row[2]) for row in rows])


def settled_values(
    state: State, pair: tuple[str, str], found: Pair, derived: Derived
) -> list[tuple[str, str, str, int, bytes]]:
    """Give the row of what is newly settled, if anything is."""
    if derived.settled is found.before:
        return []
    level = level_of(derived.settled.count, found.before.count, state.pace.stride)
    return [(*pair, derived.settled.at, level, _encode(derived.settled))]


def _keep_settled(state: State, row: tuple[str, str, str, int, bytes]) -> None:
    state.run(KEEP_SETTLED, row)
    job, output, _, level, _ = row
    state.run(
        "DELETE FROM settled WHERE job = ?1 AND output = ?2 AND level = ?3 AND at NOT IN ("
        " SELECT at FROM settled WHERE job = ?1 AND output = ?2 AND level = ?3 ORDER BY at DESC LIMIT ?4)",
        (job, output, level, min(level + 1, 2)),
    )


def role_values(found: Pair) -> list[tuple[int, int]]:
    """Say what observations count for now, where that changed: what another rule leaves out is no write (rule F13)."""
    now = ((role_of(o, given=counts), row, role)
           for o, counts, (row, role) in zip(found.observations, found.given, found.rows, strict=True))  # fmt: skip
    return [(mark, row) for mark, row, role in now if mark != role]


def _rewritten(state: State, output: str, old: str, at: str) -> str | None:
    """Give the moment of the first write of a moved name, by a run that does not move it itself (rule D2)."""
    rows = state.rows(
        "SELECT at FROM observation AS o WHERE output = ?1 AND role = 1 AND at > ?2 AND NOT EXISTS ("
        " SELECT 1 FROM lifecycle WHERE run = o.run AND attempt = o.attempt AND kind = 'RENAME'"
        " AND dataset = ?3 AND other = ?1"
        ") ORDER BY at LIMIT 1",
        (old, at, output),
    )
    return str(rows[0][0]) if rows else None


def _replace(state: State, pair: tuple[str, str], edges: Edges) -> list[EdgeChange]:
    """Replace a pair's edges as a set; give those that differ from what was shown."""
    job, target = pair
    rows = state.rows(
        "SELECT type, source, source_path, target_path, open, body FROM edge WHERE job = ? AND target = ?",
        pair,
    )
    before = {EdgeKey(job, target, *row[:4]): (bool(row[4]), row[5]) for row in rows}
    changes: list[EdgeChange] = []
    kept: list[tuple[object, ...]] = []
    wide = is_wide(sum(key.type == "FEEDS" for key in edges))
    for key in sorted(before.keys() | edges.keys()):
        was_open, old = before.get(key, (False, None))
        is_open, new = edges.get(key, (False, None))
        if (was_open, old) == (is_open, new):
            continue
        changes.append(EdgeChange(key, old, new, was_open, is_open, wide))
        if new is None:
            state.run(
                "DELETE FROM edge WHERE job = ? AND target = ? AND type = ? AND source = ? AND source_path = ?"
                " AND target_path = ?",
                key,
            )
        else:
            kept.append((*key, int(is_open), new))
    state.many(KEEP_EDGE, kept)
    return changes
