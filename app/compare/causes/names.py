"""Why does only one side know a job or a dataset?"""

from __future__ import annotations

from typing import Final

from app.compare.cause import Case, Cause, because
from app.compare.causes.delivery import refusal_of
from app.compare.facts import in_any


def parent_invented(case: Case) -> Cause | None:
    """Find a job that no event is of, and that parent facets name: Marquez makes one in the child's namespace."""
    one = case.difference
    if one.kind != "job" or one.theirs is None:
        return None
    children = case.facts.by_parent.get(in_any(one.subject))
    return because("parent_invented", children[0]) if children else None


def only_named(case: Case) -> Cause | None:
    """Find a job or dataset that events name in a facet, and none is of, reads or writes."""
    one, facts = case.difference, case.facts
    if one.ours is None or one.kind not in {"job", "dataset"}:
        return None
    if one.kind == "job":
        named = facts.by_parent.get(one.subject, [])
        own = facts.by_job.get(one.subject, [])
    else:
        named = facts.by_dataset.get(one.subject, [])
        own = [said for said in named if one.subject in {*said.inputs, *said.outputs, said.dataset}]
    if own and any(refusal_of(case, said) is None for said in own):
        return None
    if not named and one.subject in case.ours.mentioned:
        return because("only_named", f"{one.subject} is a placeholder: only named")
    return because("only_named", named[0]) if named else None


def half_stored(case: Case) -> Cause | None:
    """Find what Marquez has and only an event says that it refused."""
    one, facts = case.difference, case.facts
    if one.theirs is None or one.ours is not None:
        return None
    events = (
        facts.by_run.get(one.subject)
        or facts.by_job.get(one.subject)
        or facts.by_dataset.get(one.subject)
        or []
    )
    refused = [said for said in events if refusal_of(case, said)]
    return because("half_stored", refused[0]) if refused and len(refused) == len(events) else None


RULES: Final = (parent_invented, only_named, half_stored)
