"""Why does only one side know a job or a dataset?"""

from __future__ import annotations

from typing import Final

from app.compare.cause import Case, Cause, because
from app.compare.causes.delivery import refusal_of
from app.compare.facts import Said, in_any, namespace_there
from graph_schema.identity import parse_key


def parent_invented(case: Case) -> Cause | None:
    """Find a job that no event is of, and that parent facets name: Marquez makes one in the child's namespace."""
    one = case.difference
    if one.kind != "job" or one.theirs is None:
        return None
    children = invented_for(case, one.subject)
    return because("parent_invented", children[0]) if children else None


def invented_for(case: Case, job: str) -> list[Said]:
    """Find the events for whose parent facet a Marquez makes a job: it files it in the namespace of the child."""
    namespace = parse_key(job).parts[0]
    return [
        said
        for said in case.facts.by_parent.get(in_any(job), ())
        if said.job is not None and namespace_there(parse_key(said.job).parts[0]) == namespace
    ]


def symlink_merged(case: Case) -> Cause | None:
    """Find a name that was first heard of in a symlinks facet, of a dataset that both sides have."""
    one = case.difference
    if one.kind != "dataset" or one.theirs is not None:
        return None
    events = [said for said in case.facts.by_dataset.get(one.subject, ()) if refusal_of(case, said) is None]
    first = min(events, key=lambda said: said.position, default=None)
    if first is None or not any(other == one.subject != carrier for carrier, other in first.symlinks):
        return None
    kept = case.ours.one(one.subject)
    there = any(case.ours.one(name) == kept for name in case.theirs.datasets)
    return because("symlink_merged", first) if there else None


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


RULES: Final = (parent_invented, symlink_merged, only_named, half_stored)
