"""Which migrations does this database still need, and is it ours to change?

Migrations are the files `graph_schema/migrations/NNNN_<what>.cypher`, several statements each, applied in
order and recorded as (:Migration {key}). `NNNN_<what>.<dialect>.cypher` replaces, or adds to, what one engine gets.
Every statement in them may run twice.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import graph_schema
from graph_schema import instants
from graph_schema.errors import ForeignStore
from queries.statements import Statement, read_statement, statement
from queries.store import GraphStore

MIGRATIONS: Final = Path(graph_schema.__file__).parent / "migrations"


async def migrate(store: GraphStore) -> list[str]:
    """Apply what is missing and say which; raises ForeignStore for a database that is not ours."""
    present = await _recorded(store)
    steps = migrations(store.dialect)
    unknown = sorted(present - steps.keys())
    if unknown:
        listed = ", ".join(unknown)
        raise ForeignStore(f"a newer Headwater made this graph ({listed}); use that one", migrations=unknown)
    missing = [key for key in steps if key not in present]
    for key in missing:
        for one in steps[key]:
            await store.write([(one, {})])
        await store.write([(statement("migrations/record"), {"key": key, "at": instants.now()})])
    return missing


async def migrated(store: GraphStore) -> GraphStore:
    """Give a store whose database has all that this version needs; one that cannot have it is closed."""
    try:
        await migrate(store)
    except BaseException:
        await store.aclose()
        raise
    return store


async def migrate_anew(store: GraphStore) -> None:
    """Run every migration again, over a graph of which parts were dropped."""
    for steps in migrations(store.dialect).values():
        for one in steps:
            await store.write([(one, {})])


def migrations(dialect: str) -> dict[str, list[Statement]]:
    """Give the migrations of an engine in order, each as its statements."""
    own = {_key(path): path for path in sorted(MIGRATIONS.glob(f"*.{dialect}.cypher"))}
    common = {_key(path): path for path in sorted(MIGRATIONS.glob("*.cypher")) if path.name.count(".") == 1}
    chosen = common | own
    return {key: list(_statements(key, chosen[key], dialect)) for key in sorted(chosen)}


def _key(path: Path) -> str:
    return path.name.partition(".")[0]


def _statements(key: str, path: Path, dialect: str) -> list[Statement]:
    whole = read_statement(
        path.read_text("utf-8"), name=f"migrations/{key}", dialect=_dialect_of(path, dialect)
    )
    texts = [text.strip() for text in whole.text.split(";\n")]
    return [replace(whole, text=text.removesuffix(";"), dialect=dialect) for text in texts if text]


def _dialect_of(path: Path, dialect: str) -> str | None:
    return dialect if path.name.count(".") > 1 else None


async def _recorded(store: GraphStore) -> set[str]:
    rows = await store.read(statement("migrations/recorded"))
    keys = {key for row in rows for key in row["keys"]}
    if keys:
        return keys
    for row in await store.read(statement("migrations/any_node")):
        label = ":".join(row["labels"])
        raise ForeignStore(
            f"this database holds nodes that are not Headwater's (such as :{label}); name an empty one with "
            "HEADWATER_GRAPH_DATABASE",
            labels=row["labels"],
        )
    return set()
