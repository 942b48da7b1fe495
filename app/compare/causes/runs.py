"""Why does only one side know a run, or another state of it?"""

from __future__ import annotations

from typing import Final

from app.compare.by_rule import state_by_rule
from app.compare.cause import Case, Cause, because
from app.compare.causes.delivery import refusal_of
from app.compare.causes.names import invented_for


def run_invented(case: Case) -> Cause | None:
    """Find a run that no event is of: Marquez made it for a parent facet, of a job that is named as parent."""
    one, facts = case.difference, case.facts
    if one.kind not in {"run", "run state"} or one.theirs is None or facts.by_run.get(one.subject):
        return None
    children = facts.by_parent.get(one.subject) or (invented_for(case, one.other) if one.other else None)
    return because("parent_invented", children[0]) if children else None


def run_only_named(case: Case) -> Cause | None:
    """Find a run that events name as their parent and that none is of."""
    one, facts = case.difference, case.facts
    if one.kind != "run" or one.ours is None or facts.by_run.get(one.subject):
        return None
    named = facts.by_parent.get(one.subject)
    return because("only_named", named[0]) if named else None


def state_of_last_event(case: Case) -> Cause | None:
    """By its own rule Marquez shows the state of the event that arrived last; ours is that of the end of the run."""
    one = case.difference
    if one.kind != "run state":
        return None
    events = [said for said in case.facts.by_run.get(one.subject, []) if refusal_of(case, said) is None]
    state, by = state_by_rule(events)
    if by is None or state != one.theirs:
        return None
    if (one.ours, one.theirs) == ("STARTED", "RUNNING"):
        return because("state_name", by)
    ends = [said for said in events if said.ends]
    if not by.ends and any(said.position < by.position for said in ends):
        late = min(ends, key=lambda said: said.position)
        return because("arrival_order" if by.time < late.time else "event_after_end", late, by)
    newest = max(events, key=lambda said: said.time)
    return because("arrival_order", newest, by) if newest is not by else None


def no_event_type(case: Case) -> Cause | None:
    """Find a run, or a job of such runs alone, whose events have no type."""
    one, facts = case.difference, case.facts
    if one.kind not in {"run", "job"} or one.ours is None:
        return None
    events = facts.by_run.get(one.subject, []) if one.kind == "run" else facts.by_job.get(one.subject, [])
    untyped = bool(events) and all(said.kind == "run" and said.type is None for said in events)
    return because("no_event_type", *events[:1]) if untyped else None


RULES: Final = (no_event_type, run_invented, run_only_named, state_of_last_event)
