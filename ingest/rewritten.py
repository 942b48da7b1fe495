"""How does an event look once Marquez has stored it, where that is another event by its hash?

Marquez reads the times of `nominalTime` and writes them in its own way, and forgets unknown members of a parent's run and job.
What else it does, the canonical form undoes already. The hash of the event as Marquez has it is a second name by which
the journal knows it, so that it is one event, whichever way it comes first. What cannot be undone: docs/marquez.md.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from graph_schema.instants import parse_instant
from ingest import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping

NOMINAL: Final = ("nominalStartTime", "nominalEndTime")
PARENT: Final = {"run": ("runId",), "job": ("namespace", "name")}
_FINER: Final = re.compile(r"[.,][0-9]{6}([0-9]{1,3})")
"""Java keeps nine decimals."""


def alias(form: Mapping[str, Any]) -> bytes | None:
    """Give the hash of a canonical event as Marquez would have it; None where that is its own."""
    run = form.get("run")
    facets = run.get("facets") if isinstance(run, dict) else None
    if not isinstance(run, dict) or not isinstance(facets, dict):
        return None
    changed = {
        name: written
        for name, write in (("nominalTime", _nominal), ("parent", _parent))
        if isinstance(body := facets.get(name), dict) and (written := write(body)) != body
    }
    if not changed:
        return None
    return canonical.digest({**form, "run": {**run, "facets": {**facets, **changed}}})


def _nominal(facet: dict[str, Any]) -> dict[str, Any]:
    times = {name: _time(facet[name]) for name in NOMINAL if isinstance(facet.get(name), str)}
    return {**facet, **times}


def _time(text: str) -> str:
    """Write a time as Java does: in UTC, no more decimals than there are."""
    try:
        whole, _, fraction = parse_instant(text)[:-1].partition(".")
    except ValueError:
        return text
    finer = _FINER.search(text)
    fraction = (fraction + (finer[1] if finer else "")).rstrip("0")
    return f"{whole}.{fraction}Z" if fraction else f"{whole}Z"


def _parent(facet: dict[str, Any]) -> dict[str, Any]:
    known = {
        part: {name: value for name, value in facet[part].items() if name in members}
        for part, members in PARENT.items()
        if isinstance(facet.get(part), dict)
    }
    return {**facet, **known}
