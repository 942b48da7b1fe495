"""How does what a release pipeline says of a deployment get into the journal, and who says it?

It is taken whatever the graph is like: a pipeline does not wait for a projector. Only what it left out is missing then.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from app.acts.asked import DeploymentAsked, VersionOf, read_at
from app.acts.catalogue import who_acts
from app.acts.deployments import EVENT_TYPES, check_deployment, deployment_event, run_of
from graph_schema.errors import BadInput, LineageError, NodeNotFound
from graph_schema.identity import job_key, named_key, parse_key, run_key
from graph_schema.instants import now
from queries.nodes import read_run_texts
from queries.projection import wait_for
from queries.said import part
from queries.versions import find_model

if TYPE_CHECKING:
    from app.context import Context
    from ingest.inbox import Accepted

LOOK_BACK_S: Final = 2.0
"""So long an event waits for the graph, to be told what the revision was like before."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, where auth knows it by name, and what the journal notes as the event's source."""

    name: str | None
    source: str


class Remark(msgspec.Struct, frozen=True):
    """Something to know of what was accepted: a stable code, and a JSON pointer."""

    code: str
    pointer: str = ""


class DeploymentTold(msgspec.Struct, frozen=True, kw_only=True):
    """What was told of a deployment is on disk."""

    position: str
    id: str
    duplicate: bool
    event_type: str
    run: str
    job: str
    deployment: str
    at: str
    warnings: list[Remark]


def remarks_of(accepted: Accepted) -> list[Remark]:
    """Give the warnings that an event got at the door."""
    return [Remark(code, pointer) for code, pointer in accepted.warnings]


async def tell_deployment(
    context: Context, asked: DeploymentAsked, caller: Caller, clock: Callable[[], str] = now
) -> DeploymentTold:
    """Take what happened to a deployment; raises BadInput, NodeNotFound, JournalUnavailable."""
    check_deployment(asked)
    at = read_at(asked.at, clock()) or clock()
    who = who_acts(caller.name, asked.by) if caller.name or asked.by else None
    asked = await _with_namespace(context, asked)
    before: dict[str, Any] = {}
    missed: list[Remark] = []
    if asked.event != "requested":
        try:
            before = await _told_before(context, asked)
        except LineageError:  # the graph is behind or away, and the event counts all the same
            missed.append(Remark("NOT_FILLED_IN"))
    event = deployment_event(asked, before, who=who, at=at)
    accepted = await context.inbox.accept(json.dumps(event).encode(), caller.source)
    return DeploymentTold(
        position=accepted.position,
        id=accepted.id,
        duplicate=accepted.duplicate,
        event_type=EVENT_TYPES[asked.event],
        run=run_key(run_of(asked)),
        job=job_key(asked.namespace, asked.name),
        deployment=named_key("deployment", asked.namespace, asked.name),
        at=at,
        warnings=[*missed, *remarks_of(accepted)],
    )


async def _with_namespace(context: Context, asked: DeploymentAsked) -> DeploymentAsked:
    """Say of the model in which namespace it is; only then the graph is asked."""
    if asked.model is None or asked.model.namespace is not None:
        return asked
    model = asked.model
    if not model.name.startswith("model:"):
        try:
            namespace, name = await find_model(context.store, model.name, None)
        except (BadInput, NodeNotFound):
            raise
        except LineageError as error:
            raise BadInput(
                f"in which namespace the model is cannot be looked up now ({error.code}); say it: `model.namespace`",
                parameter="model.namespace",
            ) from error
    else:
        key = parse_key(model.name)
        namespace, name = key.parts[0], key.parts[1]
    return msgspec.structs.replace(asked, model=VersionOf(name, model.version, namespace))


async def _told_before(context: Context, asked: DeploymentAsked) -> dict[str, Any]:
    """Read the facet that the same revision had before; raises what keeps the graph from being read."""
    end = await asyncio.to_thread(context.journal.end)
    await wait_for(context.store, str(end), min(LOOK_BACK_S, context.settings.at_least_timeout_s))
    key = run_key(run_of(asked))
    texts = (await read_run_texts(context.store, [key])).get(key) or {}
    return part(part(texts.get("facets"), "job"), "mlops_deployment")
