"""Of which small pieces are generated histories made?

Few names and few instants, so that events meet: three jobs, five datasets in two namespaces, four runs and a
text that is no UUID, twelve hours. `histories.py` puts the pieces together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests import arrows

Json = dict[str, Any]
Draw = Callable[[int], int]
"""Draw a number below another: hypothesis shrinks it towards 0, a seeded generator is quick."""

JOBS = ("j", "k", "dag")
DATASETS = ("a", "b", "c", "s3/a", "s3/c")
RUNS = ("r1", "r2", "r3", "r4")
HOURS = tuple(range(1, 13))
COLUMNS = ("x", "y", "z.w")
TYPES = ("START", "RUNNING", "COMPLETE", "COMPLETE", "FAIL", "ABORT", "OTHER", None)
SPELLINGS = ("2026-05-01T{:02d}:00:00Z", "2026-05-01T{:02d}:00:00.0000009+00:00", "2026-05-01 {:02d}:00")
JUNK: tuple[Any, ...] = (None, 7, "x", [], {}, [None, 3, {}], True)


def chance(draw: Draw, percent: int) -> bool:
    """Draw true now and then; shrinks to false."""
    return draw(100) >= 100 - percent


def pick(draw: Draw, choices: tuple[Any, ...]) -> Any:
    """Draw one of several; repeat a choice to make it frequent."""
    return choices[draw(len(choices))]


def some(draw: Draw, choices: tuple[Any, ...], most: int = 2) -> list[Any]:
    """Draw a short list; most often of one."""
    return [pick(draw, choices) for _ in range((1, *range(most + 1))[draw(most + 2)])]


def instant(draw: Draw, hours: tuple[int, ...] = HOURS) -> str:
    """Draw an hour, written in one of three ways that mean the same."""
    spelling: str = SPELLINGS[0] if not chance(draw, 10) else pick(draw, SPELLINGS)
    return spelling.format(pick(draw, hours))


def run_id(draw: Draw, name: str) -> Any:
    """A run's id, now and then spelled otherwise."""
    text = arrows.run_text(name)
    if chance(draw, 5):
        return pick(draw, (text.upper(), text.replace("-", ""), f"urn:uuid:{text}", f"{{{text}}}"))
    return text


def item(name: str, **facets: Json) -> Json:
    """A dataset of a list."""
    return {**arrows.dataset(name), "facets": dict(facets)}


def source(draw: Draw, names: tuple[str, ...], *, typed: bool) -> Json:
    """An input of lineage (typed) or of columnLineage, with or without a field and transformations."""
    if typed and chance(draw, 10):
        said = {"type": "JOB", **arrows.job(pick(draw, JOBS))}
        return {**said, "runId": run_id(draw, pick(draw, RUNS))} if chance(draw, 30) else said
    body: Json = arrows.dataset(pick(draw, names))
    if typed:
        body["type"] = "DATASET"
    if chance(draw, 60 if typed else 90):
        body["field"] = pick(draw, COLUMNS)
    if chance(draw, 30):
        body["transformations"] = some(draw, TRANSFORMATIONS)
    return body


TRANSFORMATIONS: tuple[Json, ...] = (
    {"type": "DIRECT", "subtype": "IDENTITY", "masking": False},
    {"type": "INDIRECT", "subtype": "FILTER"},
    {"type": "DIRECT", "masking": True, "description": "hashed"},
)


def sources(draw: Draw, names: tuple[str, ...], *, typed: bool, most: int = 2) -> list[Json]:
    """A short list of inputs."""
    return [source(draw, names, typed=typed) for _ in range(draw(most + 1))]


def lineage_entry(draw: Draw, names: tuple[str, ...]) -> Json:
    """The inputs and fields of one entry: given, empty or left out."""
    body: Json = {}
    if not chance(draw, 25):
        body["inputs"] = sources(draw, names, typed=True)
    if chance(draw, 30):
        body["fields"] = {pick(draw, COLUMNS): {"inputs": sources(draw, names, typed=True)}}
    return body


def lineage(draw: Draw, outputs: tuple[str, ...], names: tuple[str, ...]) -> Json:
    """A job's `lineage` facet: DATASET and JOB entries, none at all, or a tombstone."""
    if chance(draw, 8):
        return {"_deleted": True}
    found: list[Json] = []
    for _ in range(draw(3)):
        entry = lineage_entry(draw, names)
        if chance(draw, 15):
            found.append(
                {"type": "JOB", **entry, **(arrows.job(pick(draw, JOBS)) if chance(draw, 50) else {})}
            )
        else:
            found.append({"type": "DATASET", **arrows.dataset(pick(draw, outputs)), **entry})
    return {"entries": found}


def dataset_lineage(draw: Draw, names: tuple[str, ...]) -> Json:
    """A `lineage` facet on a dataset, or its tombstone."""
    return {"_deleted": True} if chance(draw, 15) else lineage_entry(draw, names)


def column_lineage(draw: Draw, names: tuple[str, ...]) -> Json:
    """A columnLineage facet: fields, whole-dataset dependencies, empty, or a tombstone."""
    if chance(draw, 8):
        return {"_deleted": True}
    body: Json = {"fields": {}}
    for column in some(draw, COLUMNS):
        body["fields"][column] = {"inputFields": sources(draw, names, typed=False)}
    if chance(draw, 25):
        body["dataset"] = sources(draw, names, typed=False, most=1)
    return body


def schema(draw: Draw) -> Json:
    """A schema: some columns, nested ones, none, or a tombstone (now and then one that still says something)."""
    if chance(draw, 12):
        return {"_deleted": True, **({"fields": [{"name": "gone"}]} if chance(draw, 30) else {})}
    fields: list[Any] = []
    for name in dict.fromkeys(some(draw, ("x", "y", "z"), most=3)):
        field: Json = {"name": name}
        if chance(draw, 70):
            field["type"] = pick(draw, ("int", "text"))
        if chance(draw, 15):
            field["ordinal_position"] = pick(draw, (5, 9, "3", None))
        if name == "z":
            field["fields"] = [{"name": "w", "type": "int"}]
        fields.append(field)
    if chance(draw, 10):
        fields.insert(0, pick(draw, (None, {"type": "int"}, 3)))
    return {"fields": fields}


def symlinks(draw: Draw, names: tuple[str, ...] = DATASETS) -> Json:
    """Other names of a dataset: some, none, itself, an empty one, or a tombstone."""
    found: list[Any] = [arrows.dataset(name) for name in some(draw, names)]
    if chance(draw, 15):
        return {"_deleted": True, **({"identifiers": found} if chance(draw, 30) else {})}
    if chance(draw, 8):
        found.append({"namespace": "", "name": ""})
    return {"identifiers": found}


def lifecycle(draw: Draw, names: tuple[str, ...]) -> Json:
    """RENAME, DROP, TRUNCATE and the others, or a tombstone."""
    change = pick(draw, ("RENAME", "RENAME", "DROP", "DROP", "TRUNCATE", "CREATE", "!"))
    if change == "!":
        return {"_deleted": True}
    body: Json = {"lifecycleStateChange": change}
    if change == "RENAME" and not chance(draw, 10):
        body["previousIdentifier"] = arrows.dataset(pick(draw, names))
    return body


def job_type(draw: Draw, kinds: tuple[str, ...] = ("BATCH", "STREAMING", "SERVICE")) -> Json:
    """A way of working, with or without COMPLETE_SNAPSHOT."""
    if chance(draw, 4):
        return {"_deleted": True}
    body: Json = {"processingType": pick(draw, kinds), "integration": "TEST"}
    if chance(draw, 35):
        body["emissionPattern"] = {"eventContentMode": pick(draw, ("COMPLETE_SNAPSHOT", "ACCUMULATIVE"))}
    return body


def related(draw: Draw, jobs: tuple[str, ...] = JOBS) -> Json:
    """A `{run, job}` pair as parents, roots and dependencies have; either may be missing or bad."""
    body: Json = {}
    if not chance(draw, 8):
        run = pick(draw, (*RUNS, "r9", "nightly"))
        body["run"] = {} if chance(draw, 8) else {"runId": run_id(draw, run)}
    if not chance(draw, 8):
        body["job"] = arrows.job(pick(draw, jobs))
    return body


def parent(draw: Draw) -> Json:
    """A parent facet, with or without a root and forwarded facets."""
    body = related(draw)
    if chance(draw, 25):
        body["root"] = related(draw)
    if chance(draw, 5):
        body["facets"] = {"parent": related(draw), "jobType": {"processingType": "SERVICE"}}
    return body
