"""Which things do the sides know under different names? Proven by the events that say both."""

from __future__ import annotations

from collections.abc import Iterator

from app.compare.cause import UNEXPLAINED, Cause, because
from app.compare.differences import Difference
from app.compare.facts import Facts, Said, namespace_there
from app.compare.side import Edge, Run, Side
from graph_schema.errors import BadKey
from graph_schema.identity import dataset_key, parse_key

Named = tuple[Difference, Cause]


def aligned(ours: Side, theirs: Side, facts: Facts) -> tuple[Side, list[Named]]:
    """Give their side under our names, and tell which names differ and why."""
    names: dict[str, str] = {}
    told: list[Named] = []
    for there, said in sorted(facts.named_there.items()):
        own = said.run if there.startswith("run:") else said.job
        if own is None or own == there:
            continue
        if there in theirs.runs and there not in ours.runs:
            names[there] = own
            told.append((Difference("run id", own, said.job, own, there), because("run_id_hashed", said)))
        elif there in theirs.jobs and there not in ours.jobs:
            names[there] = own
            told.append((Difference("job name", own, None, own, there), because(_why(said), said)))
    for own in sorted(ours.datasets - theirs.datasets):
        renamed = _dataset_there(own)
        if renamed != own and renamed in theirs.datasets - ours.datasets:
            names[renamed] = own
            first = next(iter(facts.by_dataset.get(own, ())), None)
            told.append(
                (Difference("dataset name", own, None, own, renamed), because("namespace_renamed", first))
            )
    under_ours = _renamed(ours, theirs, names)
    return under_ours, told + list(_kept_apart(ours, under_ours, facts))


def _kept_apart(ours: Side, theirs: Side, facts: Facts) -> Iterator[Named]:
    """Tell of names that symlinks join here, and that are datasets of their own there."""
    for name, kept in sorted(ours.canonical.items()):
        if not {name, kept} <= theirs.datasets:
            continue
        joining = [
            said for said in facts.by_dataset.get(name, ()) if any(name in pair for pair in said.symlinks)
        ]
        cause = because("symlink_not_merged", joining[0]) if joining else Cause(UNEXPLAINED)
        yield Difference("dataset name", name, None, f"{name} is {kept}", "a dataset of its own"), cause


def _why(said: Said) -> str:
    return "parent_in_name" if said.parent_job is not None else "namespace_renamed"


def _dataset_there(own: str) -> str:
    try:
        namespace, name = parse_key(own).parts
    except (BadKey, ValueError):
        return own
    return dataset_key(namespace_there(namespace), name)


def _renamed(ours: Side, theirs: Side, names: dict[str, str]) -> Side:
    """Write their side under our names; edges are between the names under which we keep lineage."""

    def name(key: str) -> str:
        return names.get(key, key)

    def dataset(key: str) -> str:
        return ours.one(name(key))

    def column(key: str) -> str:
        owner, mark, path = key.partition("#")
        return f"{dataset(owner)}{mark}{path}"

    def field(key: str) -> str:
        owner, mark, path = key.partition("#")
        return f"{name(owner)}{mark}{path}"

    columns: set[Edge] = {(column(source), column(target)) for source, target in theirs.columns}
    return Side(
        jobs={name(job) for job in theirs.jobs},
        runs={
            name(run): Run(name(said.job) if said.job else None, said.state)
            for run, said in theirs.runs.items()
        },
        datasets={name(one) for one in theirs.datasets},
        fields={field(key): times for key, times in theirs.fields.items()},
        inputs={(dataset(source), name(job)) for source, job in theirs.inputs},
        outputs={(name(job), dataset(target)) for job, target in theirs.outputs},
        columns=columns,
        beside={name(job): found for job, found in theirs.beside.items()},
        backward=theirs.backward,
        edges_unknown={name(job) for job in theirs.edges_unknown},
        runs_cut={name(job) for job in theirs.runs_cut},
        columns_unknown={dataset(one) for one in theirs.columns_unknown},
        unreadable=theirs.unreadable,
    )
