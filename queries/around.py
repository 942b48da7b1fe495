"""What stands around the runs that made a model version, or read it: experiments, people, checks, features?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from graph_schema.identity import parse_key
from graph_schema.instants import OPEN_END
from queries.learning import read_features_of, read_starters_of
from queries.lists import read_lists
from queries.nodes import KEYS_MAX, make_node, read_nodes, read_owners_of
from queries.provenances import ExperimentNamed, Involved, UsedFeature
from queries.results import Check, Run
from queries.statements import statement
from queries.store import GraphStore


async def read_readers(
    store: GraphStore, keys: Sequence[str], as_of: str | None, reads_max: int
) -> tuple[list[Run], bool]:
    """Read which runs read some datasets by an instant; tell too whether some were left out."""
    rows = await read_lists(store, statement("runs/reads_from"), keys, size=KEYS_MAX, limit=reads_max + 1)
    acts = [act for row in rows for act in row["acts"]]
    read_at: dict[str, str] = {}
    for run, _, at, *_ in acts[:reads_max]:
        read_at[run] = min(at, read_at.get(run, at))
    wanted = sorted(run for run, at in read_at.items() if at <= (as_of or OPEN_END))
    runs = await read_nodes(store, "run", wanted)
    return [run for key in wanted if isinstance(run := runs.get(key), Run)], len(acts) > reads_max


class Around(NamedTuple):
    """What stands around some runs: experiments, who started them, checks, and which of them only evaluated."""

    experiments: list[ExperimentNamed]
    experiment_of: dict[str, str]
    starters: list[Involved]
    checks: list[Check]
    evaluating: frozenset[str]


async def read_around(store: GraphStore, runs: Sequence[str]) -> Around:
    """Read what stands around some runs."""
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
    return Around(
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


async def read_used_features(store: GraphStore, runs: Sequence[str]) -> list[UsedFeature]:
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


async def read_owners(store: GraphStore, datasets: Sequence[str], runs: Iterable[Run]) -> list[Involved]:
    """Read who owns what went into the version, and the jobs that made it; owners are those of now."""
    jobs = sorted({run.job for run in runs if run.job})
    by_dataset, by_job = await asyncio.gather(
        read_owners_of(store, "dataset", datasets), read_owners_of(store, "job", jobs)
    )
    return [
        Involved(person.key, person.name, "OWNS", what, "ownership", None)
        for what, people in sorted({**by_dataset, **by_job}.items())
        for person in people
    ]
