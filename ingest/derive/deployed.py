"""What feeds a deployment, by what one attempt of serving it says (rules D1, D6)?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from ingest.derive.observations import Content, Evidence
from ingest.derive.streaming import streaming_observations
from ingest.facts import Listed

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.derive.observations import Observation
    from ingest.derive.runs import Attempt, Run
    from ingest.facets.stated import Stated
    from ingest.facts import Fact, Sha

_STATES: Final = {
    "STARTED": "REQUESTED", "RUNNING": "RUNNING", "FAILED": "FAILED", "ABORTED": "WITHDRAWN", "COMPLETED": "WITHDRAWN",
    "UNKNOWN": "REQUESTED",
}  # fmt: skip


def state_of(attempt: Attempt) -> str:
    """Say how a deployment stands, by the attempt of serving it that was begun last."""
    return _STATES[attempt.state]


def deployment_observations(
    run: Run, attempt: Attempt, deployment: str, stated: Callable[[Sha], Stated]
) -> list[Observation]:
    """Observe a deployment as the one output of an attempt, made of all it reads; that is no guess."""
    alone = attempt._replace(facts=tuple(_serving(fact, deployment) for fact in attempt.facts))
    return [
        msgspec.structs.replace(o, content=_certain(o.content))
        for o in streaming_observations(run, alone, stated)
    ]


def _serving(fact: Fact, deployment: str) -> Fact:
    listed = bool(fact.inputs or fact.outputs or fact.entries)
    outputs = (Listed(deployment, {}, {}),) if listed else ()
    return msgspec.structs.replace(fact, outputs=outputs, entries=(), has_lineage=False, lifecycles=())


def _certain(content: Content) -> Content:
    sources = tuple((source, int(Evidence.EXPLICIT)) for source, _ in content.sources)
    return Content(sources, content.columns, content.none, content.none_by_entry)
