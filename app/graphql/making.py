"""How is a value that was read made into a GraphQL object? Attribute by attribute, by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar, cast

from app.graphql.kinds import NodeKind, RunState
from queries import learned, results

Made = TypeVar("Made")


@cache
def _sources(kind: Any) -> list[tuple[str, str]]:
    """Pair each attribute of a GraphQL type with that of the value: `job_key` comes from `job`."""
    names = [field.name for field in fields(kind) if field.init]
    return [(name, name.removesuffix("_key").removesuffix("_text")) for name in names]


def made(kind: type[Made], value: object) -> Made:
    """Make a GraphQL object of the value that was read."""
    found = {own: getattr(value, theirs, None) for own, theirs in _sources(cast("Any", kind)) if own != "key"}
    if isinstance(value, results.Node):
        found |= {"key": value.key, "kind": NodeKind(value.kind)}
    if isinstance(value, results.Run):
        found |= {"state": value.state and RunState(value.state), "job_clash": value.job_clash or []}
    if isinstance(value, results.Dataset):
        found |= _of_model(value.of_model or results.OfModel())
    if isinstance(value, learned.Model):
        found["alias_names"] = value.aliases
    return kind(**found)


def _of_model(told: results.OfModel) -> dict[str, Any]:
    """Give what a dataset of a model tells, flat, as GraphQL has it."""
    names = {"model": "model_key", "made_by": "made_by_key", "aliases": "model_aliases"}
    return {names.get(name, name): getattr(told, name) for name in told.__struct_fields__}


def made_all(kind: type[Made], values: Iterable[object] | None) -> list[Made]:
    """Make a list of GraphQL objects."""
    return [made(kind, value) for value in values or ()]
