"""What do the facets of MLflow, of the catalogue, of deployments and of the gateway name?

Facets alone say what is a model, an experiment or a decision, never names (rule F12). Everything broken in them is left
out: a reader gives None where nothing can be held on to.
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

from graph_schema.identity import clean, named_key, person_key, stored_namespace, uuid_of
from graph_schema.instants import parse_instant
from ingest.openlineage import Named

Body = dict[str, Any]

CREATED: Final = {"CREATED_RUN": "run", "CREATED_EXPERIMENT": "experiment"}
"""Acts through the gateway that started something, and what."""

_REFUSED: Final = 400
_NOTE: Final = "mlflow.note.content"
_WHOLE = re.compile("-?[0-9]+")


def text_of(value: Any) -> str | None:
    """Read a text; a whole number counts as its digits, since producers send versions as either."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 2**63 else None
    return clean(value) if isinstance(value, str) and value else None


def texts_of(value: Any) -> list[str]:
    """Read a list of texts, each once, in order."""
    found = (text_of(item) for item in value) if isinstance(value, list) else ()
    return list(dict.fromkeys(text for text in found if text is not None))


def object_of(value: Any) -> Body:
    """Read an object; anything else is an empty one."""
    return value if isinstance(value, dict) else {}


def whole_of(value: Any) -> int | None:
    """Read a whole number that every engine stores; its text counts too."""
    if isinstance(value, str) and _WHOLE.fullmatch(value) and len(value) < 20:  # noqa: PLR2004 - 64 bits
        value = int(value)
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and abs(value) < 2**63 else None


def instant_of(value: Any) -> str | None:
    """Read an instant."""
    try:
        return parse_instant(value) if isinstance(value, str) else None
    except ValueError:
        return None


def tags_of(body: Body) -> list[str] | None:
    """List tags as key, or key:value; what MLflow notes for itself is none."""
    said = object_of(body.get("tags"))
    found = {_tag(key, value) for key, value in said.items() if key and not key.startswith("mlflow.")}
    return sorted(found) or None


def _tag(key: str, value: Any) -> str:
    shown = text_of(value)
    return clean(f"{key}:{shown}" if shown not in {None, "true"} else key)


def description_of(body: Body) -> str | None:
    """Read a description; MLflow keeps that of an experiment in a tag."""
    return text_of(body.get("description")) or text_of(object_of(body.get("tags")).get(_NOTE))


def named(kind: str, namespace: str, name: str | None) -> Named | None:
    """Give the identity of an experiment, model or deployment in a namespace, where it has a name."""
    return None if name is None else Named(named_key(kind, namespace, name), namespace, name)


def person(name: Any) -> Named | None:
    """Give the identity of a person."""
    said = text_of(name)
    return None if said is None else Named(person_key(said), "", said)


def experiment(body: Body | None, namespace: str) -> Named | None:
    """Say which experiment an mlflow_experiment or mlflow_run facet speaks of."""
    return None if body is None else named("experiment", namespace, text_of(body.get("experimentId")))


def run_id(value: Any) -> str | None:
    """Read the UUID of a run; MLflow writes it without dashes."""
    return uuid_of(value) if isinstance(value, str) else None


def models_of(facets: dict[str, Body], namespace: str) -> list[Named]:
    """List the registered models that a dataset's facets name it a version of, MLflow's own first.

    The standard `hierarchy` facet says so of models that are not MLflow's.
    """
    own = text_of(facets.get("mlflow_modelVersion", {}).get("name"))
    found = (named("model", namespace, name) for name in (own, _model_above(facets.get("hierarchy", {}))))
    return [one for one in found if one is not None]


def _model_above(body: Body) -> str | None:
    levels = body.get("hierarchy")
    for level in levels if isinstance(levels, list) else ():
        if isinstance(level, dict) and str(level.get("type")).upper() == "MODEL":
            return text_of(level.get("name"))
    return None


class Started(NamedTuple):
    """That a person started a run or an experiment, as the gateway saw it."""

    run: str | None
    experiment: Named | None
    person: Named
    at: str | None


def started(body: Body) -> Started | None:
    """Read which run or experiment an access through the gateway created, and for whom; None for any other access."""
    made = CREATED.get(body["act"]) if isinstance(body.get("act"), str) else None
    who = person(body.get("person"))
    status = whole_of(body.get("status"))
    if made is None or who is None or (status is not None and status >= _REFUSED):
        return None
    if made == "run":
        run = run_id(body.get("run"))
        return None if run is None else Started(run, None, who, instant_of(body.get("at")))
    subject = access_experiment(body)
    return None if subject is None else Started(None, subject, who, instant_of(body.get("at")))


def access_experiment(body: Body) -> Named | None:
    """Say which experiment an access speaks of."""
    said = object_of(body.get("experiment"))
    namespace = said.get("namespace")
    if not isinstance(namespace, str):
        return None
    return named("experiment", stored_namespace(namespace), text_of(said.get("experimentId")))


def act_of(body: Body) -> str | None:
    """Read what a catalogue_act decides."""
    return text_of(body.get("act"))
