"""Why does only one side know a column, or where it comes from?"""

from __future__ import annotations

from typing import Final

from app.compare.cause import Case, Cause, because
from app.compare.causes.delivery import column, refusal_of, speaking, stating
from app.compare.facts import Said


def repeated(case: Case) -> Cause | None:
    """Say it of a column without a type, which is stored anew with each event."""
    if case.difference.kind != "column twice":
        return None
    dataset, _, path = case.difference.subject.partition("#")
    untyped = [said for said in speaking(case) if not said.schemas[dataset][path]]
    return because("column_untyped", *untyped[:2]) if untyped else None


def kept_for_ever(case: Case) -> Cause | None:
    """Say it of an edge that held once."""
    one = case.difference
    if one.kind != "column edge" or one.ours is not None:
        return None
    if (one.subject, one.other or "") not in case.ours.columns_closed:
        return None
    return because("column_kept", *stating(case)[-1:], "the edge is closed in our graph")


def dropped(case: Case) -> Cause | None:
    """Each event that states the edge breaks one of the rules by which Marquez stores it."""
    one = case.difference
    if one.kind != "column edge" or one.theirs is not None:
        return None
    events = [said for said in stating(case) if refusal_of(case, said) is None]
    if not events:
        return None
    reasons = [_dropped_by(case, said) for said in events]
    if any(reason is None for reason in reasons):
        return None
    return because(str(reasons[0]), events[0])


def stated_newly(case: Case) -> Cause | None:
    """Find an edge that no columnLineage facet states, into a dataset with a newer facet."""
    one = case.difference
    if one.kind != "column edge" or one.theirs is not None or stating(case):
        return None
    target = (one.other or "").partition("#")[0]
    newer = [
        said
        for said in case.facts.by_dataset.get(target, [])
        if target in {case.ours.one(key) for key in said.newer}
    ]
    return because("newer_facet", newer[0]) if newer else None


def _dropped_by(case: Case, said: Said) -> str | None:  # noqa: PLR0911 - one for each rule, in its order
    """Say which rule of Marquez drops the edge that an event states."""
    one = case.difference
    if said.kind != "run":
        return "no_run"
    source, target = next(
        pair
        for pair in said.columns
        if (column(case, pair[0]), column(case, pair[1])) == (one.subject, one.other)
    )
    owner, _, path = target.partition("#")
    schema = said.schemas.get(owner, {})
    if path not in schema:
        return "column_not_in_schema"
    if not schema[path]:
        return "column_untyped"
    dataset, _, path = source.partition("#")
    read = [other for other in case.facts.by_run.get(said.run or "", []) if other.position <= said.position]
    if not any(dataset in other.inputs for other in read):
        return "column_input_unknown"
    known = [
        other
        for other in case.facts.by_dataset.get(dataset, [])
        if other.position <= said.position
        and path in other.schemas.get(dataset, {})
        and refusal_of(case, other) is None
    ]
    if not known:
        return "column_input_unknown"
    if not any(other.schemas[dataset][path] for other in known):
        return "column_untyped"
    return None


def of_last_write(case: Case) -> Cause | None:
    """Say it of columns: Marquez's current version moves with completed writes alone, by arrival."""
    one = case.difference
    if one.kind != "column":
        return None
    dataset = one.subject.partition("#")[0]
    events = [
        said
        for said in case.facts.by_dataset.get(dataset, [])
        if refusal_of(case, said) is None and dataset in {*said.inputs, *said.outputs, said.dataset}
    ]
    stated = [said for said in events if said.schemas.get(dataset)]
    if not stated:
        return None
    if all(said.kind == "job" for said in stated):
        return because("no_run", stated[-1])
    there = {key.partition("#")[2] for key in case.theirs.fields if key.partition("#")[0] == dataset}
    deciding = [said for said in stated if there == set(said.schemas[dataset])] if there else events[-1:]
    if not deciding:
        return None
    newest = max(stated, key=lambda said: said.time)
    return because("fields_of_last_write", newest, deciding[-1])


RULES: Final = (repeated, kept_for_ever, dropped, stated_newly, of_last_write)
