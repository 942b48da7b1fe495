"""Which rows does the graph lack? Renders what was touched and leaves out what is shown already.

`shown` keeps, per node, a short hash of its row and of each of its own edges; so a row whose rendering did not change is
not written, and what is no longer rendered is deleted (DESIGN 9).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graph_schema.identity import clean, facet_key, field_key, person_key, run_key
from ingest.derive.observations import Evidence
from ingest.facts import DELETED, hash_of
from ingest.project.edges import decode_body, is_deployment
from ingest.project.show_learning import (
    run_parts,
    show_approval,
    show_learning,
    show_model_of,
    starter_parts,
)
from ingest.project.shown import changed, parts_of
from ingest.render.datasets import current_schema, dataset_row, field_rows, owners_of, person_row
from ingest.render.jobs import job_row
from ingest.render.kinds import registers
from ingest.render.runs import act_rows, check_rows, placeholder_row, run_row, told_check_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ingest.derive.runs import Run
    from ingest.facts import Checked
    from ingest.project.io import IoChange
    from ingest.project.pairs import EdgeChange
    from ingest.project.touched import Touched
    from ingest.render.rows import Row, Rows
    from ingest.state import State


def show(
    state: State,
    touched: Touched,
    rows: Rows,
    *,
    runs: Mapping[str, Run],
    edges: Iterable[EdgeChange],
    io: Iterable[IoChange],
) -> None:
    """Render everything touched into rows; a name's group shares its life, and a canonical name its fields."""
    touched.datasets |= {member for key in touched.datasets for member in state.members(state.canonical(key))}
    touched.fields |= {state.canonical(key) for key in touched.fields}
    show_nodes(state, touched, runs, rows)
    for change in edges:
        show_edge(change, rows)
    for io_change in io:
        show_io(io_change, rows)


def show_nodes(state: State, touched: Touched, runs: Mapping[str, Run], rows: Rows) -> None:
    """Render the touched nodes, each with the edges that are its own."""
    for dataset in sorted(touched.datasets):
        _show_dataset(state, dataset, rows)
    for dataset in sorted(touched.fields):
        _show_fields(state, dataset, rows)
    for job in sorted(touched.jobs):
        _show_job(state, job, rows)
    for person in sorted(touched.persons):
        _show_person(state, person, rows)
    show_learning(state, touched, rows)
    for _, run in sorted(runs.items()):
        _show_run(state, run, rows)
        show_approval(state, run, rows)
    for uuid in sorted(touched.mentioned - runs.keys()):
        if state.one("SELECT 1 FROM run WHERE run = ?", (uuid,)) is None:
            _show_placeholder(state, uuid, rows)
    _show_facets(state, touched, rows)
    for checked in touched.checked:
        _show_checked(checked, rows)


def _show_dataset(state: State, dataset: str, rows: Rows) -> None:
    facets = registers(state, dataset)
    row = dataset_row(state, dataset, facets)
    if row is None:
        return
    canonical = state.canonical(dataset)
    owners = owners_of(facets)
    linked = {"alias": None if canonical == dataset else canonical, "model": row.get("model")}
    parts = {"node": row, "kind": row["kind"], "owners": owners}
    parts |= {part: other for part, other in linked.items() if other is not None}
    known = state.shown(dataset) is not None
    write, gone = changed(state, dataset, parts)
    if "kind" in write and known:
        rows.stripped.add(dataset)
    if "kind" in write and row["kind"] != "OTHER":
        # The kind is a second label, which the engines take at a node's making or in a transaction after it.
        rows.add(f"{'label' if known else 'create'}_dataset_{row['kind'].lower()}", dataset, row)
    if "node" in write:
        rows.add("merge_dataset", dataset, row)
    if "alias" in gone | write and known:
        rows.add("clear_alias", dataset, {"key": dataset})
    if "alias" in write:
        rows.add("link_alias", dataset, {"key": dataset, "canonical": canonical})
    if "owners" in write:
        _show_owners(dataset, owners, "link_dataset_owner", rows, clear=known)
    if "model" in write | gone:
        show_model_of(row, rows, clear=known)


def _show_owners(
    entity: str, owners: list[tuple[str, str | None]], link: str, rows: Rows, *, clear: bool
) -> None:
    if clear:
        rows.add(link.replace("link", "clear") + "s", entity, {"key": entity})
    for name, kind in owners:
        key = person_key(name)
        rows.add(link, f"{entity} {key}", {"key": entity, "person": key, "type": kind})


def _show_fields(state: State, dataset: str, rows: Rows) -> None:
    found = {row["key"]: row for row in field_rows(state, dataset)}
    write, gone = changed(state, f"fields {dataset}", found)
    for key in write:
        rows.add("merge_field", key, found[key])
        rows.add("link_field", key, {"key": key, "dataset": dataset})
    for key in gone:
        rows.add("delete_field", key, {"key": key})
    _show_schema(state, dataset, rows)


def _show_job(state: State, job: str, rows: Rows) -> None:
    facets = registers(state, job)
    row = job_row(state, job, facets)
    if row is None:
        return
    owners = owners_of(facets)
    known = state.shown(job) is not None
    write, _ = changed(state, job, {"node": row, "parent": row["parent"], "owners": owners})
    if "node" in write:
        rows.add("merge_job", job, row)
    if "parent" in write and known:
        rows.add("clear_parent", job, {"key": job})
    if "parent" in write and row["parent"] is not None:
        rows.add("link_job_parent", job, {"key": job, "parent": row["parent"]})
    if "owners" in write:
        _show_owners(job, owners, "link_job_owner", rows, clear=known)


def _show_person(state: State, person: str, rows: Rows) -> None:
    row = person_row(state, person)
    write, _ = changed(state, person, {"node": row})
    if write:
        rows.add("merge_person", person, row)


def _show_run(state: State, run: Run, rows: Rows) -> None:
    row = run_row(state, run)
    key = row["key"]
    wanted: dict[str, tuple[str, str, Row]] = {}
    wanted["node"] = ("merge_run", key, row)
    wanted["job"] = ("link_run_job", key, {"key": key, "job": run.job})
    if run.parent is not None:
        wanted["parent"] = ("link_run_parent", key, {"key": key, "parent": run_key(run.parent)})
    for statement, act in act_rows(state, run):
        wanted[f"{statement} {act['dataset']}"] = (statement, f"{key} {act['dataset']}", act)
    wanted |= run_parts(state, run, row)
    for check in check_rows(state, run):
        dataset, name = check["dataset"], check["key"]
        wanted[f"check {name}"] = ("merge_check", name, check)
        wanted[f"made {name}"] = ("link_check_run", name, {"key": name, "run": key})
        if dataset is not None:
            wanted[f"of {name}"] = ("link_check_dataset", name, {"key": name, "dataset": dataset})
    _write_run(state, key, wanted, rows)


def _show_checked(checked: Checked, rows: Rows) -> None:
    for row in told_check_rows(checked):
        rows.add("merge_check", row["key"], row)
        rows.add("link_check_dataset", row["key"], {"key": row["key"], "dataset": checked.dataset})


def _show_placeholder(state: State, uuid: str, rows: Rows) -> None:
    row = placeholder_row(state, uuid)
    wanted: dict[str, tuple[str, str, Row]] = {"node": ("merge_run", row["key"], row)}
    if row["job"] is not None:
        wanted["job"] = ("link_run_job", row["key"], {"key": row["key"], "job": row["job"]})
    wanted |= starter_parts(state, row["key"])
    _write_run(state, row["key"], wanted, rows)


def _write_run(state: State, key: str, wanted: dict[str, tuple[str, str, Row]], rows: Rows) -> None:
    before = state.shown(key)
    write, gone = changed(state, key, {part: row for part, (_, _, row) in wanted.items()})
    # An edge to another end is another edge: where the job or the parent changed, or an act is gone, all of
    # the run's own edges are taken away and laid anew. This is rare: producers seldom change their minds.
    moved = before is not None and bool(write & {"job", "parent"} & parts_of(before).keys())
    if moved or any(not part.startswith(("check ", "made ", "of ")) for part in gone):
        rows.add("clear_run", key, {"key": key})
        write |= {part for part in wanted if part in {"job", "parent"} or part.startswith("link_")}
    for part in sorted(gone):
        if part.startswith("check "):
            rows.add("delete_check", part[6:], {"key": part[6:]})
    for part in sorted(write):
        rows.add(*wanted[part])


def _show_facets(state: State, touched: Touched, rows: Rows) -> None:
    for (entity, facet), new in sorted(touched.facets.items()):
        found = state.one("SELECT stamp, body FROM register WHERE entity = ? AND facet = ?", (entity, facet))
        if found is not None:
            _show_facet(state, (entity, facet), (found[0], found[1]), rows, new=new)


def _show_schema(state: State, dataset: str, rows: Rows) -> None:
    claim = current_schema(state, dataset)
    if claim is not None:
        write, _ = changed(state, f"schema {dataset}", {"node": claim, "link": 1})
        if write:
            _show_facet(state, (dataset, "schema"), claim, rows, new="link" in write)


def _show_facet(
    state: State, named: tuple[str, str], claim: tuple[str, bytes], rows: Rows, *, new: bool
) -> None:
    entity, facet = named
    stamp, body = claim
    key = facet_key(entity, facet)
    deleted = body == DELETED
    row = {
        "key": key,
        "entity": entity,
        "name": clean(facet),
        "event": hash_of(stamp),
        "deleted": deleted,
        "body": None if deleted else clean(state.body(body).decode("utf-8", "surrogatepass")),
    }
    rows.add("merge_facet", key, row)
    if new:
        link = "link_job_facet" if entity.startswith("job:") else "link_dataset_facet"
        rows.add(link, key, {"key": key, "entity": entity})


_EDGE_NAMES: Final = {
    "FEEDS": ("feeds", "fed"),
    "FIELD": ("feeds_field", "fed_field"),
    "SHAPES": ("shapes", "shapes"),
}


def show_edge(change: EdgeChange, rows: Rows) -> None:
    """Write a changed derived edge: under another type when it opened or closed."""
    key = change.key
    opened, closed = _EDGE_NAMES[key.type]
    was, now = (opened if change.was_open else closed), (opened if change.is_open else closed)
    source = key.source if key.type == "FEEDS" else field_key(key.source, key.source_path)
    target = field_key(key.target, key.target_path) if key.type == "FIELD" else key.target
    ends = {"source": source, "target": target, "job": key.job}
    identity = f"{source} {target} {key.job}"
    served = "_deployment" if is_deployment(key.target) else ""
    if change.before is not None and (change.after is None or was != now):
        rows.add(f"delete_{was}{served}", identity, ends)
    if change.after is not None:
        rows.add(
            f"merge_{now}{served or ('_wide' if change.wide else '')}",
            identity,
            {**ends, "props": edge_props(key.type, key.job, change.after)},
        )


def edge_props(kind: str, job: str, encoded: bytes) -> Row:
    """Give a derived edge's properties as they are stored."""
    body = decode_body(encoded)
    props: Row = {
        "job": job,
        "valid_from": list(body.valid_from),
        "valid_to": list(body.valid_to),
        "last_at": body.last_at,
        "earlier": body.earlier,
    }
    if kind == "FEEDS":
        props["evidence"] = Evidence(body.value).name
    else:
        props["types"] = [item[0] for item in body.value]
        props["subtypes"] = [item[1] for item in body.value]
        props["maskings"] = [item[2] for item in body.value]
    return props


def show_io(change: IoChange, rows: Rows) -> None:
    """Write a changed INPUT_TO or OUTPUTS edge."""
    ends = {"job": change.job, "dataset": change.dataset}
    identity = f"{change.job} {change.dataset}"
    side = change.direction.lower()
    if change.row is None:
        rows.add(f"delete_{side}", identity, ends)
        return
    evidence, declared, current = change.row
    props = {"evidence": evidence, "declared": bool(declared), "current": bool(current)}
    rows.add(f"merge_{side}", identity, {**ends, "props": props})
