"""Over which features, experiments and runs does a dataset get into models and deployments? Any end may be given.

Rows are found from the training runs on: those of the experiment, of the feature, of the model, or of what lies downstream
of the dataset; all that were given must agree. Runs are taken in order of their keys, some at a time, and each is spread into
its rows, so that a page costs what it shows. Nothing is enumerated that is not on it.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import msgspec

from graph_schema.errors import BadInput
from graph_schema.identity import parse_key
from queries.anchored import Entering, read_entering
from queries.cursors import decode_cursor, encode_cursor
from queries.edges import EVIDENCE_ORDER
from queries.learned import UsedFeature
from queries.learning import read_features_of
from queries.limits import Limits, check_rows, within
from queries.lists import read_lists
from queries.near import not_found
from queries.nodes import KEYS_MAX, read_datasets, read_nodes
from queries.projection import Projection
from queries.results import Completeness, PageInfo, Run
from queries.roots import resolve_root
from queries.statements import statement
from queries.store import GraphStore
from queries.versions import find_model, find_version, model_versions
from queries.walk import LAST_OPEN_INSTANT, Budget, Reach, levels, start_walk

ROWS_DEFAULT: Final = 50
RUNS_MAX: Final = 100_000
"""Runs of one end that are looked at; beyond them the answer says that it was cut."""
_AT_ONCE: Final = 50
_NO_DATA: Final = frozenset({"FEATURE_VIEW", "FEATURE_SERVICE", "LOGGED_MODEL", "MODEL_VERSION"})
"""Kinds of inputs that are no data of their own: a view's features are told instead."""

_MODELS: Final = frozenset({"LOGGED_MODEL", "MODEL_VERSION"})
_NONE: Final[list[str | None]] = [None]

Place = tuple[str, str, str, str, str]


class MlPath(msgspec.Struct, frozen=True):
    """One way: dataset, feature of a view, experiment and run, model version, deployment. What is not known is None.

    `evidence` is how it is known that the dataset feeds the view, PRODUCT where that is a guess; it is None where the dataset
    lies further up, or was read by the run itself. `version` is the logged model where that became none. `used` says that the
    model is made of the feature, and was not only fetched with it; `serving` that the deployment serves the version now.
    """

    dataset: str | None
    feature: str | None
    view: str | None
    experiment: str | None
    run: str
    model: str | None
    version: str | None
    deployment: str | None
    evidence: str | None
    used: bool | None
    certain: bool | None
    serving: bool | None


class MlPaths(msgspec.Struct, frozen=True):
    """One page of ways."""

    paths: list[MlPath]
    completeness: Completeness
    page_info: PageInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class MlPathsQuestion:
    """Over which of these: a dataset, a feature (the key of a field), an experiment, a model or a version of it."""

    dataset: str | None = None
    feature: str | None = None
    experiment: str | None = None
    model: str | None = None
    first: int = ROWS_DEFAULT
    after: str | None = None


class _Ends(NamedTuple):
    """The ends that were given, found: what lies downstream of the dataset, the field, the versions."""

    dataset: str | None
    reached: frozenset[str]
    feature: str | None
    experiment: str | None
    versions: frozenset[str] | None
    runs: Sequence[str]
    cut: tuple[str, ...]


class _Told(NamedTuple):
    """All that is known of some runs, by run."""

    features: Mapping[str, Sequence[tuple[str, str, bool, bool]]]
    reads: Mapping[str, Sequence[str]]
    experiments: Mapping[str, str]
    versions: Mapping[str, Sequence[tuple[str, str | None]]]
    deployments: Mapping[str, Mapping[str, bool]]
    sources: Mapping[str, Sequence[Entering]]
    began: Mapping[str, str]


async def ml_paths(
    store: GraphStore, question: MlPathsQuestion, limits: Limits, *, projection: Projection
) -> MlPaths:
    """Answer a question; raises BadInput, NodeNotFound, LimitExceeded, TimedOut."""
    check_rows(question.first, limits.page_max)
    async with within(limits, "give another end too, or a smaller page"):
        ends = await _ends(store, question, limits)
        identity = ["ml_paths", ends.dataset, ends.feature, ends.experiment, sorted(ends.versions or ())]
        last: Place | None = (
            None if question.after is None else decode_cursor(question.after, identity, Place)
        )
        rows: list[MlPath] = []
        left = [run for run in ends.runs if last is None or run >= last[0]]
        for start in range(0, len(left), _AT_ONCE):
            some = left[start : start + _AT_ONCE]
            told = await _read(store, some)
            found = itertools.chain.from_iterable(_rows(run, ends, told) for run in some)
            rows.extend(itertools.islice(_after(found, last), question.first + 1 - len(rows)))
            if len(rows) > question.first:
                break
        page = rows[: question.first]
        return MlPaths(
            paths=page,
            completeness=Completeness(
                complete=not ends.cut,
                truncated_by=list(ends.cut),
                hidden=0,
                guessed_edges=sum(1 for row in page if row.evidence == "PRODUCT"),
                position=projection.position,
            ),
            page_info=PageInfo(
                len(rows) > len(page), encode_cursor(identity, place(page[-1])) if page else None
            ),
        )


def place(row: MlPath) -> Place:
    """Say where a row stands among all."""
    return row.run, row.feature or "", row.dataset or "", row.version or "", row.deployment or ""


def _after(rows: Iterable[MlPath], last: Place | None) -> Iterator[MlPath]:
    return (row for row in rows if last is None or place(row) > tuple(last))


async def _ends(store: GraphStore, question: MlPathsQuestion, limits: Limits) -> _Ends:
    """Find what was given, and the runs on which all of it agrees, in order of their keys."""
    if not any((question.dataset, question.feature, question.experiment, question.model)):
        raise BadInput("say from which end: dataset, feature, experiment or model; several may be given")
    agreed: list[frozenset[str]] = []
    cut: list[str] = []
    dataset, reached = None, frozenset[str]()
    if question.dataset:
        dataset, reached, cut = await _downstream(store, question.dataset, limits)
        agreed.append(await _runs(store, ("runs_using_views", "learners_of"), sorted(reached), cut))
    feature = await _field(store, question.feature) if question.feature else None
    if feature:
        agreed.append(await _runs(store, ("runs_using",), [feature], cut))
    experiment = await _experiment(store, question.experiment) if question.experiment else None
    if experiment:
        agreed.append(await _runs(store, ("runs_in_experiment",), [experiment], cut))
    versions = await _versions(store, question.model) if question.model else None
    if versions is not None:
        rows = await read_lists(store, statement("ml/trainers_of"), sorted(versions), size=KEYS_MAX)
        agreed.append(frozenset(run for row in rows for _, run in row["trained"]))
    runs = sorted(frozenset.intersection(*agreed))
    return _Ends(dataset, reached, feature, experiment, versions, runs, tuple(cut))


async def _downstream(store: GraphStore, key: str, limits: Limits) -> tuple[str, frozenset[str], list[str]]:
    """Walk downstream from a dataset; give it, all that it reaches and itself, and what cut the walk."""
    root = await resolve_root(store, key, "downstream", "DATASET")
    ends_at = asyncio.get_running_loop().time() + 0.5 * limits.time_s
    walk = start_walk(Reach("downstream"), Budget(limits.depth_max, limits.nodes_max, ends_at), root.starts)
    async for _ in levels(store, walk):
        pass
    return root.node.key, frozenset(walk.depth_of), list(walk.truncated_by)


async def _field(store: GraphStore, text: str) -> str:
    key = parse_key(text)
    if key.kind != "field":
        raise BadInput(
            f"a feature is the field of a view: dataset:...#NAME, not {text[:100]!r}", parameter="feature"
        )
    if key.text not in await read_nodes(store, "field", [key.text]):
        raise await not_found(store, key)
    return key.text


async def _experiment(store: GraphStore, text: str) -> str:
    key = parse_key(text)
    if key.kind != "experiment":
        raise BadInput(
            f"an experiment is given by its key, experiment:NAMESPACE:ID, not {text[:100]!r}",
            parameter="experiment",
        )
    if key.text not in await read_nodes(store, "experiment", [key.text]):
        raise await not_found(store, key)
    return key.text


async def _versions(store: GraphStore, text: str) -> frozenset[str]:
    """Give the versions that a model means, or the one version that its key names."""
    if text.startswith("dataset:"):
        return frozenset({(await find_version(store, text, None, None))["key"]})
    namespace, name = await find_model(store, text, None)
    return frozenset(one["key"] for one in await model_versions(store, namespace, name))


async def _runs(
    store: GraphStore, names: Sequence[str], keys: Sequence[str], cut: list[str]
) -> frozenset[str]:
    found: set[str] = set()
    for name in names:
        rows = await read_lists(store, statement(f"ml/{name}"), keys, size=KEYS_MAX, limit=RUNS_MAX + 1)
        runs = [run for row in rows for run in row["runs"]]
        if len(runs) > RUNS_MAX and "runs" not in cut:
            cut.append("runs")
        found.update(runs)
    return frozenset(found)


async def _read(store: GraphStore, runs: Sequence[str]) -> _Told:
    """Read all that is known of some runs, in few statements."""
    features, reads, experiments, models, nodes = await asyncio.gather(
        read_features_of(store, runs),
        read_lists(store, statement("runs/reads_of"), runs, size=KEYS_MAX),
        read_lists(store, statement("ml/experiments_of"), runs, size=KEYS_MAX),
        read_lists(store, statement("ml/models_written"), runs, size=KEYS_MAX),
        read_nodes(store, "run", runs),
    )
    taken = {run: _features(listed) for run, listed in features.items()}
    versions = _written([one for row in models for one in row["models"]])
    named = {run: key for row in experiments for run, key, *_ in row["experiments"]}
    inputs = [(act[0], act[1]) for row in reads for act in row["acts"]]
    views = sorted({key.partition("#")[0] for some in taken.values() for key, *_ in some})
    serving, sources, kinds = await asyncio.gather(
        read_lists(
            store,
            statement("ml/serving"),
            sorted({key for some in versions.values() for key, _ in some}),
            size=KEYS_MAX,
        ),
        read_entering(store, views),
        read_datasets(store, sorted({dataset for _, dataset in inputs})),
    )
    plain: dict[str, list[str]] = {}
    for run, dataset in inputs:
        if dataset in kinds and kinds[dataset].kind not in _NO_DATA:
            plain.setdefault(run, []).append(dataset)
    fed: dict[str, dict[str, bool]] = {}
    for version, deployment, edge in (one for row in serving for one in row["deployments"]):
        known = fed.setdefault(version, {})
        known[deployment] = known.get(deployment, False) or edge == "FEEDS"
    began = {key: run.started_at or run.ended_at or "" for key, run in nodes.items() if isinstance(run, Run)}
    return _Told(taken, plain, named, versions, fed, sources, began)


def _features(listed: Iterable[UsedFeature]) -> list[tuple[str, str, bool, bool]]:
    """Give a run's features: key, view, whether the model is made of it, and whether that is certain."""
    found: dict[str, tuple[bool, bool]] = {}
    for one in listed:
        used, sure = found.get(one.field, (False, False))
        found[one.field] = (used or one.mode == "USED", sure or one.certain is not False)
    return [(key, key.partition("#")[0], used, sure) for key, (used, sure) in sorted(found.items())]


def _written(rows: Iterable[Sequence[Any]]) -> dict[str, list[tuple[str, str | None]]]:
    """Give each run's versions with their models: of the logged models that it wrote, those themselves where they became
    none, and versions that it wrote itself.
    """
    found: dict[str, dict[str, str | None]] = {}
    for run, written, kind, model, version, its_model in rows:
        if version is not None:
            found.setdefault(run, {})[version] = its_model
        elif kind in _MODELS:
            found.setdefault(run, {})[written] = model
    return {run: sorted(some.items()) for run, some in found.items()}


def _rows(run: str, ends: _Ends, told: _Told) -> Iterator[MlPath]:
    """Spread a run into its rows, in order."""
    for feature, dataset, view, evidence, used, certain in sorted(_taken(run, ends, told), key=_taken_place):
        for version, model in _served(run, ends, told):
            deployments = told.deployments.get(version or "", {})
            for deployment in [*sorted(deployments)] or _NONE:
                yield MlPath(
                    dataset=dataset,
                    feature=feature,
                    view=view,
                    experiment=told.experiments.get(run),
                    run=run,
                    model=model,
                    version=version,
                    deployment=deployment,
                    evidence=evidence,
                    used=used,
                    certain=certain,
                    serving=None if deployment is None else deployments[deployment],
                )


_Taken = tuple[str | None, str | None, str | None, str | None, bool | None, bool | None]


def _taken(run: str, ends: _Ends, told: _Told) -> Iterator[_Taken]:
    """Give what a run took: features with what feeds their view, and datasets that it read itself."""
    nothing = True
    for feature, view, used, certain in told.features.get(run, ()):
        if ends.feature is not None and feature != ends.feature:
            continue
        for dataset, evidence in _origins(view, told.began.get(run, ""), ends, told):
            nothing = False
            yield feature, dataset, view, evidence, used, certain
    if ends.feature is not None:
        return
    read = {
        ends.dataset or dataset
        for dataset in told.reads.get(run, ())
        if not ends.dataset or dataset in ends.reached
    }
    for dataset in read:
        yield None, dataset, None, None, None, None
    if nothing and not read and ends.dataset is None:
        yield None, None, None, None, None, None


def _origins(view: str, at: str, ends: _Ends, told: _Told) -> list[tuple[str | None, str | None]]:
    """Give what feeds a view: the dataset that was asked about, where it reaches it, else its direct sources then."""
    edges = [edge for edge in told.sources.get(view, ()) if edge.holds(at or LAST_OPEN_INSTANT)]
    if ends.dataset is not None:
        edges = [edge for edge in edges if edge.source == ends.dataset]
        if not edges:
            return [(ends.dataset, None)] if view in ends.reached else []
    strongest: dict[str | None, str | None] = {}
    for edge in sorted(edges, key=lambda one: EVIDENCE_ORDER.index(one.evidence)):
        strongest.setdefault(edge.source, edge.evidence)
    return list(strongest.items()) or [(None, None)]


def _taken_place(taken: _Taken) -> tuple[str, str]:
    return taken[0] or "", taken[1] or ""


def _served(run: str, ends: _Ends, told: _Told) -> list[tuple[str | None, str | None]]:
    """Give the versions that a run's models became, those asked for; none is told as such."""
    versions = told.versions.get(run, ())
    if ends.versions is not None:
        return [one for one in versions if one[0] in ends.versions]
    return list(versions) or [(None, None)]
