"""Why does only one side show that a job reads or writes a dataset?

The rules of a Marquez are worked through the events of the job (`by_rule.py`). Only where that gives just what it shows is
the difference explained, by what decided it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from app.compare.by_rule import Shown, edges_by_rule
from app.compare.cause import Case, Cause, because
from app.compare.causes.delivery import refusal_of, speaking
from app.compare.facts import Said


class _Judged(NamedTuple):
    """The events of a job that a Marquez took, and what it shows of them by rule."""

    events: list[Said]
    shown: Shown
    taken_by: Said | None


def by_rule(case: Case) -> Cause | None:
    """Explain an edge by what decided it, where the rules give exactly what Marquez shows."""
    one = case.difference
    if one.kind not in {"input", "output"}:
        return None
    judged = _judge(case)
    if judged is None:
        return None
    return _lost(case, judged) if one.theirs is None else _kept(judged)


def _judge(case: Case) -> _Judged | None:
    one = case.difference
    is_input = one.kind == "input"
    job = one.other if is_input else one.subject
    events = [said for said in case.facts.by_job.get(job or "", []) if refusal_of(case, said) is None]
    shown = edges_by_rule(events)
    expected = {case.ours.one(key) for key in (shown.inputs if is_input else shown.outputs)}
    if is_input:
        there = {source for source, reader in case.theirs.inputs if reader == job}
    else:
        there = {target for writer, target in case.theirs.outputs if writer == job}
    if not events or expected != there:
        return None
    return _Judged(events, shown, shown.inputs_taken_by if is_input else shown.outputs_taken_by)


def _lost(case: Case, judged: _Judged) -> Cause:
    """We show the edge and Marquez does not."""
    decided = judged.shown.decided_by
    said = speaking(case)
    if decided is None:
        return because("not_finished", *said[:1], judged.events[-1])
    if judged.taken_by is not None:
        return because("start_without_datasets", decided, judged.taken_by)
    if all(one.run is None for one in said):
        return because("declared_kept", *said[:1], decided)
    return _decided_oddly(judged, decided) or because("latest_run_only", *said[-1:], decided)


def _kept(judged: _Judged) -> Cause | None:
    """Marquez shows the edge and we do not."""
    decided = judged.shown.decided_by
    if decided is None:
        return None
    return _decided_oddly(judged, decided)


def _decided_oddly(judged: _Judged, decided: Said) -> Cause | None:
    if decided.type in {"FAIL", "ABORT"}:
        return because("failed_run_counted", decided)
    newest = max((said for said in judged.events if said.ends), key=lambda said: said.time, default=None)
    if newest is not None and decided.time < newest.time:
        return because("arrival_order", newest, decided)
    return None


RULES: Final = (by_rule,)
