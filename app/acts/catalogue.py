"""Which event is an act of the catalogue, and may it be done?

Pure: who asks, what is known of the version and what time it is are given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from app.acts.asked import ActAsked, Evidence
from app.acts.writing import RUN_EVENT, Json, model_version, producer, standard
from graph_schema.catalogue import states_after
from graph_schema.errors import BadInput, ImpossibleAct
from graph_schema.facets import written
from graph_schema.identity import clean, stored_namespace

PRODUCER: Final = producer("catalogue")
AUTHENTICATED: Final = "AUTHENTICATED"
CLAIMED: Final = "CLAIMED"


@dataclass(frozen=True, slots=True)
class Who:
    """Who acts, and how that is known: AUTHENTICATED by key or token, or only CLAIMED in the request.

    `claimed` is the name that the request gave, where the caller is known to be another.
    """

    name: str
    evidence: str
    claimed: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """An act that may be done: by whom, when, from which state, and whether it was forced."""

    state: str
    before: str | None
    who: Who
    at: str
    forced: bool


def who_acts(caller: str | None, claimed: str | None) -> Who:
    """Say who acts; `caller` is whom auth knows, if anybody. Raises BadInput where nobody is named."""
    if caller:
        return Who(caller, AUTHENTICATED, claimed if claimed and claimed != caller else None)
    if claimed:
        return Who(clean(claimed), CLAIMED)
    raise BadInput("say who decides: `by`; or call with a key or token that has a name", parameter="by")


def check_act(asked: ActAsked, state: str, before: str | None) -> bool:
    """Tell whether an act has to be forced, and is; raises ImpossibleAct where it is refused, or BadInput."""
    allowed = states_after(before)
    if state in allowed:
        return False
    if not asked.force:
        raise _refused(asked, state, before, allowed)
    if not asked.reason:
        raise BadInput("what is forced needs a `reason`", parameter="reason")
    return True


def act_event(asked: ActAsked, namespace: str, run: str, decision: Decision) -> Json:
    """Write the one event of an act."""
    model, version = clean(asked.model), clean(str(asked.version))
    body = _facet(asked, namespace, model, version) | {
        "act": decision.state,
        "by": decision.who.name,
        "byEvidence": decision.who.evidence,
        "byClaimed": decision.who.claimed,
        "at": decision.at,
        "from": decision.before,
        "forced": decision.forced or None,
        "id": asked.id,
    }
    return {
        "eventType": "COMPLETE",
        "eventTime": decision.at,
        "producer": PRODUCER,
        "schemaURL": RUN_EVENT,
        "run": {"runId": run, "facets": {"catalogue_act": written("catalogue_act", PRODUCER, body)}},
        "job": {"namespace": namespace, "name": job_name(model)},
        "inputs": [
            {
                **model_version(namespace, model, version),
                "facets": {
                    "datasetType": standard(
                        "datasetType", PRODUCER, {"datasetType": "MODEL", "subType": "MODEL_VERSION"}
                    ),
                    "version": standard("version", PRODUCER, {"datasetVersion": version}),
                    # So that a model is known which no registry that is followed holds.
                    "hierarchy": standard(
                        "hierarchy",
                        PRODUCER,
                        {
                            "hierarchy": [
                                {"type": "MODEL", "name": model},
                                {"type": "VERSION", "name": version},
                            ]
                        },
                    ),
                },
            }
        ],
        "outputs": [],
    }


def job_name(model: str) -> str:
    """Name the job under which all acts on a model are done."""
    return f"catalogue/{model}"


def is_same_act(facet: Any, asked: ActAsked, state: str, namespace: str) -> bool:
    """Tell whether an act that was done before under the same id is the one that is asked for again."""
    if not isinstance(facet, dict) or facet.get("act") != state:
        return False
    if asked.at is not None and facet.get("at") != asked.at:
        return False
    body = _facet(asked, namespace, clean(asked.model), clean(str(asked.version)))
    return all(facet.get(name) == value for name, value in body.items())


def _facet(asked: ActAsked, namespace: str, model: str, version: str) -> Json:
    return {
        "model": {"namespace": stored_namespace(namespace), "name": model},
        "version": version,
        "reason": None if asked.reason is None else clean(asked.reason),
        "evidence": _evidence(asked.evidence),
    }


def _evidence(evidence: list[Evidence]) -> list[Json] | None:
    return [{"kind": clean(one.kind), "ref": clean(one.ref)} for one in evidence] or None


def _refused(asked: ActAsked, state: str, before: str | None, allowed: tuple[str, ...]) -> ImpossibleAct:
    is_now = f"is {before}" if before else "was never registered in the catalogue"
    then = f"what may follow is {', '.join(allowed)}" if allowed else "nothing follows that state"
    return ImpossibleAct(
        f"version {asked.version} of {asked.model[:200]} {is_now} and cannot become {state}: {then}, "
        "unless it is forced, with a reason",
        state=before,
        asked=state,
        allowed=list(allowed),
    )
