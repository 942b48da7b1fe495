"""How is a short history written in a test, and how are the rows it should give?

One line is one event: a clock hour, what it is, and `inputs -> outputs`, then options after a bar.

    1 START r1 load: a b -> c          a run event; UNTYPED sends no eventType
    2 JOB load: a -> c                 a JobEvent; `-` for a list left out, nothing for an empty list
    3 DATASET c | on=c<a               a DatasetEvent
    4 COMPLETE r1 load | suspect parent=r9/dag root=r8/top index=0 jobtype=SERVICE+snapshot

    schema=c:x,y       schema=c:!  (tombstone)         symlinks=c:d,s3/e
    columns=c:x<a.p,b.q   columns=c:*<a.p (dataset[])  columns=c:!
    entry=c<a,b.x   entry=c:x<a.x   entry=c< (inputs [])   entry=c (no inputs)   entry=@load<a   entry=c<@load
    on=c<a (lineage on the dataset)   on=c:!   lineage=! (tombstone)   lineage=[] (no entries)
    rename=c<old   drop=c   truncate=c   kind=c:TABLE   also=c (a `dataset` member beside a job)   run=?

`c` is a dataset of namespace `db`; `s3/c` one of `s3://lake`. `r1` is a UUID, other run texts stay.
Rows: `a -> c by load PRODUCT 1-3 5- @5` is an edge with intervals and last_at (`-` for no job, `?` suspect).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from graph_schema.identity import dataset_key, field_key, job_key, run_key, run_uuid
from graph_schema.instants import SUSPECT

Json = dict[str, Any]
NAMESPACES = {"s3": "s3://lake", "file": "file", "pg": "pg"}


def hour(text: str | int) -> str:
    """The instant of an hour of the first of May; `?` is how suspect instants are written."""
    return SUSPECT if text == "?" else f"2026-05-{1 + int(text) // 24:02d}T{int(text) % 24:02d}:00:00.000000Z"


def dataset(text: str) -> Json:
    """`c`, or `s3/c` in a namespace that is a file system."""
    namespace, found, name = text.partition("/")
    return {"namespace": NAMESPACES[namespace], "name": name} if found else {"namespace": "db", "name": text}


def job(text: str) -> Json:
    """A job of the one namespace."""
    return {"namespace": "jobs", "name": text}


def run_text(text: str) -> str:
    """`r1` is short for a UUID."""
    number = re.fullmatch(r"r([0-9]+)", text)
    return f"00000000-0000-4000-8000-{int(number[1]):012d}" if number else text


def event(line: str) -> tuple[Json, bool]:
    """Read one line into a raw event and its suspect flag."""
    said, _, options = line.partition("|")
    head, colon, lists = said.partition(":")
    time, kind, *names = head.split()
    body: Json = {"eventTime": hour(time), "producer": "https://test.example", "schemaURL": ""}
    if kind == "DATASET":
        body["dataset"] = {**dataset(names[0]), "facets": {}}
    elif kind == "JOB":
        body["job"] = {**job(names[0]), "facets": {}}
    else:
        body["run"] = {"runId": run_text(names[0]), "facets": {}}
        body["job"] = {**job(names[1]), "facets": {}}
        if kind != "UNTYPED":
            body["eventType"] = kind
    if colon:
        _lists(body, lists)
    suspect = False
    for option in options.split():
        word, _, value = option.partition("=")
        suspect = suspect or word == "suspect"
        if word != "suspect":
            OPTIONS[word](body, value)
    return body, suspect


def story(*lines: str) -> list[tuple[Json, bool]]:
    """Read several lines."""
    return [event(line) for line in lines]


def _lists(body: Json, lists: str) -> None:
    inputs, _, outputs = lists.partition("->")
    for member, text in (("inputs", inputs), ("outputs", outputs)):
        if text.strip() != "-":
            body[member] = [{**dataset(name), "facets": {}} for name in text.split()]


def _facets(body: Json, name: str) -> Json:
    """The facets of a dataset of the event: its output, else its input, else its `dataset`."""
    wanted = dataset(name)
    for item in [*body.get("outputs", []), *body.get("inputs", []), body.get("dataset", {})]:
        if {key: item.get(key) for key in wanted} == wanted:
            found: Json = item["facets"]
            return found
    raise KeyError(name)


def _job_type(body: Json, value: str) -> None:
    processing, _, snapshot = value.partition("+")
    facet: Json = {"processingType": processing, "integration": "TEST"}
    if snapshot:
        facet["emissionPattern"] = {"eventContentMode": "COMPLETE_SNAPSHOT"}
    body["job"]["facets"]["jobType"] = {"_deleted": True} if value == "!" else facet


def _related(value: str) -> Json:
    run, _, name = value.partition("/")
    body: Json = {"run": {"runId": run_text(run)}} if run else {"run": {}}
    return {**body, "job": job(name)} if name else body


def _parent(body: Json, value: str) -> None:
    body["run"]["facets"].setdefault("parent", {}).update(_related(value))


def _root(body: Json, value: str) -> None:
    body["run"]["facets"].setdefault("parent", {})["root"] = _related(value)


def _index(body: Json, value: str) -> None:
    body["run"]["facets"]["airflow"] = {"taskInstance": {"map_index": int(value)}}


def _source(text: str) -> Json:
    if text.startswith("@"):
        return {"type": "JOB", **job(text[1:])}
    name, dot, column = text.partition(".")
    return {"type": "DATASET", **dataset(name), **({"field": column} if dot else {})}


def _sources(text: str) -> list[Json]:
    return [_source(part) for part in text.split(",") if part]


def _fill(facet: Json, target: str, given: str, sources: list[Json]) -> None:
    """Put sources under a field, or as inputs of the whole; without `<` no inputs are stated."""
    if target:
        facet.setdefault("fields", {}).setdefault(target, {"inputs": []})["inputs"] += sources
    elif given:
        facet.setdefault("inputs", [])
        facet["inputs"] += sources


def _entry(body: Json, value: str) -> None:
    head, given, sources = value.partition("<")
    name, _, target = head.partition(":")
    entries = body["job"]["facets"].setdefault("lineage", {"entries": []})["entries"]
    identity = _source(name)
    same = [found for found in entries if {key: found.get(key) for key in identity} == identity]
    if not same:
        same = [dict(identity)]
        entries.append(same[0])
    _fill(same[0], target, given, _sources(sources))


def _on(body: Json, value: str) -> None:
    head, given, sources = value.partition("<")
    name, _, target = head.partition(":")
    if target == "!":
        _facets(body, name)["lineage"] = {"_deleted": True}
    else:
        _fill(_facets(body, name).setdefault("lineage", {}), target, given, _sources(sources))


def _lineage(body: Json, value: str) -> None:
    facet: Json = {"_deleted": True} if value == "!" else {"entries": []}
    body["job"]["facets"]["lineage"] = facet


def _columns(body: Json, value: str) -> None:
    head, _, sources = value.partition("<")
    name, _, target = head.partition(":")
    if target == "!":
        _facets(body, name)["columnLineage"] = {"_deleted": True}
        return
    facet = _facets(body, name).setdefault("columnLineage", {"fields": {}})
    given = [{key: item[key] for key in item if key != "type"} for item in _sources(sources)]
    for item in given:
        item["transformations"] = [{"type": "DIRECT", "subtype": "IDENTITY", "masking": False}]
    if target == "*":
        facet.setdefault("dataset", []).extend(given)
    elif target:
        facet["fields"].setdefault(target, {"inputFields": []})["inputFields"] += given


def _schema(body: Json, value: str) -> None:
    name, _, columns = value.partition(":")
    fields = [{"name": column, "type": "int"} for column in columns.split(",") if column]
    _facets(body, name)["schema"] = {"_deleted": True} if columns == "!" else {"fields": fields}


def _symlinks(body: Json, value: str) -> None:
    name, _, others = value.partition(":")
    identifiers = [{**dataset(other), "type": "TABLE"} for other in others.split(",") if other]
    _facets(body, name)["symlinks"] = {"_deleted": True} if others == "!" else {"identifiers": identifiers}


def _rename(body: Json, value: str) -> None:
    name, _, old = value.partition("<")
    facet: Json = {"lifecycleStateChange": "RENAME", "previousIdentifier": dataset(old)}
    _facets(body, name)["lifecycleStateChange"] = facet


def _drop(body: Json, value: str) -> None:
    _facets(body, value)["lifecycleStateChange"] = {"lifecycleStateChange": "DROP"}


def _truncate(body: Json, value: str) -> None:
    _facets(body, value)["lifecycleStateChange"] = {"lifecycleStateChange": "TRUNCATE"}


def _kind(body: Json, value: str) -> None:
    name, _, kind = value.partition(":")
    _facets(body, name)["datasetType"] = {"datasetType": kind}


def _also(body: Json, value: str) -> None:
    body["dataset"] = {**dataset(value), "facets": {}}


def _no_run_id(body: Json, value: str) -> None:
    body["run"] = {"facets": {}} if value == "?" else {"runId": run_text(value), "facets": {}}


OPTIONS = {
    "jobtype": _job_type, "parent": _parent, "root": _root, "index": _index, "entry": _entry, "on": _on,
    "lineage": _lineage, "columns": _columns, "schema": _schema, "symlinks": _symlinks, "rename": _rename,
    "drop": _drop, "truncate": _truncate, "kind": _kind, "also": _also, "run": _no_run_id,
}  # fmt: skip


def key_of(text: str) -> str:
    """The key of a dataset `c`, or of a field `c.x`."""
    name, dot, path = text.partition(".")
    key = dataset_key(**dataset(name))
    return field_key(key, path) if dot else key


def job_key_of(text: str) -> str:
    """The key of a job."""
    return job_key(**job(text))


def run_key_of(text: str, name: str = "") -> str:
    """The key of a run; `text@job` where the text is no UUID."""
    text, _, own = text.partition("@")
    return run_key(run_uuid(run_text(text), "jobs", own or name))


def edge(line: str) -> Json:
    """Read an edge: feeds or fed between datasets, a column row where the source is a field."""
    source, _, target, _, name, *rest = line.split()
    evidence = [word for word in rest if word.isalpha()]
    spans = [word.split("-") for word in rest if "-" in word]
    last_at = next(word[1:] for word in rest if word.startswith("@"))
    valid_to = [hour(end) if end else None for _, end in spans]
    row: Json = {"source": key_of(source), "target": key_of(target)}
    row |= {"job": None if name == "-" else job_key_of(name), "earlier": 0, "last_at": hour(last_at)}
    row |= {"valid_from": [hour(start) for start, _ in spans], "valid_to": valid_to}
    kind = "feeds" if None in valid_to else "fed"
    if "." in source:
        return {"type": f"{kind}_field" if "." in target else "shapes", **row}
    return {"type": kind, **row, "evidence": evidence[0]}


def row(line: str) -> Json:
    """Read `run r1 state=COMPLETED started_at=1`: some members of one row, its key spelled out."""
    kind, name, *rest = line.split()
    if kind == "io":
        direction, name, owner, *rest = line.split()[1:]
        found: Json = {"direction": direction, "dataset": dataset(name), "job": job(owner)}
    elif kind == "run":
        found = {"key": run_key_of(name)}
    else:
        found = {"key": job_key_of(name) if kind == "job" else key_of(name)}
    for word in rest:
        member, _, value = word.partition("=")
        found[member] = _value(kind, member, value)
    return {"type": kind, **found}


def _value(kind: str, member: str, value: str) -> Any:
    if value in ("null", "true", "false"):
        return {"null": None, "true": True, "false": False}[value]
    if member.endswith("_at"):
        return hour(value)
    if member == "job_clash":
        return sorted(job_key_of(name) for name in value.split(",") if name)
    if member == "job" or (kind == "job" and member == "parent"):
        return job_key_of(value)
    plain: dict[str, Callable[[str], Any]] = {
        "parent": run_key_of,
        "root": run_key_of,
        "alias_of": key_of,
        "ordinal": int,
    }
    return plain[member](value) if member in plain else value
