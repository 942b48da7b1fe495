"""How does a decision about a model version get into the journal, checked against what the graph holds?

One act at a time on a server, against a graph that holds all that was accepted before: so two acts never both follow the
same state. An act that is sent again under its `id` is answered as the one that was done.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from app.acts.asked import ActAsked, read_at, read_state
from app.acts.catalogue import Decision, act_event, check_act, is_same_act, job_name, who_acts
from app.acts.telling import Caller, Remark, remarks_of
from graph_schema.errors import BadInput, IdTaken, LineageError
from graph_schema.identity import approval_key, run_key, run_uuid
from graph_schema.instants import now, render_instant, to_datetime
from queries.catalogue import CatalogueEntry, Standing, read_entries, read_standing
from queries.nodes import read_run_texts
from queries.projection import Projection, wait_for
from queries.said import part
from queries.versions import find_model, read_known, read_version

if TYPE_CHECKING:
    from app.context import Context


class ActDone(msgspec.Struct, frozen=True, kw_only=True):
    """An act that is on disk: `id` is the event's, `act` and `run` are its keys.

    `entry` is how the version stands now, by the catalogue and by the registry; None where the graph is not that far yet.
    """

    position: str
    id: str | None
    duplicate: bool
    act: str
    run: str
    model_version: str
    state: str
    before: str | None
    forced: bool
    by: str
    by_evidence: str
    by_claimed: str | None
    at: str
    entry: CatalogueEntry | None
    warnings: list[Remark]


class Deciding:
    """The acts of one server, one after the other."""

    def __init__(self, context: Context, clock: Callable[[], str] = now) -> None:
        """Remember where acts go, and what says what time it is."""
        self._context = context
        self._clock = clock
        self._turn = asyncio.Lock()

    async def register(self, asked: ActAsked, caller: Caller) -> ActDone:
        """Take a model version into the catalogue."""
        if asked.state is not None and read_state(asked.state) != "REGISTERED":
            raise BadInput("registering makes it REGISTERED: leave `state` out", parameter="state")
        return await self._done(asked, "REGISTERED", caller)

    async def set_state(self, asked: ActAsked, caller: Caller) -> ActDone:
        """Say that a model version is in another state from now on."""
        return await self._done(asked, read_state(asked.state), caller)

    async def _done(self, asked: ActAsked, state: str, caller: Caller) -> ActDone:
        """Do what was asked; raises BadInput, NodeNotFound, ImpossibleAct, IdTaken, and what keeps it from being done now."""
        told_at = read_at(asked.at, self._clock())
        async with self._turn:
            seen = await self._all_seen()
            namespace, model = await find_model(self._context.store, asked.model, asked.namespace)
            asked = msgspec.structs.replace(asked, model=model, at=told_at)
            run = run_uuid(asked.id or str(uuid.uuid4()), namespace, job_name(model))
            standing = await read_standing(self._context.store, namespace, model, str(asked.version))
            done = await self._done_before(asked, state, namespace, run)
            if done is None:
                done = await self._decided(
                    asked, state, caller, namespace=namespace, run=run, standing=standing
                )
            else:
                done = msgspec.structs.replace(done, model_version=standing.key, position=seen.position)
        return msgspec.structs.replace(done, entry=await self._entry(standing.key, done.position))

    async def _decided(
        self, asked: ActAsked, state: str, caller: Caller, *, namespace: str, run: str, standing: Standing
    ) -> ActDone:
        who = who_acts(caller.name, asked.by)
        if not standing.known and state != "REGISTERED" and not asked.force:
            await read_version(self._context.store, namespace, asked.model, str(asked.version))
        forced = check_act(asked, state, standing.state)
        decision = Decision(
            state, standing.state, who, _at(asked.at, standing.last_at, self._clock()), forced
        )
        event = act_event(asked, namespace, run, decision)
        accepted = await self._context.inbox.accept(json.dumps(event).encode(), caller.source)
        unknown = [] if standing.known else [Remark("VERSION_UNKNOWN", "/version")]
        return ActDone(
            position=accepted.position,
            id=accepted.id,
            duplicate=accepted.duplicate,
            act=approval_key(run),
            run=run_key(run),
            model_version=standing.key,
            state=state,
            before=standing.state,
            forced=forced,
            by=who.name,
            by_evidence=who.evidence,
            by_claimed=who.claimed,
            at=decision.at,
            entry=None,
            warnings=[*unknown, *remarks_of(accepted)],
        )

    async def _all_seen(self) -> Projection:
        """Wait until the graph holds all that was accepted; raises NotCaughtUp, Rebuilding."""
        end = await asyncio.to_thread(self._context.journal.end)
        return await wait_for(self._context.store, str(end), self._context.settings.at_least_timeout_s)

    async def _done_before(self, asked: ActAsked, state: str, namespace: str, run: str) -> ActDone | None:
        """Find the act that was done under an id; raises IdTaken where it is another one."""
        if asked.id is None:
            return None
        key = run_key(run)
        texts = (await read_run_texts(self._context.store, [key])).get(key) or {}
        facet = part(part(texts.get("facets"), "run"), "catalogue_act")
        if not facet:
            return None
        if not is_same_act(facet, asked, state, namespace):
            raise IdTaken(
                f"under the id {asked.id[:200]!r} another thing was decided: {facet.get('act')} of version "
                f"{facet.get('version')} by {facet.get('by')}; give an id of its own",
                id=asked.id,
                act=facet.get("act"),
                at=facet.get("at"),
            )
        return _again(facet, run)

    async def _entry(self, key: str, position: str) -> CatalogueEntry | None:
        with suppress(LineageError):  # the act is on disk, whatever becomes of the graph
            await wait_for(self._context.store, position, self._context.settings.at_least_timeout_s)
            rows = await read_known(self._context.store, [key])
            return next(iter(await read_entries(self._context.store, rows)), None)
        return None


def _again(facet: dict[str, Any], run: str) -> ActDone:
    """Tell of an act what was told when it was done."""
    claimed = facet.get("byClaimed")
    return ActDone(
        position="",
        id=None,
        duplicate=True,
        act=approval_key(run),
        run=run_key(run),
        model_version="",
        state=str(facet["act"]),
        before=facet.get("from"),
        forced=facet.get("forced") is True,
        by=str(facet.get("by")),
        by_evidence=str(facet.get("byEvidence")),
        by_claimed=None if claimed is None else str(claimed),
        at=str(facet.get("at")),
        entry=None,
        warnings=[],
    )


def _at(told: str | None, last: str | None, clock: str) -> str:
    """Say when an act is done: after the one before it, whatever the clocks say; raises BadInput."""
    if told is None:
        after = None if last is None else render_instant(to_datetime(last) + timedelta(microseconds=1))
        return max(clock, after or clock)
    if last is not None and told <= last:
        raise BadInput(
            f"at lies before the newest act, which was at {last}; acts are told in order: leave `at` out to mean now",
            parameter="at",
            last_at=last,
        )
    return told
