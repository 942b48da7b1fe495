"""Which histories are tried against the rules?

A history is a list of (raw event, suspect flag). A directed subject gives many events on few (job, output)
pairs, because a broad generator rarely meets the interplay of the rules; `anything` is broad, `spoiled`
breaks parts of events, `mixed` joins all subjects.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests import arrows
from tests.laws import pieces
from tests.laws.learning import learning_event
from tests.laws.pieces import DATASETS, JOBS, RUNS, TYPES, Draw, Json, chance, item, pick, some

History = list[tuple[Json, bool]]
MakeEvent = Callable[[Draw], Json]
SUSPECT_PERCENT = 4


def _event(draw: Draw, **members: Any) -> Json:
    return {"eventTime": pieces.instant(draw), "producer": "https://test.example", **members}


def run_event(
    draw: Draw,
    *,
    jobs: tuple[str, ...] = ("j",),
    runs: tuple[str, ...] = RUNS,
    inputs: tuple[str, ...] = ("a", "b"),
    outputs: tuple[str, ...] = ("c",),
    types: tuple[str | None, ...] = ("START", "COMPLETE", "COMPLETE", "FAIL"),
) -> Json:
    """A run event whose lists are present, empty or left out."""
    run = pick(draw, runs)
    event = _event(
        draw,
        run={"runId": pieces.run_id(draw, run), "facets": {}},
        job={**arrows.job(pick(draw, jobs)), "facets": {}},
    )
    kind = pick(draw, types)
    if kind is not None:
        event["eventType"] = kind
    if not chance(draw, 15):
        event["inputs"] = [item(name) for name in some(draw, inputs)]
    if not chance(draw, 15):
        event["outputs"] = [item(name) for name in some(draw, outputs)]
    return event


def job_event(
    draw: Draw, *, jobs: tuple[str, ...], inputs: tuple[str, ...], outputs: tuple[str, ...]
) -> Json:
    """A JobEvent: each list present, empty, null or left out."""
    event = _event(draw, job={**arrows.job(pick(draw, jobs)), "facets": {}})
    for member, names in (("inputs", inputs), ("outputs", outputs)):
        if not chance(draw, 25):
            event[member] = None if chance(draw, 8) else [item(name) for name in some(draw, names)]
    return event


def dataset_event(draw: Draw, names: tuple[str, ...]) -> Json:
    """A DatasetEvent without facets."""
    return _event(draw, dataset=item(pick(draw, names)))


def _used(event: Json) -> list[Json]:
    member = event.get("dataset")
    lists = [*(event.get("outputs") or []), *(event.get("inputs") or [])]
    return [*lists, *([member] if member else [])]


def decorate(draw: Draw, event: Json, percent: int, *, facet: str, make: Callable[[], Json]) -> None:
    """Give a facet to one of the event's datasets, outputs first."""
    if chance(draw, percent) and _used(event):
        pick(draw, tuple(_used(event)))["facets"][facet] = make()


def attempt_event(draw: Draw) -> Json:
    """START, end and START again of one or two runs."""
    types = ("START", "START", "START", "COMPLETE", "COMPLETE", "FAIL", "ABORT", "RUNNING", "OTHER", None)
    event = run_event(draw, runs=("r1", "r1", "r1", "r2"), types=types)
    decorate(draw, event, 10, facet="columnLineage", make=lambda: pieces.column_lineage(draw, ("a", "b")))
    decorate(draw, event, 8, facet="lifecycleStateChange", make=lambda: pieces.lifecycle(draw, ("a", "b")))
    decorate(draw, event, 10, facet="schema", make=lambda: pieces.schema(draw))
    return event


def service_event(draw: Draw) -> Json:
    """SERVICE and STREAMING runs of one job, with and without snapshots."""
    types = ("START", "RUNNING", "RUNNING", "COMPLETE", "FAIL", "ABORT", None)
    event = run_event(draw, runs=("r1", "r2", "r3"), outputs=("c", "c", "b"), types=types)
    if chance(draw, 70):
        event["job"]["facets"]["jobType"] = pieces.job_type(
            draw, ("SERVICE", "SERVICE", "SERVICE", "STREAMING", "BATCH")
        )
    if chance(draw, 15):
        event["job"]["facets"]["lineage"] = pieces.lineage(draw, ("c",), ("a", "b"))
    decorate(draw, event, 12, facet="columnLineage", make=lambda: pieces.column_lineage(draw, ("a", "b")))
    decorate(draw, event, 6, facet="lifecycleStateChange", make=lambda: pieces.lifecycle(draw, ("a", "b")))
    return event


def mapped_event(draw: Draw) -> Json:
    """Batch runs under parent runs, mapped or overlapping."""
    if chance(draw, 6):
        event = dataset_event(draw, ("c",))
        event["dataset"]["facets"]["lifecycleStateChange"] = pieces.lifecycle(draw, ("a", "b"))
        return event
    types = ("START", "START", "COMPLETE", "COMPLETE", "COMPLETE", "FAIL", "RUNNING")
    event = run_event(draw, types=types)
    if chance(draw, 85):
        owner = pick(draw, ("r9", "r9", "r9", "r8"))
        event["run"]["facets"]["parent"] = {
            "run": {"runId": arrows.run_text(owner)},
            "job": arrows.job("dag"),
        }
    if chance(draw, 50):
        index = pick(draw, (0, 0, 1, 2, -1, "0"))
        event["run"]["facets"]["airflow"] = {"taskInstance": {"map_index": index}}
    if chance(draw, 15):
        event["job"]["facets"]["lineage"] = pieces.lineage(draw, ("c",), ("a", "b"))
    return event


def lifecycle_event(draw: Draw) -> Json:
    """RENAME, DROP and TRUNCATE by runs and DatasetEvents, between writes of the same names."""
    names = ("a", "b", "c")
    if chance(draw, 25):
        event = dataset_event(draw, names)
        decorate(draw, event, 80, facet="lifecycleStateChange", make=lambda: pieces.lifecycle(draw, names))
        decorate(draw, event, 15, facet="lineage", make=lambda: pieces.dataset_lineage(draw, names))
        return event
    types = ("START", "COMPLETE", "COMPLETE", "COMPLETE", "FAIL")
    event = run_event(draw, jobs=("j", "j", "k"), inputs=names, outputs=names, types=types)
    decorate(draw, event, 45, facet="lifecycleStateChange", make=lambda: pieces.lifecycle(draw, names))
    decorate(draw, event, 25, facet="columnLineage", make=lambda: pieces.column_lineage(draw, names))
    if chance(draw, 10):
        event["job"]["facets"]["jobType"] = pieces.job_type(draw)
    if chance(draw, 8):
        event["job"]["facets"]["lineage"] = pieces.lineage(draw, names, names)
    return event


def precedence_event(draw: Draw) -> Json:
    """lineage, columnLineage and the product, by runs of one job."""
    sources, outputs = ("a", "b"), ("c", "c", "s3/c")
    types = ("COMPLETE", "COMPLETE", "COMPLETE", "START")
    event = run_event(draw, runs=("r1", "r2", "r3", "r4"), inputs=sources, outputs=outputs, types=types)
    if chance(draw, 40):
        event["job"]["facets"]["lineage"] = pieces.lineage(draw, outputs, sources)
    decorate(draw, event, 40, facet="columnLineage", make=lambda: pieces.column_lineage(draw, sources))
    decorate(draw, event, 15, facet="lineage", make=lambda: pieces.dataset_lineage(draw, sources))
    return event


def symlink_event(draw: Draw) -> Json:
    """Links made, replaced and undone between names that are read and written."""
    if chance(draw, 45):
        event = dataset_event(draw, DATASETS)
        decorate(draw, event, 90, facet="symlinks", make=lambda: pieces.symlinks(draw))
    else:
        event = run_event(
            draw, jobs=("j", "k"), inputs=DATASETS, outputs=DATASETS, types=("COMPLETE", "START", "FAIL")
        )
        decorate(draw, event, 15, facet="symlinks", make=lambda: pieces.symlinks(draw))
    decorate(draw, event, 15, facet="lifecycleStateChange", make=lambda: pieces.lifecycle(draw, DATASETS))
    decorate(draw, event, 15, facet="columnLineage", make=lambda: pieces.column_lineage(draw, DATASETS))
    decorate(draw, event, 15, facet="schema", make=lambda: pieces.schema(draw))
    return event


def declared_event(draw: Draw) -> Json:
    """JobEvents that replace each other, a few runs, a few DROPs."""
    kind = pick(draw, ("job", "job", "job", "run", "dataset"))
    if kind == "dataset":
        event = dataset_event(draw, ("c", "b"))
        decorate(
            draw, event, 50, facet="lifecycleStateChange", make=lambda: pieces.lifecycle(draw, ("a", "b"))
        )
        decorate(draw, event, 50, facet="lineage", make=lambda: pieces.dataset_lineage(draw, ("a", "b")))
        return event
    if kind == "run":
        event = run_event(draw, outputs=("c", "b"))
    else:
        event = job_event(draw, jobs=("j", "j", "k"), inputs=("a", "b"), outputs=("c", "b"))
    if chance(draw, 35):
        event["job"]["facets"]["lineage"] = pieces.lineage(draw, ("c", "b"), ("a", "b"))
    decorate(draw, event, 20, facet="columnLineage", make=lambda: pieces.column_lineage(draw, ("a", "b")))
    decorate(draw, event, 8, facet="lineage", make=lambda: pieces.dataset_lineage(draw, ("a", "b")))
    return event


def described_event(draw: Draw) -> Json:
    """Schemas and kinds, by writers, readers, failed runs and DatasetEvents of one dataset."""
    if chance(draw, 30):
        event = dataset_event(draw, ("c", "s3/c"))
    else:
        types = ("COMPLETE", "FAIL", "START", "ABORT")
        event = run_event(draw, inputs=("c", "a"), outputs=("c",), types=types)
        if chance(draw, 15):
            event["job"]["facets"]["jobType"] = pieces.job_type(draw)
    decorate(draw, event, 80, facet="schema", make=lambda: pieces.schema(draw))
    decorate(draw, event, 20, facet="symlinks", make=lambda: pieces.symlinks(draw, ("c", "s3/c")))
    kind = pick(draw, ("TABLE", "view", "STREAM", "Model", "JOB_OUTPUT", "odd"))
    decorate(draw, event, 15, facet="datasetType", make=lambda: {"datasetType": kind})
    decorate(draw, event, 10, facet="version", make=lambda: {"datasetVersion": "1"})
    return event


def related_event(draw: Draw) -> Json:
    """Runs under several jobs, parents, roots, dependencies, text ids."""
    event = run_event(draw, jobs=JOBS, runs=(*RUNS, "nightly", ""), types=TYPES)
    if chance(draw, 60):
        word = "parent" if not chance(draw, 15) else "parentRun"
        event["run"]["facets"][word] = pieces.parent(draw)
    if chance(draw, 15):
        side = pick(draw, ("upstream", "downstream"))
        event["run"]["facets"]["jobDependencies"] = {side: [pieces.related(draw), 3]}
    if chance(draw, 10):
        event["job"]["facets"]["jobType"] = pieces.job_type(draw)
    return event


def any_event(draw: Draw) -> Json:
    """Every kind of event, every facet, every name."""
    kind = pick(draw, ("run", "run", "run", "run", "job", "dataset"))
    if kind == "run":
        event = run_event(
            draw, jobs=JOBS, runs=(*RUNS, "nightly"), inputs=DATASETS, outputs=DATASETS, types=TYPES
        )
        if chance(draw, 20):
            event["run"]["facets"]["parent"] = pieces.parent(draw)
        if chance(draw, 5):
            event["run"] = pick(draw, ({"facets": {"parent": pieces.parent(draw)}}, 3, {"runId": 7}))
    elif kind == "job":
        event = job_event(draw, jobs=JOBS, inputs=DATASETS, outputs=DATASETS)
        if chance(draw, 10):
            event["eventType"] = pick(draw, TYPES)
    else:
        event = dataset_event(draw, DATASETS)
        if chance(draw, 8):
            event["run"] = pick(draw, ({"runId": arrows.run_text("r1")}, {}))
    if kind != "dataset":
        _describe_job(draw, event)
    for facet, make in _dataset_facets(draw).items():
        decorate(draw, event, 12, facet=facet, make=make)
    return event


def _describe_job(draw: Draw, event: Json) -> None:
    if chance(draw, 6):
        event["dataset"] = item(pick(draw, DATASETS))
    if chance(draw, 12):
        event["job"]["facets"]["lineage"] = pieces.lineage(draw, DATASETS, DATASETS)
    if chance(draw, 12):
        event["job"]["facets"]["jobType"] = pieces.job_type(draw)


def _dataset_facets(draw: Draw) -> dict[str, Callable[[], Json]]:
    return {
        "schema": lambda: pieces.schema(draw),
        "symlinks": lambda: pieces.symlinks(draw),
        "columnLineage": lambda: pieces.column_lineage(draw, DATASETS),
        "lineage": lambda: pieces.dataset_lineage(draw, DATASETS),
        "lifecycleStateChange": lambda: pieces.lifecycle(draw, DATASETS),
    }


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path inside an event."""
    if isinstance(value, dict):
        steps: list[tuple[Any, Any]] = list(value.items())
    else:
        steps = list(enumerate(value)) if isinstance(value, list) else []
    return [path, *(found for step, child in steps for found in _places(child, (*path, step)))]


def spoiled_event(draw: Draw) -> Json:
    """An event of which one part below the envelope is junk, a null or gone."""
    return spoiled(draw, any_event(draw))


def spoiled(draw: Draw, whole: Json) -> Json:
    """The event with one part broken."""
    # A copy: what is broken here must not be broken in the pieces that later events are made of.
    event = copy.deepcopy(whole)
    inner = [
        path
        for path in _places(event)
        if len(path) > 1 or (path and path[0] in ("run", "inputs", "outputs", "eventType"))
    ]
    inner = [
        path
        for path in inner
        if path[-1] not in ("namespace", "name") or path[0] not in ("job", "dataset") or len(path) > 2
    ]
    if inner and chance(draw, 60):
        *way, last = pick(draw, tuple(inner))
        body = event
        for step in way:
            body = body[step]
        body[last] = copy.deepcopy(pick(draw, pieces.JUNK))
    return event


SUBJECTS: dict[str, MakeEvent] = {
    "attempts": attempt_event,
    "service": service_event,
    "mapped": mapped_event,
    "lifecycle": lifecycle_event,
    "precedence": precedence_event,
    "symlinks": symlink_event,
    "declared": declared_event,
    "described": described_event,
    "related": related_event,
    "anything": any_event,
    "learning": learning_event,
    "spoiled": spoiled_event,
    "learning spoiled": lambda draw: spoiled(draw, learning_event(draw)),
}


def mixed_event(draw: Draw) -> Json:
    """An event of any subject."""
    return SUBJECTS[pick(draw, tuple(SUBJECTS))](draw)


def history(draw: Draw, subject: str, size_max: int = 9) -> History:
    """Some events of one subject (`mixed` for all of them together), each rarely suspect."""
    make = mixed_event if subject == "mixed" else SUBJECTS[subject]
    return [(make(draw), chance(draw, SUSPECT_PERCENT)) for _ in range(1 + draw(size_max))]


@st.composite
def histories(draw: st.DrawFn, subject: str, size_max: int = 9) -> History:
    """The histories of one subject, for hypothesis."""
    return history(lambda below: draw(st.integers(0, below - 1)), subject, size_max)


def random_history(seed: int, subject: str, size_max: int = 9) -> History:
    """A history by number: many a second, for `tests/laws/fuzz.py`."""
    return history(random.Random(seed).randrange, subject, size_max)
