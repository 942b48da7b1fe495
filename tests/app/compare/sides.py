"""Two sides of a comparison, written shortly: our facts from the small language, theirs as a Marquez would list it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.compare.facts import Facts, Said, read_facts, said_by
from app.compare.report import Comparison, compare
from app.compare.side import Run, Side
from graph_schema.identity import dataset_key, job_key, run_key
from tests.arrows import event, run_text

LOAD = job_key("jobs", "load")


def accepted(*lines: str) -> list[dict[str, Any]]:
    """Events as `GET /api/v1/events` gives them, in the order of receipt."""
    return [
        {
            "position": str(number),
            "source": "http",
            "body": {**event(line)[0], "producer": "https://test.example"},
        }
        for number, line in enumerate(lines, 1)
    ]


def said(*lines: str) -> list[Said]:
    found = [said_by(one) for one in accepted(*lines)]
    assert None not in found
    return [one for one in found if one is not None]


def side(*edges: str, job: str = LOAD, state: str | None = None, **more: Any) -> Side:
    """`a ->` is an input of the job, `-> b` an output; `state` is that of run r1."""
    inputs = {(db(one.split()[0]), job) for one in edges if one.endswith("->")}
    outputs = {(job, db(one.split()[1])) for one in edges if one.startswith("->")}
    return Side(
        jobs={job},
        runs={run("r1"): Run(job, state)} if state else {},
        datasets={db(name) for name in "abcd"},
        inputs=inputs,
        outputs=outputs,
        **more,
    )


def db(name: str) -> str:
    return dataset_key("db", name)


def run(name: str) -> str:
    return run_key(run_text(name))


def compared(
    ours: Side,
    theirs: Side,
    events: Sequence[dict[str, Any]],
    *,
    refused: dict[int, str] | None = None,
    not_sent: int | None = None,
) -> Comparison:
    """Compare with facts from these events."""

    def facts(wanted: set[str]) -> Facts:
        return read_facts(events, wanted, refused=refused or {}, not_sent=not_sent)

    return compare(ours, theirs, facts)


def causes(found: Comparison) -> set[tuple[str, str]]:
    """What differs, and why."""
    return {(one.difference.kind, one.cause.code) for one in found.told}
