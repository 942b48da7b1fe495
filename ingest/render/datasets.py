"""How does a dataset look as a node, with its fields, other names and owners?"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from graph_schema.identity import field_key
from graph_schema.instants import OPEN_END
from graph_schema.schema_facet import SchemaField, fields_of
from graph_schema.words import words_text
from ingest.canonical import value_of
from ingest.facets import ownership
from ingest.facts import DELETED
from ingest.render.changes import changes_of
from ingest.render.description import descriptive
from ingest.render.kinds import kind_of, registers, roles
from ingest.render.models import model_props

if TYPE_CHECKING:
    from ingest.render.kinds import Registers
    from ingest.render.rows import Row
    from ingest.state import State


class Life(NamedTuple):
    """Whether a dataset's group is live, and when it was last written (rules F9, F13)."""

    live: bool
    last_written_at: str | None


def life_of(state: State, canonical: str) -> Life:
    """Judge a group's life: gone when a DROP or a RENAME away is later than its newest write (rule F9)."""
    row = state.one("SELECT max(at) FROM observation WHERE output = ? AND role = 1", (canonical,))
    newest = (row[0] if row else None) or ""
    drop = state.one("SELECT max(at) FROM lifecycle WHERE dataset = ? AND kind = 'DROP'", (canonical,))
    dropped = drop is not None and drop[0] is not None and drop[0] > newest
    away = state.one("SELECT max(at) FROM lifecycle WHERE other = ?1 AND dataset <> ?1", (canonical,))
    moved = away is not None and away[0] is not None and away[0] >= newest
    return Life(not dropped and not moved, newest[1:] if newest[:1] == "1" else None)


def dataset_row(state: State, dataset: str, facets: Registers) -> Row | None:
    """Render a dataset's node; None for a key that no event named."""
    named = state.one("SELECT namespace, name, created_at, real FROM name WHERE key = ?", (dataset,))
    if named is None:
        return None
    canonical = state.canonical(dataset)
    life = life_of(state, canonical)
    described = descriptive(facets.get("documentation"), facets.get("tags"))
    return {
        "key": dataset,
        "namespace": named[0],
        "name": named[1],
        "kind": kind_of(facets),
        "live": life.live,
        "placeholder": not named[3],
        "created_at": None if named[2] == OPEN_END else named[2],
        "last_written_at": life.last_written_at,
        "unmerged": state.unmerged(dataset),
        **(changes_of(state, dataset) if dataset == canonical else {}),
        **described,
        **model_props(state, dataset, named[0], facets),
        "words": words_text(
            dataset,
            named[1],
            namespace=named[0],
            tags=described["tags"] or (),
            owners=[name for name, _ in owners_of(facets)],
            columns=_paths(state, dataset, canonical),
        ),
    }


def _paths(state: State, dataset: str, canonical: str) -> set[str]:
    """Give the paths of a dataset's fields; a canonical name has those of its whole group (rule F13)."""
    members = state.members(canonical) if dataset == canonical else [dataset]
    found = (state.rows("SELECT path FROM field WHERE dataset = ?", (member,)) for member in members)
    return {row[0] for rows in found for row in rows}


def field_rows(state: State, dataset: str) -> list[Row]:
    """Render the fields of a dataset; a canonical name has those of its whole group (rule F13)."""
    canonical = state.canonical(dataset)
    members = state.members(canonical) if dataset == canonical else [dataset]
    stated = {
        member: _schema(state, member)
        for member in [dataset, *sorted(set(members) - {dataset}, key=str.encode)]
    }
    paths = _paths(state, dataset, canonical)
    role = roles(state, dataset, registers(state, dataset))
    known = any(fields is not None for fields in stated.values())
    rows = []
    for path in sorted(paths):
        found = next((fields[path] for fields in stated.values() if fields and path in fields), None)
        rows.append(
            {
                "key": field_key(dataset, path),
                "dataset": dataset,
                "name": path.rsplit(".", 1)[-1],
                "path": path,
                "data_type": found.data_type if found else None,
                "ordinal": found.ordinal if found else None,
                "role": role(path),
                "current": (found is not None) if known else None,
            }
        )
    return rows


def _schema(state: State, dataset: str) -> dict[str, SchemaField] | None:
    """Give the current schema's fields; None where no schema was ever sent (rule F5 ranks the claims)."""
    row = state.one(
        "SELECT body FROM schema_claim WHERE dataset = ? ORDER BY low, stamp DESC LIMIT 1", (dataset,)
    )
    if row is None or state.one("SELECT 1 FROM described WHERE dataset = ?", (dataset,)) is None:
        return None
    return {} if row[0] == DELETED else _fields_in(state.body(row[0]))


@lru_cache(maxsize=512)
def _fields_in(body: bytes) -> dict[str, SchemaField]:
    return {field.path: field for field in fields_of(value_of(body))}


def current_schema(state: State, dataset: str) -> tuple[str, bytes] | None:
    """Give the stamp and body of a dataset's current schema claim."""
    row = state.one(
        "SELECT stamp, body FROM schema_claim WHERE dataset = ? ORDER BY low, stamp DESC LIMIT 1", (dataset,)
    )
    return None if row is None else (row[0], row[1])


def owners_of(facets: Registers) -> list[tuple[str, str | None]]:
    """List (name, type) of the owners that the current ownership facet states."""
    return ownership.owners(facets.get("ownership", {}))


def person_row(state: State, key: str) -> Row:
    """Render a person."""
    named = state.one("SELECT name FROM name WHERE key = ?", (key,))
    name = named[0] if named else ""
    return {"key": key, "name": name, "words": words_text(key, name)}
