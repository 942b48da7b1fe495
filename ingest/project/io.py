"""Which datasets does a job read and write, and how is that known (DESIGN 7: INPUT_TO, OUTPUTS)?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

if TYPE_CHECKING:
    from ingest.project.touched import Touched
    from ingest.state import State

_reads = msgspec.msgpack.Decoder(tuple[str, ...]).decode

_NAMED = """
SELECT dataset, max(complete), max(declared) FROM (
    SELECT dataset, complete > 0 AS complete, 0 AS declared FROM used WHERE job = ?1 AND direction = ?2
    UNION ALL SELECT dataset, 0, 1 FROM declaration WHERE job = ?1 AND direction = ?2
) GROUP BY dataset"""


KEEP_IO: Final = "INSERT OR REPLACE INTO io VALUES (?, ?, ?, ?, ?, ?)"


class IoChange(NamedTuple):
    """An io row as it is now; `row` None where it is gone."""

    job: str
    direction: str
    dataset: str
    row: tuple[str, int, int] | None


def derive_io(state: State, touched: Touched) -> list[IoChange]:
    """Derive the two-sided graph around every touched job again and give what changed."""
    changes: list[IoChange] = []
    for job in sorted(touched.io):
        after = io_of(state, job)
        rows = state.rows(
            "SELECT direction, dataset, evidence, declared, current FROM io WHERE job = ?", (job,)
        )
        before = {
            (direction, dataset): (evidence, said, now) for direction, dataset, evidence, said, now in rows
        }
        for key in sorted(before.keys() | after.keys()):
            row = after.get(key)
            if row == before.get(key):
                continue
            changes.append(IoChange(job, key[0], key[1], row))
            if row is None:
                state.run("DELETE FROM io WHERE job = ? AND direction = ? AND dataset = ?", (job, *key))
            else:
                state.run(KEEP_IO, (job, *key, *row))
    return changes


def io_of(state: State, job: str) -> dict[tuple[str, str], tuple[str, int, int]]:
    """Give (direction, dataset) -> (evidence, declared, current) of a job."""
    return _inputs(state, job) | _outputs(state, job)


def _evidence(complete: int, declared: int) -> str:
    return "complete" if complete else "static" if declared else "other"


def _inputs(state: State, job: str) -> dict[tuple[str, str], tuple[str, int, int]]:
    rows = state.rows(
        "SELECT DISTINCT source FROM edge WHERE job = ? AND type = 'FEEDS' AND open = 1", (job,)
    )
    feeding = {row[0] for row in rows}
    newest = state.one(
        "SELECT reads FROM run WHERE job = ? AND completed <> '' ORDER BY completed DESC, run DESC LIMIT 1",
        (job,),
    )
    read = set(_reads(newest[0])) if newest else set()
    return {
        ("INPUT", name): (
            _evidence(complete, said),
            said,
            int(name in read or state.canonical(name) in feeding),
        )
        for name, complete, said in state.rows(_NAMED, (job, "INPUT"))
    }


def _outputs(state: State, job: str) -> dict[tuple[str, str], tuple[str, int, int]]:
    return {
        ("OUTPUT", name): (_evidence(complete, said), said, int(_written_since_drop(state, job, name)))
        for name, complete, said in state.rows(_NAMED, (job, "OUTPUT"))
    }


def _written_since_drop(state: State, job: str, name: str) -> bool:
    """Tell whether the output has an observation under the job since its group's last DROP."""
    canonical = state.canonical(name)
    newest = state.one(
        "SELECT max(at) FROM observation WHERE job = ? AND output = ? AND role IN (0, 1)", (job, canonical)
    )
    if newest is None or newest[0] is None:
        return False
    drop = state.one("SELECT max(at) FROM lifecycle WHERE dataset = ? AND kind = 'DROP'", (canonical,))
    return drop is None or drop[0] is None or bool(newest[0] >= drop[0])
