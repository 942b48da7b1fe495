"""What is told of all that a Feast registry holds, by the names that Feast itself sends?

A view, a service and a saved dataset are each what a job of their own made, from just what they are made of: stated by the
`lineage` facet, so that it is no guess, and by column where features are read by name. Sources and entities are datasets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ingest.sources.feast.data import entity_thing, saved_thing, source_thing
from ingest.sources.feast.places import Alias
from ingest.sources.feast.registry import Column, Interval, Meta, Snapshot, View
from ingest.sources.feast.thing import Known, Thing
from ingest.sources.feast.views import features_of, join_keys_of, service_thing, view_thing


class Materialization(NamedTuple):
    """A part of a view's data that was written into the online store; `keys` and `features` are the view's columns."""

    view: str
    start: str
    end: str
    keys: list[str]
    features: list[Column]
    meta: Meta


def things_of(snapshot: Snapshot, namespace: str, aliases: Sequence[Alias]) -> list[Thing]:
    """Give all that is told of a project, sources first."""
    joined = _join_keys(snapshot)
    features = {view.spec.name: features_of(view, joined) for view in snapshot.views}
    known = Known(snapshot.project, namespace, tuple(aliases), joined, features)
    return [
        *(source_thing(one, known) for one in snapshot.sources),
        *(entity_thing(one, known) for one in snapshot.entities),
        *(view_thing(one, known) for one in snapshot.views),
        *(service_thing(one, known) for one in snapshot.services),
        *(saved_thing(one, known) for one in snapshot.saved),
    ]


def materializations_of(snapshot: Snapshot) -> list[Materialization]:
    """Give what was materialized of a project, as far as its registry remembers."""
    joined = _join_keys(snapshot)
    return [made for view in snapshot.views for made in _materialized(view, joined)]


def _materialized(view: View, joined: dict[str, str]) -> list[Materialization]:
    keys, features = join_keys_of(view, joined), features_of(view, joined)
    return [
        Materialization(view.spec.name, one.start_time, one.end_time, keys, features, view.meta)
        for one in dict.fromkeys(view.meta.materialization_intervals)
        if one != Interval()
    ]


def _join_keys(snapshot: Snapshot) -> dict[str, str]:
    return {one.spec.name: one.spec.join_key for one in snapshot.entities}
