"""How did this version of a model come to be, who stands behind it, and where does it run?

What went into it is walked as things stood when it was made (`queries/anchored.py`). What became of it, its checks,
decisions and deployments, is told as of an instant, or as of now.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import msgspec

from graph_schema.errors import NodeNotFound
from graph_schema.identity import parse_key, person_key
from graph_schema.instants import OPEN_END
from queries.anchored import Anchored, Bounds, anchored_walk
from queries.catalogue import CatalogueAct, CatalogueSays, read_entries
from queries.learning import read_features_of, read_starters_of
from queries.limits import Limits, within
from queries.lists import read_lists
from queries.nodes import KEYS_MAX, make_node, read_datasets, read_nodes, read_owners_of, read_run_texts, told
from queries.projection import Projection
from queries.provenances import (
    ExperimentNamed,
    Involved,
    Provenance,
    ProvenanceDataset,
    ProvenanceEdge,
    ProvenanceRun,
    UsedFeature,
)
from queries.results import Check, Completeness, Dataset, Run
from queries.runs_said import code_said, metrics_said, parameters_said
from queries.said import part
from queries.served import read_deployments, read_served
from queries.statements import statement
from queries.store import GraphStore
from queries.versions import find_version
from queries.walk import LAST_OPEN_INSTANT

RUNS_MAX: Final = 2_000
"""Runs that are told of, those of the version and its model first, then the nearest."""
READERS_MAX: Final = 10_000
"""Reads of the version and its model that are looked at, to find what was checked and where it runs."""
DATASETS_MAX: Final = 5_000
_ROLES: Final = ("REGISTRATION", "TRAINING", "VALIDATION", "UPSTREAM")


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
    ends_at = asyncio.get_running_loop().time() + 0.6 * limits.time_s
    bounds = Bounds(min(DATASETS_MAX, limits.nodes_max), limits.nodes_max, ends_at)
    walk = await anchored_walk(store, row["key"], as_of or LAST_OPEN_INSTANT, bounds)
    datasets = await read_datasets(store, sorted(walk.made))
    version, made = datasets[row["key"]], walk.made[row["key"]]
    if as_of is not None and not made.runs and (version.created_at or as_of) >= as_of:
        raise NodeNotFound(
            f"{version.key[:300]} was not there yet at {as_of}; ask about a later time",
            key=version.key,
            as_of=as_of,
        )
    makers = _makers(walk, datasets, row.get("made_by"))
    readers, cut = await _readers(store, _near(walk, datasets), as_of)
    runs = {
        key: one
        for key, one in (await read_nodes(store, "run", list(makers)[:RUNS_MAX])).items()
        if isinstance(one, Run)
    }
    around, deployments, entry = await asyncio.gather(
        _around(store, [*runs, *(run.key for run in readers)]),
        read_deployments(store, sorted({run.job for run in readers if run.job})),
        read_entries(store, [row]),
    )
    checks = [one for one in around.checks if as_of is None or (one.at or "") <= as_of]
    checking = {one.run for one in checks}
    validating = [
        run for run in readers
        if run.key not in runs and (run.key in checking or run.key in around.evaluating)
    ]  # fmt: skip
    told_runs = {**runs, **{run.key: run for run in validating}}
    roles = {**makers, **{run.key: "VALIDATION" for run in validating}}
    acts = [act for act in entry[0].catalogue.acts if as_of is None or (act.at or "") <= as_of]
    texts, features, owners, served = await asyncio.gather(
        read_run_texts(store, sorted(told_runs)),
        _features(store, sorted(key for key, role in roles.items() if role == "TRAINING")),
        _owners(store, walk, told_runs.values()),
        read_served(store, readers, deployments, as_of),
    )
    mine = {key: name for key, name in around.experiment_of.items() if key in told_runs}
    truncated = [*walk.truncated_by, *(["runs"] if cut or len(makers) > RUNS_MAX else [])]
    return Provenance(
        model=row.get("model"),
        version=version,
        version_name=row.get("version") or version.name.rpartition("/")[2],
        made_at=told(made.at) if made.runs else None,
        as_of=as_of,
        runs=_told_runs(told_runs, roles, texts, mine),
        datasets=_told_datasets(walk, datasets),
        edges=_told_edges(walk),
        features=features,
        experiments=[one for one in around.experiments if one.key in set(mine.values())],
        checks=sorted(
            (one for one in checks if one.run in told_runs), key=lambda one: (one.at or "", one.key)
        ),
        people=[
            *owners,
            *(one for one in around.starters if one.what in told_runs or one.what in set(mine.values())),
            *_deciders(acts),
        ],
        catalogue=CatalogueSays(acts[0].act if acts else None, acts),
        registry=entry[0].registry if as_of is None else None,
        deployments=[one for one in served if one.revisions],
        completeness=Completeness(
            complete=not truncated,
            truncated_by=truncated,
            hidden=0,
            guessed_edges=sum(
                1 for one in walk.made.values() for source in one.sources if source.evidence == "PRODUCT"
            ),
            position=projection.position,
        ),
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


async def _readers(store: GraphStore, keys: Sequence[str], as_of: str | None) -> tuple[list[Run], bool]:
    """Read which runs read some datasets by an instant; tell too whether some were left out."""
    rows = await read_lists(store, statement("runs/reads_from"), keys, size=KEYS_MAX, limit=READERS_MAX + 1)
    acts = [act for row in rows for act in row["acts"]]
    read_at: dict[str, str] = {}
    for run, _, at, *_ in acts[:READERS_MAX]:
        read_at[run] = min(at, read_at.get(run, at))
    wanted = sorted(run for run, at in read_at.items() if at <= (as_of or OPEN_END))
    runs = await read_nodes(store, "run", wanted)
    return [run for key in wanted if isinstance(run := runs.get(key), Run)], len(acts) > READERS_MAX


class _Around(NamedTuple):
    """What stands around some runs: experiments, who started them, checks, and which of them only evaluated."""

    experiments: list[ExperimentNamed]
    experiment_of: dict[str, str]
    starters: list[Involved]
    checks: list[Check]
    evaluating: frozenset[str]


async def _around(store: GraphStore, runs: Sequence[str]) -> _Around:
    experiment_rows, started, check_rows = await asyncio.gather(
        read_lists(store, statement("ml/experiments_of"), runs, size=KEYS_MAX),
        read_starters_of(store, "run", runs),
        read_lists(store, statement("ml/checks_by"), runs, size=KEYS_MAX),
    )
    pairs = [pair for row in experiment_rows for pair in row["experiments"]]
    named = {key: ExperimentNamed(key, namespace, name) for _, key, namespace, name in pairs}
    experiment_of = {run: key for run, key, *_ in sorted(pairs, reverse=True)}
    began, writes = await asyncio.gather(
        read_starters_of(store, "experiment", sorted(named)),
        read_lists(store, statement("runs/writes_of"), sorted(experiment_of), size=KEYS_MAX),
    )
    writers = {act[0] for row in writes for act in row["acts"]}
    return _Around(
        experiments=[one for _, one in sorted(named.items())],
        experiment_of=experiment_of,
        starters=[
            Involved(one.person, parse_key(one.person).parts[-1], "STARTED", what, one.evidence, one.at)
            for what, people in sorted({**started, **began}.items())
            for one in people
        ],
        checks=[_check(one) for row in check_rows for one in row["checks"]],
        evaluating=frozenset(experiment_of.keys() - writers),
    )


def _check(row: dict[str, Any]) -> Check:
    found = make_node("check", row)
    if not isinstance(found, Check):
        raise TypeError(row)
    return found


async def _features(store: GraphStore, runs: Sequence[str]) -> list[UsedFeature]:
    """Read which features some runs fetched and used; what was both is one."""
    found: dict[tuple[str, str], UsedFeature] = {}
    for run, listed in (await read_features_of(store, runs)).items():
        for one in listed:
            new = UsedFeature(
                one.field,
                one.field.partition("#")[0],
                _name_of(one.field),
                run,
                fetched=False,
                used=False,
                certain=False,
            )
            known = found.get((run, one.field), new)
            found[run, one.field] = msgspec.structs.replace(
                known,
                fetched=known.fetched or one.mode == "FETCHED",
                used=known.used or one.mode == "USED",
                certain=known.certain or one.certain is not False,
            )
    return [one for _, one in sorted(found.items())]


def _name_of(field: str) -> str:
    """Give a feature's own name; of a key that was cut what is left of it."""
    parts = parse_key(field).parts
    return parts[2] if len(parts) > 2 else field.partition("#")[2]  # noqa: PLR2004 - namespace, name, path


async def _owners(store: GraphStore, walk: Anchored, runs: Iterable[Run]) -> list[Involved]:
    """Read who owns what went into the version, and the jobs that made it; owners are those of now."""
    jobs = sorted({run.job for run in runs if run.job})
    by_dataset, by_job = await asyncio.gather(
        read_owners_of(store, "dataset", sorted(walk.made)), read_owners_of(store, "job", jobs)
    )
    return [
        Involved(person.key, person.name, "OWNS", what, "ownership", None)
        for what, people in sorted({**by_dataset, **by_job}.items())
        for person in people
    ]


def _deciders(acts: Sequence[CatalogueAct]) -> list[Involved]:
    return [
        Involved(person_key(act.by), act.by, "DECIDED", act.key, act.by_evidence, act.at)
        for act in acts
        if act.by is not None
    ]


def _told_runs(
    runs: Mapping[str, Run],
    roles: Mapping[str, str],
    texts: Mapping[str, Any],
    experiments: Mapping[str, str],
) -> list[ProvenanceRun]:
    told_of = []
    for key, run in runs.items():
        facets = part(texts.get(key) or {}, "facets")
        told_of.append(
            ProvenanceRun(
                run=run,
                role=roles[key],
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
