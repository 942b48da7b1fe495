"""What does one event say of machine learning, before any rule looks at a second one (rule D6)?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from graph_schema.identity import clean, run_key, uuid_of
from graph_schema.instants import parse_instant
from tests.laws.naive_events import (
    OUTPUT,
    Event,
    Facets,
    Name,
    dataset_name,
    facet,
    job_facet,
    live,
    members,
    run_facet,
    uses,
)


def text(value: Any) -> str | None:
    """A text that says something; a whole number is its digits."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
        return str(value)
    return clean(value) if isinstance(value, str) and value != "" else None


def texts(value: Any) -> list[str]:
    """The texts of a list."""
    return [one for one in map(text, value if isinstance(value, list) else []) if one is not None]


def whole(value: Any) -> int | None:
    """A whole number."""
    if isinstance(value, str) and re.fullmatch("-?[0-9]+", value):
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def instant(value: Any) -> str | None:
    """An instant."""
    try:
        return parse_instant(value) if isinstance(value, str) else None
    except ValueError:
        return None


def run_of(value: Any) -> str | None:
    """The key of the run of a UUID."""
    own = uuid_of(value) if isinstance(value, str) else None
    return None if own is None else run_key(own)


# What Feast's own events state about outputs.


def feast_states(event: Event) -> bool:
    """Whether the product is no product: of a job that defines views, and of one that fills online stores."""
    if event.job is None or live(job_facet(event, "lineage")) is not None:
        return False
    return bool(feast_entries(event)) or _defines(event)


def _defines(event: Event) -> bool:
    if job_facet(event, "feast_featureView") is not None:
        return False
    if job_facet(event, "feast_featureViews") is not None:
        return True
    if job_facet(event, "feast_jobKind") is None and job_facet(event, "feast_project") is None:
        return False
    views = [facet(use.facets, "feast_featureView") for use in uses(event) if use.place[0] == OUTPUT]
    return any(body is not None and body.get("mode") != "ON_DEMAND" for body in views)


def feast_entries(event: Event) -> list[tuple[Name, Facets]]:
    """An online store is made of the view that it says it holds."""
    found = []
    if event.job is None or live(job_facet(event, "lineage")) is not None:
        return []
    for use in uses(event):
        view = (live(facet(use.facets, "feast_onlineStore")) or {}).get("feature_view")
        if use.place[0] == OUTPUT and isinstance(view, str) and view:
            source = {"type": "DATASET", "namespace": use.name.namespace, "name": view}
            found.append((use.name, {"inputs": [source]}))
    return found


def mentioned_views(event: Event) -> list[Name]:
    """The views that online stores say they hold."""
    found = [dataset_name(entry["inputs"][0]) for _, entry in feast_entries(event)]
    return [name for name in found if name is not None]


# What else is named.


def selections(event: Event) -> Iterator[tuple[int, Name, Facets]]:
    """What the event says was fetched from each input."""
    listed = event.body.get("inputs")
    for index, one in enumerate(listed if isinstance(listed, list) else []):
        name = dataset_name(one)
        body = facet(members(members(one).get("inputFacets")), "feast_featureSelection")
        if name is not None and body is not None:
            yield index, name, body


def selected_fields(event: Event) -> set[tuple[str, str]]:
    """The fields that selections name."""
    return {
        (name.key, path)
        for _, name, body in selections(event)
        for path in texts(body.get("features")) + texts(body.get("ambiguous"))
    }


def named_runs(event: Event) -> list[str]:
    """The runs that model facets and the gateway name."""
    found = [run_of((run_facet(event, "gateway_access") or {}).get("run"))]
    for use in uses(event):
        found.append(run_of((live(facet(use.facets, "mlflow_loggedModel")) or {}).get("sourceRunId")))
        found.append(run_of((live(facet(use.facets, "mlflow_modelVersion")) or {}).get("runId")))
    return [key for key in found if key is not None]
