"""What is different between two versions of a model, or two models: data, features, parameters, metrics, code, decisions?

Both provenances are asked for, each as things stood when it was made, and compared part by part. Of a dataset it is told
when other runs made it; when it was read says nothing of what was in it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from queries.cursors import decode_cursor, encode_cursor
from queries.differences import changes_of
from queries.limits import Limits, check_rows
from queries.projection import Projection
from queries.provenance import ProvenanceQuestion, provenance
from queries.provenances import NamedValue, Provenance
from queries.results import Completeness, PageInfo
from queries.store import GraphStore

CATEGORIES: Final = (
    "DATASETS", "FEATURES", "PARAMETERS", "METRICS", "CODE", "CHECKS", "CATALOGUE", "REGISTRY",
)  # fmt: skip
CHANGES: Final = ("ADDED", "REMOVED", "CHANGED")


class ModelDifference(msgspec.Struct, frozen=True):
    """One thing that one version has alone, or that is not the same in both. `name` is a key where it is a node's."""

    category: str
    change: str
    name: str
    before: str | None
    after: str | None


class ModelSide(msgspec.Struct, frozen=True):
    """A version that was compared."""

    key: str
    model: str | None
    version: str
    made_at: str | None


class ModelDifferenceCount(msgspec.Struct, frozen=True):
    """How many differences are of a category and a change."""

    category: str
    change: str
    count: int


class ModelComparison(msgspec.Struct, frozen=True):
    """One page of the differences from version a to version b, by category and name; `counts` are of all pages."""

    a: ModelSide
    b: ModelSide
    differences: list[ModelDifference]
    counts: list[ModelDifferenceCount]
    completeness: Completeness
    page_info: PageInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareModelsQuestion:
    """Which two versions, as they are now or as of an instant?"""

    a: ProvenanceQuestion
    b: ProvenanceQuestion
    first: int = 200
    after: str | None = None


async def compare_models(
    store: GraphStore, question: CompareModelsQuestion, limits: Limits, *, projection: Projection
) -> ModelComparison:
    """Answer a question; raises BadInput, NodeNotFound, LimitExceeded, TimedOut."""
    check_rows(question.first, limits.page_max)
    a, b = await asyncio.gather(
        provenance(store, question.a, limits, projection=projection),
        provenance(store, question.b, limits, projection=projection),
    )
    found = differences(a, b)
    identity = ["compare_models", a.version.key, b.version.key, question.a.as_of, question.b.as_of]
    last = None if question.after is None else decode_cursor(question.after, identity, tuple[int, str])
    left = [one for one in found if last is None or _place(one) > tuple(last)]
    page = left[: question.first]
    counts = Counter((one.category, one.change) for one in found)
    truncated = sorted({*a.completeness.truncated_by, *b.completeness.truncated_by})
    return ModelComparison(
        a=_side(a),
        b=_side(b),
        differences=page,
        counts=[
            ModelDifferenceCount(category, change, counts[category, change])
            for category in CATEGORIES
            for change in CHANGES
            if counts[category, change]
        ],
        completeness=Completeness(
            complete=not truncated,
            truncated_by=truncated,
            hidden=0,
            guessed_edges=a.completeness.guessed_edges + b.completeness.guessed_edges,
            position=projection.position,
        ),
        page_info=PageInfo(
            len(left) > len(page), encode_cursor(identity, _place(page[-1])) if page else None
        ),
    )


def differences(a: Provenance, b: Provenance) -> list[ModelDifference]:
    """Compare two provenances part by part; in order."""
    before, after = dict(_parts(a)), dict(_parts(b))
    found = [
        ModelDifference(category, change, name, was, now)
        for category in CATEGORIES
        for name, change, was, now in changes_of(before[category], after[category])
    ]
    return sorted(found, key=_place)


def _parts(one: Provenance) -> Iterator[tuple[str, dict[str, str]]]:
    """Give what is compared, by category: names and what is said of each."""
    yield "DATASETS", {row.key: ", ".join(row.made_by) for row in one.datasets}
    yield (
        "FEATURES",
        {
            feature.key: "used" if feature.used else "fetched" if feature.certain else "perhaps fetched"
            for feature in one.features
        },
    )
    yield "PARAMETERS", _said(one, "parameters")
    yield "METRICS", _said(one, "metrics")
    yield "CODE", _said(one, "code")
    yield "CHECKS", {f"{check.name}{_of(check.column)}": check.outcome or "" for check in one.checks}
    yield "CATALOGUE", {"state": one.catalogue.state} if one.catalogue.state else {}
    yield "REGISTRY", _registry(one)


def _said(one: Provenance, part: str) -> dict[str, str]:
    """Unite what the runs that trained and checked a version said; of a check's runs by the role."""
    found: dict[str, str] = {}
    for run in one.runs:
        values: Iterable[NamedValue] = getattr(run, part)
        if run.role == "TRAINING":
            found |= {value.name: value.value for value in values}
        elif run.role == "VALIDATION":
            found |= {f"validation.{value.name}": value.value for value in values}
    return found


def _registry(one: Provenance) -> dict[str, str]:
    if one.registry is None:
        return {}
    said: Mapping[str, Any] = {"stage": one.registry.stage, "aliases": ", ".join(one.registry.aliases)}
    return {name: value for name, value in said.items() if value}


def _of(column: str | None) -> str:
    return f" of {column}" if column else ""


def _side(one: Provenance) -> ModelSide:
    return ModelSide(one.version.key, one.model, one.version_name, one.made_at)


def _place(one: ModelDifference) -> tuple[int, str]:
    return CATEGORIES.index(one.category), one.name
