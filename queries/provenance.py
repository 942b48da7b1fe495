"""How did this version of a model come to be, who stands behind it, and where does it run?

What went into it is walked as things stood when it was made (`queries/anchored.py`). What became of it, its checks,
decisions and deployments, is told as of an instant, or as of now.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from graph_schema.errors import NodeNotFound
from graph_schema.identity import person_key
from queries.anchored import Anchored, Bounds, anchored_walk
from queries.around import Around, read_around, read_owners, read_readers, read_used_features
from queries.catalogue import CatalogueAct, CatalogueEntry, CatalogueSays, read_entries
from queries.learned import Deployment
from queries.limits import Limits, within
from queries.nodes import read_datasets, read_nodes, read_run_texts, told
from queries.projection import Projection
from queries.provenances import (
    Involved,
    Provenance,
    ProvenanceDataset,
    ProvenanceEdge,
    ProvenanceRun,
)
from queries.results import Check, Completeness, Dataset, Run
from queries.runs_said import code_said, metrics_said, parameters_said
from queries.said import part
from queries.served import read_deployments, read_served
from queries.store import GraphStore
from queries.versions import find_version
from queries.walk import LAST_OPEN_INSTANT

RUNS_MAX: Final = 2_000
"""Runs that are told of, those of the version and its model first, then the nearest."""
READERS_MAX: Final = 10_000
"""Reads of the version and its model that are looked at, to find what was checked and where it runs."""
DATASETS_MAX: Final = 5_000
_ROLES: Final = ("REGISTRATION", "TRAINING", "VALIDATION", "UPSTREAM")


class _Story(NamedTuple):
    """Who made a version, and what became of it."""

    runs: dict[str, Run]
    roles: dict[str, str]
    around: Around
    readers: list[Run]
    deployments: dict[str, Deployment]
    entry: CatalogueEntry
    checks: list[Check]
    cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenanceQuestion:
    """Of which model and version, the newest where none is given; `model` may be the key of a model or of a version."""

    model: str
    version: str | None = None
    namespace: str | None = None
    as_of: str | None = None


async def provenance(
    store: GraphStore, question: ProvenanceQuestion, limits: Limits, *, projection: Projection
) -> Provenance:
    """Answer a question; raises BadInput, NodeNotFound with near names, TimedOut."""
    async with within(limits, "ask about a version with less behind it"):
        row = await find_version(store, question.model, question.version, question.namespace)
        return await _answer(store, row, question.as_of, limits, projection=projection)


async def _answer(
    store: GraphStore, row: Mapping[str, Any], as_of: str | None, limits: Limits, *, projection: Projection
) -> Provenance:
    walk, datasets = await _walked(store, row["key"], as_of, limits)
    version, made = datasets[row["key"]], walk.made[row["key"]]
    story = await _story(store, walk, datasets, row, as_of)
    acts = [act for act in story.entry.catalogue.acts if as_of is None or (act.at or "") <= as_of]
    trained = sorted(key for key, role in story.roles.items() if role == "TRAINING")
    texts, features, owners, served = await asyncio.gather(
        read_run_texts(store, sorted(story.runs)),
        read_used_features(store, trained),
        read_owners(store, sorted(walk.made), story.runs.values()),
        read_served(store, story.readers, story.deployments, as_of),
    )
    experiments = {key: one for key, one in story.around.experiment_of.items() if key in story.runs}
    started = {*story.runs, *experiments.values()}
    return Provenance(
        model=row.get("model"),
        version=version,
        version_name=row.get("version") or version.name.rpartition("/")[2],
        made_at=told(made.at) if made.runs else None,
        as_of=as_of,
        runs=_told_runs(story, texts, experiments),
        datasets=_told_datasets(walk, datasets),
        edges=_told_edges(walk),
        features=features,
        experiments=[one for one in story.around.experiments if one.key in started],
        checks=sorted(
            (one for one in story.checks if one.run in story.runs), key=lambda one: (one.at or "", one.key)
        ),
        people=[*owners, *(one for one in story.around.starters if one.what in started), *_deciders(acts)],
        catalogue=CatalogueSays(acts[0].act if acts else None, acts),
        registry=story.entry.registry if as_of is None else None,
        deployments=[one for one in served if one.revisions],
        completeness=_completeness(walk, story, projection),
    )


async def _walked(
    store: GraphStore, key: str, as_of: str | None, limits: Limits
) -> tuple[Anchored, dict[str, Dataset]]:
    """Walk upstream from a version; raises NodeNotFound where it was not there yet."""
    ends_at = asyncio.get_running_loop().time() + 0.6 * limits.time_s
    bounds = Bounds(min(DATASETS_MAX, limits.nodes_max), limits.nodes_max, ends_at)
    walk = await anchored_walk(store, key, as_of or LAST_OPEN_INSTANT, bounds)
    datasets = await read_datasets(store, sorted(walk.made))
    if as_of is not None and not walk.made[key].runs and (datasets[key].created_at or as_of) >= as_of:
        raise NodeNotFound(
            f"{key[:300]} was not there yet at {as_of}; ask about a later time", key=key, as_of=as_of
        )
    return walk, datasets


async def _story(
    store: GraphStore,
    walk: Anchored,
    datasets: Mapping[str, Dataset],
    row: Mapping[str, Any],
    as_of: str | None,
) -> _Story:
    """Find who made the version and what became of it: the runs that read it or its model say so."""
    makers = _makers(walk, datasets, row.get("made_by"))
    readers, cut = await read_readers(store, _near(walk, datasets), as_of, READERS_MAX)
    nodes = await read_nodes(store, "run", list(makers)[:RUNS_MAX])
    runs = {key: one for key, one in nodes.items() if isinstance(one, Run)}
    around, deployments, entries = await asyncio.gather(
        read_around(store, [*runs, *(run.key for run in readers)]),
        read_deployments(store, sorted({run.job for run in readers if run.job})),
        read_entries(store, [row]),
    )
    checks = [one for one in around.checks if as_of is None or (one.at or "") <= as_of]
    checking = {one.run for one in checks} | around.evaluating
    validating = {run.key: run for run in readers if run.key not in runs and run.key in checking}
    return _Story(
        runs={**runs, **validating},
        roles={**makers, **dict.fromkeys(validating, "VALIDATION")},
        around=around,
        readers=readers,
        deployments=deployments,
        entry=entries[0],
        checks=checks,
        cut=cut or len(makers) > RUNS_MAX,
    )


def _completeness(walk: Anchored, story: _Story, projection: Projection) -> Completeness:
    truncated = [*walk.truncated_by, *(["runs"] if story.cut else [])]
    sources = [source for one in walk.made.values() for source in one.sources]
    return Completeness(
        complete=not truncated,
        truncated_by=truncated,
        hidden=0,
        guessed_edges=sum(1 for source in sources if source.evidence == "PRODUCT"),
        position=projection.position,
    )


def _near(walk: Anchored, datasets: Mapping[str, Dataset]) -> list[str]:
    """List the version and the models that it was made from, whose readers say what became of it."""
    return sorted(
        key
        for key, depth in walk.depth_of.items()
        if depth == 0 or (depth == 1 and _is_model(datasets.get(key)))
    )


def _is_model(dataset: Dataset | None) -> bool:
    return dataset is not None and dataset.kind == "LOGGED_MODEL"


def _makers(walk: Anchored, datasets: Mapping[str, Dataset], named: str | None) -> dict[str, str]:
    """Say of each run that made something on the way what it did, the nearest first.

    Who made the logged model trained it, or whom the registry names, else who wrote the version itself; who only wrote
    the version registered it.
    """
    found: dict[str, str] = {}
    for key, depth in sorted(walk.depth_of.items(), key=lambda one: (one[1], one[0])):
        role = "REGISTRATION" if depth == 0 else "UPSTREAM"
        for run in walk.made[key].runs:
            trained = run == named or (depth == 1 and _is_model(datasets.get(key)))
            found.setdefault(run, "TRAINING" if trained else role)
    if "TRAINING" not in found.values():
        found |= dict.fromkeys(walk.made[walk.root].runs, "TRAINING")
    return found


def _deciders(acts: Sequence[CatalogueAct]) -> list[Involved]:
    return [
        Involved(person_key(act.by), act.by, "DECIDED", act.key, act.by_evidence, act.at)
        for act in acts
        if act.by is not None
    ]


def _told_runs(
    story: _Story, texts: Mapping[str, Any], experiments: Mapping[str, str]
) -> list[ProvenanceRun]:
    told_of = []
    for key, run in story.runs.items():
        facets = part(texts.get(key) or {}, "facets")
        told_of.append(
            ProvenanceRun(
                run=run,
                role=story.roles[key],
                experiment=experiments.get(key),
                parameters=parameters_said(facets),
                metrics=metrics_said(facets),
                code=code_said(facets),
            )
        )
    return sorted(told_of, key=lambda one: (_ROLES.index(one.role), one.run.started_at or "", one.run.key))


def _told_datasets(walk: Anchored, datasets: Mapping[str, Dataset]) -> list[ProvenanceDataset]:
    """Tell what went into the version, the nearest first."""
    return [
        ProvenanceDataset(
            key, datasets[key].kind, datasets[key].namespace, datasets[key].name, depth,
            told(walk.made[key].at), list(walk.made[key].runs),
        )
        for key, depth in sorted(walk.depth_of.items(), key=lambda one: (one[1], one[0]))
        if depth > 0 and key in datasets
    ]  # fmt: skip


def _told_edges(walk: Anchored) -> list[ProvenanceEdge]:
    return sorted(
        (
            ProvenanceEdge(one.dataset, key, one.job, one.run, one.evidence, told(one.at))
            for key, made in walk.made.items()
            for one in made.sources
        ),
        key=lambda edge: (walk.depth_of.get(edge.target, 0), edge.target, edge.source, edge.run or ""),
    )
