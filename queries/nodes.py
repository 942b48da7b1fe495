"""What is known of one node, or of many by key?

Everything is read by lists of keys, one statement per list, so that a caller can batch. Long texts (run
facets, facet bodies) are read by statements of their own, only when asked for.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from graph_schema.errors import BadInput
from graph_schema.identity import Key, dataset_key, job_key, parse_key, run_key, uuid_of
from graph_schema.instants import OPEN_END, SUSPECT
from queries.learned import Approval, Deployment, Experiment, Model
from queries.lists import read_lists
from queries.near import not_found
from queries.results import (
    Act,
    Check,
    Dataset,
    Facet,
    Field,
    Io,
    Job,
    Node,
    OfModel,
    Person,
    Run,
)
from queries.statements import statement
from queries.store import GraphStore

_TYPES: Final[dict[str, type[Node]]] = {
    "dataset": Dataset, "field": Field, "job": Job, "run": Run,
    "person": Person, "facet": Facet, "check": Check,
    "experiment": Experiment, "model": Model, "deployment": Deployment, "approval": Approval,
}  # fmt: skip
_TEXTS: Final = frozenset({"configuration", "evidence"})
"""Properties that are short JSON texts, read with their node."""
_OF_MODEL: Final = frozenset(OfModel.__struct_fields__)
KEYS_MAX: Final = 2_000
"""Keys in one statement; a node with its texts is about 300 bytes."""


async def read_node(store: GraphStore, text: str) -> Node:
    """Read the node of a key in any accepted form; raises BadKey, or NodeNotFound with near names."""
    return await _read_one(store, parse_key(text))


async def read_dataset(store: GraphStore, namespace: str, name: str) -> Node:
    """Read a dataset by its exact names."""
    return await _read_one(store, Key("dataset", (namespace, name), dataset_key(namespace, name)))


async def read_job(store: GraphStore, namespace: str, name: str) -> Node:
    """Read a job by its exact names."""
    return await _read_one(store, Key("job", (namespace, name), job_key(namespace, name)))


async def read_run(store: GraphStore, text: str) -> Node:
    """Read a run by its UUID in any accepted spelling, or by its key."""
    own = uuid_of(text)
    if own is not None:
        return await _read_one(store, Key("run", (own,), run_key(own)))
    key = parse_key(text)
    if key.kind != "run":
        raise BadInput("a run is asked for by its UUID or its run: key", id=text[:200])
    return await _read_one(store, key)


async def _read_one(store: GraphStore, key: Key) -> Node:
    found = await read_nodes(store, key.kind, [key.text])
    if key.text not in found:
        raise await not_found(store, key)
    return found[key.text]


async def read_nodes(store: GraphStore, kind: str, keys: Sequence[str]) -> dict[str, Node]:
    """Read the nodes of one kind that exist among some keys, in no order."""
    if kind not in _TYPES:
        return {}
    nodes = await _read_list(store, f"nodes/{kind}s", "nodes", keys)
    return {row["key"]: make_node(kind, row) for row in nodes}


async def read_datasets(store: GraphStore, keys: Sequence[str]) -> dict[str, Dataset]:
    """Read the datasets that exist among some keys."""
    nodes = await read_nodes(store, "dataset", keys)
    return {key: node for key, node in nodes.items() if isinstance(node, Dataset)}


async def read_fields_of(store: GraphStore, keys: Sequence[str]) -> dict[str, list[Field]]:
    """List the fields of datasets: current ones first, then by ordinal and path."""
    fields = [make_node("field", row) for row in await _read_list(store, "nodes/fields_of", "nodes", keys)]
    found: dict[str, list[Field]] = {key: [] for key in keys}
    for field in sorted((one for one in fields if isinstance(one, Field)), key=field_order):
        found[field.dataset].append(field)
    return found


def field_order(field: Field) -> tuple[bool, bool, int, str]:
    """Order fields: those not known to be gone first, then by ordinal, those without one last, then by path."""
    return field.current is False, field.ordinal is None, field.ordinal or 0, field.path


async def read_facets_of(store: GraphStore, kind: str, keys: Sequence[str]) -> dict[str, list[Facet]]:
    """List the current facets of datasets or jobs by name, bodies left aside."""
    found: dict[str, list[Facet]] = {key: [] for key in keys}
    for row in await _read_list(store, f"nodes/{kind}_facets", "nodes", keys):
        found[row["entity"]].append(msgspec.convert({**row, "kind": "FACET"}, Facet))
    return {key: sorted(facets, key=lambda facet: facet.name) for key, facets in found.items()}


async def read_facet_bodies(store: GraphStore, keys: Sequence[str]) -> dict[str, Any]:
    """Read what facets say, parsed."""
    bodies = await _read_list(store, "nodes/facet_bodies", "bodies", keys)
    return {key: from_json(body) for key, body in bodies}


async def read_owners_of(store: GraphStore, kind: str, keys: Sequence[str]) -> dict[str, list[Person]]:
    """List who owns datasets or jobs, by name."""
    found: dict[str, list[Person]] = {key: [] for key in keys}
    for row in await _read_list(store, f"nodes/{kind}_owners", "owners", keys):
        found[row["entity"]].append(Person(key=row["key"], kind="PERSON", name=row["name"]))
    return {key: sorted(people, key=lambda person: person.key) for key, people in found.items()}


async def read_aliases_of(store: GraphStore, keys: Sequence[str]) -> dict[str, list[str]]:
    """List the other names of canonical datasets."""
    found: dict[str, list[str]] = {key: [] for key in keys}
    for canonical, alias in await _read_list(store, "nodes/dataset_aliases", "aliases", keys):
        found[canonical].append(alias)
    return {key: sorted(aliases) for key, aliases in found.items()}


async def read_io_of(
    store: GraphStore, relation: str, keys: Sequence[str], *, after: str, limit: int
) -> dict[str, list[Io]]:
    """List by key the other ends of a relation.

    One of dataset_producers, dataset_consumers, job_inputs, job_outputs.
    """
    found: dict[str, list[Io]] = {key: [] for key in keys}
    asking = statement(f"nodes/{relation}")
    rows = await read_lists(store, asking, keys, size=KEYS_MAX, after=after, limit=limit)
    found.update((row["owner"], msgspec.convert(row["io"], list[Io])) for row in rows)
    return found


async def read_acts_of(store: GraphStore, relation: str, keys: Sequence[str]) -> dict[str, list[Act]]:
    """List what runs read (`run_reads`) or wrote (`run_writes`), by dataset key."""
    found: dict[str, list[Act]] = {key: [] for key in keys}
    for row in await _read_list(store, f"nodes/{relation}", "acts", keys):
        found[row["run"]].append(msgspec.convert({**row, "at": told(row["at"])}, Act))
    return {key: sorted(acts, key=lambda act: act.dataset) for key, acts in found.items()}


async def read_run_texts(store: GraphStore, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Read the facets, transitions and warnings of runs, parsed."""
    rows = await _read_list(store, "nodes/run_texts", "texts", keys)
    names = ("facets", "transitions", "warnings")
    return {row["key"]: {name: from_json(row[name]) for name in names} for row in rows}


async def read_runs_of(
    store: GraphStore, job: str, *, after: tuple[str | None, str] | None, limit: int
) -> list[Run]:
    """List a job's runs, newest start first, those that never said when they started last."""
    return await _listed_runs(store, "nodes/runs_of", {"job": job}, after=after, limit=limit)


async def read_runs_in(
    store: GraphStore, experiment: str, *, after: tuple[str | None, str] | None, limit: int
) -> list[Run]:
    """List the runs of an experiment, likewise."""
    of = {"experiment": experiment}
    return await _listed_runs(store, "nodes/experiment_runs", of, after=after, limit=limit)


async def _listed_runs(
    store: GraphStore, name: str, of: dict[str, Any], *, after: tuple[str | None, str] | None, limit: int
) -> list[Run]:
    runs: list[Run] = []
    started_at, key = (OPEN_END, "") if after is None else after
    if started_at is not None:
        rows = await store.read(statement(name), **of, started_at=started_at, key=key, limit=limit)
        runs = [_run(row["run"]) for row in rows]
        key = ""
    if len(runs) < limit:
        unstarted = statement(f"{name}_unstarted")
        rows = await store.read(unstarted, **of, key=key, limit=limit - len(runs))
        runs.extend(_run(row["run"]) for row in rows)
    return runs


async def read_checks_of(
    store: GraphStore, dataset: str, *, after: tuple[str, str] | None, limit: int
) -> list[Check]:
    """List the checks made on a dataset, newest first."""
    at, key = (OPEN_END, "") if after is None else after
    rows = await store.read(statement("nodes/checks_of"), key=dataset, at=at, after=key, limit=limit)
    return [msgspec.convert({**row["check"], "kind": "CHECK"}, Check) for row in rows]


def make_node(kind: str, row: dict[str, Any]) -> Node:
    """Make the value of a node from its properties."""
    if kind == "run":
        return _run(row)
    told_row = {
        name: told(value) if name.endswith("_at") else from_json(value) if name in _TEXTS else value
        for name, value in row.items()
    }
    present = _present(told_row)
    of_model = {name: present.pop(name) for name in _OF_MODEL & present.keys()} if kind == "dataset" else {}
    if of_model:
        present["of_model"] = of_model
    return msgspec.convert({"kind": kind.upper(), **present}, _TYPES[kind])


def _run(row: dict[str, Any]) -> Run:
    uuid = parse_key(row["key"]).parts[0]
    return msgspec.convert({**_present(row), "kind": "RUN", "name": uuid}, Run)


def _present(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def told(instant: str | None) -> str | None:
    """Give an instant as answers tell it: the ones that stand for suspect and open are unknown."""
    return None if instant in {SUSPECT, OPEN_END} else instant


def from_json(text: str | None) -> Any:
    """Read JSON text that a node holds; integers keep their size."""
    return None if text is None else json.loads(text)


async def _read_list(store: GraphStore, name: str, column: str, keys: Sequence[str]) -> list[Any]:
    rows = await read_lists(store, statement(name), keys, size=KEYS_MAX)
    return [value for row in rows for value in row[column]]
