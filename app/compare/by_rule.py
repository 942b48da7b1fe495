"""What does a Marquez show, by its own rules, for the events that we have?

Measured on 0.51.1: a job's edges are those of its last run that ended, whatever its time and whether it failed, from all
that the run reported; any run event without inputs takes the input edges away until a run ends, and the same for outputs;
a run's state is that of its last event, and an event that is none of START, COMPLETE, FAIL and ABORT means RUNNING.
"Last" is by arrival. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from app.compare.facts import TERMINAL, Said


@dataclass(slots=True)
class Shown:
    """The edges of a job, which event decided them, and which one took them away since."""

    inputs: set[str] = field(default_factory=set)
    outputs: set[str] = field(default_factory=set)
    decided_by: Said | None = None
    inputs_taken_by: Said | None = None
    outputs_taken_by: Said | None = None


def edges_by_rule(events: Iterable[Said]) -> Shown:
    """Work through the events of one job, in order of receipt."""
    shown = Shown()
    read: dict[str, set[str]] = {}
    written: dict[str, set[str]] = {}
    for said in events:
        if said.kind == "job":
            shown = Shown(set(said.inputs), set(said.outputs), said)
            continue
        if said.kind != "run" or said.run is None:
            continue
        read.setdefault(said.run, set()).update(said.inputs)
        written.setdefault(said.run, set()).update(said.outputs)
        spared = said.streaming and said.ends
        if not said.inputs and not spared:
            shown.inputs, shown.inputs_taken_by = set(), said
        if not said.outputs and not spared:
            shown.outputs, shown.outputs_taken_by = set(), said
        if said.ends or said.streaming:
            shown = Shown(set(read[said.run]), set(written[said.run]), said)
    return shown


def state_by_rule(events: Iterable[Said]) -> tuple[str | None, Said | None]:
    """Give the state of one run, and the event that says so."""
    state, by = None, None
    for said in events:
        if said.type is not None:
            state, by = TERMINAL.get(said.type, "RUNNING"), said
    return state, by
