"""Is something missing because its events did not get there, or not yet?"""

from __future__ import annotations

from typing import Final

from app.compare.cause import Case, Cause, because
from app.compare.facts import Said


def not_forwarded(case: Case) -> Cause | None:
    """Find what only events say that the forwarder has not sent yet."""
    since = case.facts.not_sent
    events = speaking(case)
    if since is None or case.difference.ours is None or not events:
        return None
    late = [said for said in events if said.position > since]
    return because("not_forwarded", *late[:1]) if len(late) == len(events) else None


def refused_there(case: Case) -> Cause | None:
    """Find what only events say that the Marquez refused: by its answers where we forward, else by what was measured."""
    events = speaking(case)
    if case.difference.ours is None or not events:
        return None
    answers = [refusal_of(case, said) for said in events]
    if any(answer is None for answer in answers):
        return None
    return because("refused_there", f"{events[0].told()}; {answers[0]}")


def redacted(case: Case) -> Cause | None:
    """Find a name with a password in it: ours has three stars."""
    if "***" not in (case.difference.subject + (case.difference.other or "")):
        return None
    said = next((one for one in speaking(case) if one.redacted), None)
    return because("redacted", said) if said else None


def refusal_of(case: Case, said: Said) -> str | None:
    """Say why the Marquez does not have an event; None where it does."""
    if said.source == "marquez":
        return None
    return case.facts.refused.get(said.position) or said.refusal


def speaking(case: Case) -> list[Said]:  # noqa: PLR0911 - one for each kind
    """Find the events that say what the difference is about."""
    one, facts = case.difference, case.facts
    if one.kind in {"run", "run state", "run id"}:
        return facts.by_run.get(one.subject, [])
    if one.kind == "job":
        return facts.by_job.get(one.subject, [])
    if one.kind == "dataset":
        return facts.by_dataset.get(one.subject, [])
    if one.kind in {"column", "column twice"}:
        dataset, _, path = one.subject.partition("#")
        return [said for said in facts.by_dataset.get(dataset, []) if path in said.schemas.get(dataset, {})]
    if one.kind == "input":
        return [
            said for said in facts.by_job.get(one.other or "", []) if one.subject in ones(case, said.inputs)
        ]
    if one.kind == "output":
        return [said for said in facts.by_job.get(one.subject, []) if one.other in ones(case, said.outputs)]
    return stating(case)


def stating(case: Case) -> list[Said]:
    """Find the events that state a column edge."""
    one = case.difference
    pair = (one.subject, one.other)
    target = (one.other or "").partition("#")[0]
    names = [name for name, kept in case.ours.canonical.items() if kept == target]
    return [
        said
        for name in [target, *names]
        for said in case.facts.by_dataset.get(name, [])
        if any((column(case, source), column(case, end)) == pair for source, end in said.columns)
    ]


def ones(case: Case, datasets: tuple[str, ...]) -> set[str]:
    """Give the names under which we keep the lineage of datasets."""
    return {case.ours.one(dataset) for dataset in datasets}


def column(case: Case, key: str) -> str:
    """Give a column under the name that we keep its dataset's lineage under."""
    dataset, mark, path = key.partition("#")
    return f"{case.ours.one(dataset)}{mark}{path}"


RULES: Final = (not_forwarded, refused_there, redacted)
