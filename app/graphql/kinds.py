"""Which words may stand in a place where only some may?"""

from __future__ import annotations

from enum import StrEnum

import strawberry


@strawberry.enum(description="What a node is; of a dataset, what kind of dataset.")
class NodeKind(StrEnum):
    TABLE = "TABLE"
    VIEW = "VIEW"
    FILE = "FILE"
    TOPIC = "TOPIC"
    FEATURE_VIEW = "FEATURE_VIEW"
    FEATURE_SERVICE = "FEATURE_SERVICE"
    LOGGED_MODEL = "LOGGED_MODEL"
    MODEL_VERSION = "MODEL_VERSION"
    OTHER = "OTHER"
    FIELD = "FIELD"
    JOB = "JOB"
    RUN = "RUN"
    CHECK = "CHECK"
    FACET = "FACET"
    EXPERIMENT = "EXPERIMENT"
    MODEL = "MODEL"
    DEPLOYMENT = "DEPLOYMENT"
    PERSON = "PERSON"
    APPROVAL = "APPROVAL"


@strawberry.enum(description="UNKNOWN: a run that sent no state.")
class RunState(StrEnum):
    STARTED = "STARTED"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    ABORTED = "ABORTED"
    UNKNOWN = "UNKNOWN"


@strawberry.enum(description="How an edge is known, strongest first; PRODUCT is a guess.")
class Evidence(StrEnum):
    EXPLICIT = "EXPLICIT"
    COLUMN = "COLUMN"
    RENAME = "RENAME"
    DECLARED = "DECLARED"
    PRODUCT = "PRODUCT"


@strawberry.enum(description="UPSTREAM is towards the sources, DOWNSTREAM towards the consumers.")
class Direction(StrEnum):
    UPSTREAM = "UPSTREAM"
    DOWNSTREAM = "DOWNSTREAM"


@strawberry.enum(
    description="How the write that a run read was found. VERSION: both said the same version. TIME: the last write at or before "
    "the read. STREAM: written while a streaming run read. OPEN: by a run that has not ended, where no other is known."
)
class MatchedBy(StrEnum):
    VERSION = "VERSION"
    TIME = "TIME"
    STREAM = "STREAM"
    OPEN = "OPEN"


@strawberry.enum(
    description="What a walk goes over: datasets, their fields, or datasets and the jobs between them as they read "
    "and write (JOB), or from run to run, each read matched with the write that it was of (RUN)."
)
class Granularity(StrEnum):
    DATASET = "DATASET"
    FIELD = "FIELD"
    JOB = "JOB"
    RUN = "RUN"


@strawberry.enum(
    description="By what nodes are put into groups: their namespace; the schema or folder of a dataset, as far as its name "
    "tells (jobs stand for themselves); the outermost job that contains a job (datasets stand for themselves)."
)
class Grouping(StrEnum):
    NAMESPACE = "NAMESPACE"
    SCHEMA = "SCHEMA"
    PARENT_JOB = "PARENT_JOB"


@strawberry.enum(
    description="Which column edges a walk takes: all; those that values come from (DIRECT); of these the ones that the "
    "spec names IDENTITY, TRANSFORMATION or AGGREGATION (VALUES)."
)
class Transformations(StrEnum):
    ALL = "ALL"
    DIRECT = "DIRECT"
    VALUES = "VALUES"
