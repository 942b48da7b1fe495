"""What does a Feast registry hold, as its REST server tells it?

The structs are the server's own objects, protobuf written as JSON: what is empty is left out, 64-bit numbers are texts, and
whatever is not needed here is passed over. What differs in form is refused by `msgspec`; `Snapshot` is one project whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from graph_schema import instants

DUMMY: Final = "__dummy"
"""The entity of views that have none, and the beginning of its join key's name."""

STREAM: Final = "streamFeatureView"
ON_DEMAND: Final = "onDemandFeatureView"


class Interval(msgspec.Struct, rename="camel", frozen=True):
    """Between which times of the data a view was materialized."""

    start_time: str = ""
    end_time: str = ""


class Meta(msgspec.Struct, rename="camel"):
    """When an object was made and last written; the second moves at every `feast apply`, also where nothing changed."""

    created_timestamp: str = ""
    last_updated_timestamp: str = ""
    materialization_intervals: list[Interval] = []

    @property
    def created(self) -> str:
        return _instant(self.created_timestamp)

    @property
    def updated(self) -> str:
        return _instant(self.last_updated_timestamp)


class Column(msgspec.Struct, rename="camel"):
    """A feature, or the key by which features are looked up."""

    name: str
    value_type: str = ""
    description: str = ""
    tags: dict[str, str] = {}


class Function(msgspec.Struct, rename="camel"):
    """A transformation as somebody wrote it; its pickled form is not looked at."""

    body_text: str = ""


class Transformation(msgspec.Struct, rename="camel"):
    """What a view computes by."""

    user_defined_function: Function | None = None
    substrait_transformation: dict[str, Any] | None = None


Source = dict[str, Any]
"""A data source: its options are under a member named by their kind."""


class Projection(msgspec.Struct, rename="camel"):
    """Which features of a view something takes."""

    feature_view_name: str = ""
    feature_view_name_alias: str = ""
    feature_columns: list[Column] = []


class OnDemandSource(msgspec.Struct, rename="camel"):
    """What a view on demand computes from: a view, or what comes with the request."""

    feature_view_projection: Projection | None = None
    feature_view: dict[str, Any] | None = None
    request_data_source: Source | None = None


class ViewSpec(msgspec.Struct, rename="camel"):
    """A view of any kind."""

    name: str
    entities: list[str] = []
    entity_columns: list[Column] = []
    features: list[Column] = []
    ttl: str = ""
    batch_source: Source | None = None
    stream_source: Source | None = None
    source_views: list[dict[str, Any]] = []
    sources: dict[str, OnDemandSource] = {}
    online: bool = False
    offline: bool = False
    mode: str = ""
    description: str = ""
    owner: str = ""
    tags: dict[str, str] = {}
    user_defined_function: Function | None = None
    feature_transformation: Transformation | None = None

    @property
    def code(self) -> str:
        """Give the text of the transformation; "" where there is none to be had."""
        newer = (
            self.feature_transformation.user_defined_function
            if self.feature_transformation is not None
            else None
        )
        function = newer or self.user_defined_function
        return "" if function is None else function.body_text

    @property
    def is_computed(self) -> bool:
        """Tell whether features are computed rather than read by name."""
        return self.feature_transformation is not None or self.user_defined_function is not None


class View(msgspec.Struct, rename="camel"):
    """A view, and what kind of view."""

    spec: ViewSpec
    meta: Meta = msgspec.field(default_factory=Meta)
    type: str = "featureView"


class ServiceSpec(msgspec.Struct, rename="camel"):
    """A feature service."""

    name: str
    features: list[Projection] = []
    description: str = ""
    owner: str = ""
    tags: dict[str, str] = {}
    logging_config: dict[str, Any] | None = None


class ServedFeatures(msgspec.Struct, rename="camel"):
    """A feature service, and when it was written."""

    spec: ServiceSpec
    meta: Meta = msgspec.field(default_factory=Meta)


class EntitySpec(msgspec.Struct, rename="camel"):
    """What features are of."""

    name: str
    join_key: str = ""
    value_type: str = ""
    description: str = ""
    owner: str = ""
    tags: dict[str, str] = {}


class Entity(msgspec.Struct, rename="camel"):
    """An entity, and when it was written."""

    spec: EntitySpec
    meta: Meta = msgspec.field(default_factory=Meta)


class SavedSpec(msgspec.Struct, rename="camel"):
    """Features that were retrieved and kept."""

    name: str
    features: list[str] = []
    join_keys: list[str] = []
    storage: dict[str, Any] = {}
    feature_service_name: str = ""
    full_feature_names: bool = False
    description: str = ""
    tags: dict[str, str] = {}


class Saved(msgspec.Struct, rename="camel"):
    """A saved dataset, and when it was made."""

    spec: SavedSpec
    meta: Meta = msgspec.field(default_factory=Meta)


class ProjectSpec(msgspec.Struct, rename="camel"):
    """A project."""

    name: str


class Project(msgspec.Struct, rename="camel"):
    """A project, and when it was made."""

    spec: ProjectSpec
    meta: Meta = msgspec.field(default_factory=Meta)


class Projects(msgspec.Struct):
    """The answer of `/projects`; a failure comes with status 200."""

    projects: list[Project] = []
    error: str = ""


class Entities(msgspec.Struct):
    """The answer of `/entities`."""

    entities: list[Entity]


class Sources(msgspec.Struct, rename="camel"):
    """The answer of `/data_sources`."""

    data_sources: list[Source]


class Views(msgspec.Struct, rename="camel"):
    """The answer of `/feature_views`."""

    feature_views: list[View]


class Services(msgspec.Struct, rename="camel"):
    """The answer of `/feature_services`."""

    feature_services: list[ServedFeatures]


class SavedDatasets(msgspec.Struct, rename="camel"):
    """The answer of `/saved_datasets`."""

    saved_datasets: list[Saved]


LISTS: Final[Mapping[str, type[msgspec.Struct]]] = {
    "entities": Entities,
    "data_sources": Sources,
    "feature_views": Views,
    "feature_services": Services,
    "saved_datasets": SavedDatasets,
}
"""What is asked for of a project, and the form of the answer."""


class Snapshot(msgspec.Struct, frozen=True):
    """A project as it was read."""

    project: str
    entities: list[Entity]
    sources: list[Source]
    views: list[View]
    services: list[ServedFeatures]
    saved: list[Saved]


def projects_of(body: bytes) -> Projects:
    """Read the answer of `/projects`; raises msgspec.DecodeError."""
    return msgspec.json.decode(body, type=Projects)


def snapshot_of(project: str, bodies: Mapping[str, bytes]) -> Snapshot:
    """Read the answers to all of LISTS for one project; raises msgspec.DecodeError."""
    answers: dict[str, Any] = {
        name: msgspec.json.decode(bodies[name], type=form) for name, form in LISTS.items()
    }
    return Snapshot(
        project,
        [one for one in answers["entities"].entities if not one.spec.name.startswith(DUMMY)],
        [
            one
            for one in answers["data_sources"].data_sources
            if isinstance(one.get("name"), str) and one["name"]
        ],
        answers["feature_views"].feature_views,
        answers["feature_services"].feature_services,
        answers["saved_datasets"].saved_datasets,
    )


def meta_of(source: Source) -> Meta:
    """Read when a source was written; one that stands inside a view has the time of the question instead."""
    try:
        return msgspec.convert(source.get("meta", {}), Meta)
    except msgspec.ValidationError:
        return Meta()


def _instant(text: str) -> str:
    try:
        return instants.parse_instant(text)
    except ValueError:
        return ""
