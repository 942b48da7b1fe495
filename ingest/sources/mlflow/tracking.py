"""What do experiments, runs and logged models of a server say, compared with what was told of them?"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from ingest.sources.mlflow import decide, windows
from ingest.sources.mlflow.decide import GONE, Row, digest_of
from ingest.sources.mlflow.ledger import EXPERIMENT, MODEL, RUN
from ingest.sources.mlflow.mapping.models import ModelSeen
from ingest.sources.mlflow.mapping.names import run_uuid
from ingest.sources.mlflow.mapping.runs import RunSeen, is_over, model_ids, parent_id
from ingest.sources.mlflow.telling import Batch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ingest.sources.mlflow.address import Address
    from ingest.sources.mlflow.ledger import Ledger
    from ingest.sources.mlflow.mapping.facets import Json
    from ingest.sources.mlflow.reading import Server

SWEPT_AT_ONCE: Final = 100
"""Runs that a sweep reads whole at each look: a second of a small server's time."""

WHOLE_AT_ONCE: Final = 200
OLD_MS: Final = 7 * 24 * 3_600 * 1_000
"""Runs that ended longer ago are old when a server is read for the first time."""


@dataclass(slots=True)
class Look:
    """One look at a server: what it asks, and to whom it hands each batch of decisions."""

    server: Server
    address: Address
    ledger: Ledger
    tell: Callable[[Batch], Awaitable[None]]
    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    experiments: dict[str, Json] = field(default_factory=dict)

    @property
    def asked(self) -> list[str]:
        """List the experiments whose runs are asked for."""
        return sorted(self.experiments)


async def look(here: Look, *, now_ms: int) -> None:
    """Tell what is new and what has changed, as far as a server can say so."""
    batch = Batch(here.ledger)
    for one in await here.server.experiments():
        if not here.address.is_excluded(str(one.get("name", ""))):
            here.experiments[str(one.get("experiment_id", ""))] = one
    if here.ledger.cursor.ended is None:
        await here.tell(batch)
        await _read_first(here, now_ms=now_ms)
        batch = Batch(here.ledger)
    else:
        await _read_windows(here, now_ms=now_ms)
    _decide_experiments(here, batch)
    await here.tell(batch)
    await _read_models(here)


async def sweep(here: Look, *, now_ms: int) -> bool:
    """Go on with the sweep by a page; tells whether it has come through."""
    cursor = here.ledger.cursor
    start = cursor.sweep or 0
    page = await here.server.some_runs(here.asked, windows.sweep_filter(cursor), SWEPT_AT_ONCE)
    last = _start(page[-1]) if page else start
    if len(page) == SWEPT_AT_ONCE and last <= start:  # so many began in one millisecond
        async for more in here.server.runs(here.asked, f"attributes.start_time = {start}"):
            await _take(here, more, whole=True)
        last = start + 1
    else:
        await _take(here, page, whole=True)
    if len(page) == SWEPT_AT_ONCE:
        here.ledger.cursor = replace(cursor, sweep=last)
        await here.tell(Batch(here.ledger))
        return False
    await _sweep_models(here)
    here.ledger.cursor = replace(cursor, sweep=None, sweeps=cursor.sweeps + 1, swept_at=now_ms / 1000)
    await here.tell(Batch(here.ledger))
    return True


async def _read_first(here: Look, *, now_ms: int) -> None:
    """Read all that is there, by start; killed, it goes on where it was.

    To read each run whole would take longer than all else. What a search leaves out of one, the models given to it, shows in the
    metrics of those models; so old runs that measured none are taken as the search gives them, until the sweep comes to them.
    """
    given, old = await _given_models(here), now_ms - OLD_MS

    def is_plain(run: Json) -> bool:
        return max(_start(run), _end(run)) < old and _id(run) not in given

    async for page in here.server.runs(here.asked, windows.first_filter(here.ledger.cursor)):
        await _take(here, page, plain=is_plain)
        here.ledger.cursor = windows.seen(here.ledger.cursor, map(_start, page), (), now=now_ms)
        await here.tell(Batch(here.ledger))
    here.ledger.cursor = replace(here.ledger.cursor, ended=now_ms)
    await here.tell(Batch(here.ledger))


async def _read_windows(here: Look, *, now_ms: int) -> None:
    for condition in windows.filters(here.ledger.cursor, here.ledger.open_runs()):
        async for page in here.server.runs(here.asked, condition):
            await _take(here, page)
            here.ledger.cursor = windows.seen(
                here.ledger.cursor, map(_start, page), map(_end, page), now=now_ms
            )


async def _given_models(here: Look) -> set[str]:
    """Give the runs that measured a model that another run had made."""
    found: set[str] = set()
    async for page in here.server.logged_models(here.asked, ""):
        for model in page:
            made_by = model.get("info", {}).get("source_run_id")
            metrics = model.get("data", {}).get("metrics") or ()
            found.update(str(one.get("run_id") or "") for one in metrics)
            found.discard(str(made_by or ""))
    return found


async def _take(
    here: Look,
    page: Sequence[Json],
    *,
    whole: bool = False,
    plain: Callable[[Json], bool] = lambda _: False,
) -> None:
    """Tell the runs of a page that are not as they were; `whole` looks at each as `runs/get` gives it.

    Those of which `plain` says so are taken as the search gave them.
    """
    here.ledger.counts.looked += len(page)
    batch = Batch(here.ledger)
    changed: dict[str, str] = {}
    opened: list[Json] = []
    simple: list[Json] = []
    for run in page:
        run_id = _id(run)
        seen = digest_of([run, here.paths.get(run_id, ())])
        row = batch.row(RUN, run_id)
        if not is_over(run):
            opened.append(run)
        if is_over(run) and (whole or row.seen != seen):
            changed[run_id] = seen
            if plain(run):
                simple.append(run)
    await _decide_runs(here, batch, opened, {})
    await _decide_runs(here, batch, simple, changed)
    taken = {_id(run) for run in simple}
    ids = [one for one in changed if one not in taken]
    for start in range(0, len(ids), WHOLE_AT_ONCE):
        found = await here.server.each_run(ids[start : start + WHOLE_AT_ONCE])
        await _decide_runs(here, batch, list(found.values()), changed)
    await here.tell(batch)
    ended = [one for (kind, one), row in batch.rows.items() if kind == RUN and row.told.get("job")]
    await _take_children(here, ended)


async def _take_children(here: Look, ended: Iterable[str]) -> None:
    """Tell the runs that waited for these runs' jobs under whom they ran, at the time the parent ended."""
    for parent in ended:
        waiting = here.ledger.waiting_for([parent])
        if not waiting:
            continue
        row = here.ledger.row(RUN, parent)
        batch = Batch(here.ledger, now=str(row.told.get("end", ["", row.at])[1]))
        found = await here.server.each_run(waiting)
        await _decide_runs(here, batch, [one for one in found.values() if is_over(one)], {})
        await here.tell(batch)


async def _decide_runs(here: Look, batch: Batch, runs: list[Json], seen: Mapping[str, str]) -> None:
    """Decide on runs, by start, so that a parent is decided on before its children."""
    fresh = [run for run in sorted(runs, key=_start) if _is_news(here, batch, run)]
    over = [run for run in fresh if is_over(run)]
    ids = {one for run in over for side in ("inputs", "outputs") for one in model_ids(run, side)}
    models = await here.server.each_model(sorted(ids))
    signed = await here.server.signatures(sorted({one for run in over for one in model_ids(run, "outputs")}))
    for run_id, mark in seen.items():
        row = batch.row(RUN, run_id)
        if row.digest and row.seen != mark:  # so that it is not read whole again for nothing
            batch.note(RUN, run_id, replace(row, seen=mark))
    for run in fresh:
        run_id = _id(run)
        outputs = model_ids(run, "outputs")
        known = {one: ModelSeen(models[one], signed.get(one)) for one in outputs if one in models}
        parent = parent_id(run)
        view = RunSeen(
            run,
            here.experiments.get(str(run.get("info", {}).get("experiment_id", "")), {}),
            known,
            here.paths.get(run_id, ()),
            decide.parent_of(here.address.place, run_uuid(parent), batch.row(RUN, parent))
            if parent
            else None,
        )
        facts = {"whole": _whole(here, run), "unsigned": any(one not in signed for one in outputs)}
        made = batch.decide(RUN, run_id, partial(_run, here, view, seen=seen.get(run_id), facts=facts))
        _note_job(batch, view, made.row)
        for model_id in (*outputs, *model_ids(run, "inputs")):
            if model_id in models and is_over(run):
                by_run = made.row.at if model_id in known else ""
                batch.decide(MODEL, model_id, partial(_model, here, models[model_id], by_run=by_run))


def _run(
    here: Look, view: RunSeen, row: Row, at: str, *, seen: str | None, facts: Mapping[str, object]
) -> decide.Decision:
    made = decide.run(here.address.place, view, row, at=at)
    told = {**made.row.told, **(facts if is_over(view.run) else {})}
    return replace(made, row=replace(made.row, told=told, seen=row.seen if seen is None else seen))


def _is_news(here: Look, batch: Batch, run: Json) -> bool:
    """Tell whether a run has to be decided on: not as it was told, or its parent is known by now."""
    row = batch.row(RUN, _id(run))
    return (
        not is_over(run)
        or not row.digest
        or bool(row.waits)
        or bool(row.told.get("unsigned"))
        or row.told.get("whole") != _whole(here, run)
    )


def _whole(here: Look, run: Json) -> str:
    return digest_of([run, here.paths.get(_id(run), ())])


def _note_job(batch: Batch, view: RunSeen, row: Row) -> None:
    job = row.told.get("job")
    if job:
        one = str(view.experiment.get("experiment_id", ""))
        batch.note(EXPERIMENT, one, decide.with_job(batch.row(EXPERIMENT, one), str(job)))


def _decide_experiments(here: Look, batch: Batch) -> None:
    for one, experiment in here.experiments.items():
        batch.decide(EXPERIMENT, one, partial(_experiment, here, experiment))


def _experiment(here: Look, experiment: Json, row: Row, at: str) -> decide.Decision:
    return decide.experiment(here.address.place, experiment, row, at=at)


async def _read_models(here: Look) -> None:
    """Tell logged models that are new and that no run tells."""
    newest = here.ledger.cursor.models
    async for page in here.server.logged_models(here.asked, windows.models_filter(here.ledger.cursor)):
        batch = Batch(here.ledger)
        for model in page:
            _decide_model(here, batch, model)
            newest = max(newest, _updated(model))
        await here.tell(batch)
    here.ledger.cursor = replace(here.ledger.cursor, models=min(newest, int(time.time() * 1000)))


async def _sweep_models(here: Look) -> None:
    listed: set[str] = set()
    async for page in here.server.logged_models(here.asked, ""):
        batch = Batch(here.ledger)
        for model in page:
            listed.add(_model_id(model))
            _decide_model(here, batch, model)
        await here.tell(batch)
    batch = Batch(here.ledger)
    held = here.ledger.rows(MODEL)
    missing = [one for one, row in held.items() if one not in listed and row.digest not in {"", GONE}]
    there = await here.server.each_model(missing)
    for one in missing:
        if one not in there:
            batch.decide(MODEL, one, partial(_model_gone, here))
    await here.tell(batch)


def _decide_model(here: Look, batch: Batch, model: Json) -> None:
    run_id = str(model.get("info", {}).get("source_run_id") or "")
    row = batch.row(MODEL, _model_id(model))
    if not row.digest and run_id and not batch.row(RUN, run_id).digest:
        return  # its run tells it when it ends
    batch.decide(MODEL, _model_id(model), partial(_model, here, model, by_run=""))


def _model(here: Look, model: Json, row: Row, at: str, *, by_run: str) -> decide.Decision:
    return decide.logged_model(here.address.place, model, row, at=at, told_by_run=by_run)


def _model_gone(here: Look, row: Row, at: str) -> decide.Decision:
    return decide.logged_model_gone(here.address.place, row, at=at)


def _id(run: Json) -> str:
    info = run.get("info", {})
    return str(info.get("run_id") or info.get("run_uuid") or "")


def _start(run: Json) -> int:
    return int(run.get("info", {}).get("start_time") or 0)


def _end(run: Json) -> int:
    return int(run.get("info", {}).get("end_time") or 0)


def _model_id(model: Json) -> str:
    return str(model.get("info", {}).get("model_id") or "")


def _updated(model: Json) -> int:
    return int(model.get("info", {}).get("last_updated_timestamp_ms") or 0)
