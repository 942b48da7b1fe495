"""Which relationships are there, from what to what, and what do they mean? Arrows point with the data."""

from __future__ import annotations

from typing import Final, NamedTuple


class Relationship(NamedTuple):
    """A pattern, its meaning, and its properties."""

    pattern: str
    meaning: str
    properties: tuple[str, ...] = ()


_INTERVALS: Final = ("valid_from[]", "valid_to[]", "last_at", "earlier")
_ACT: Final = ("version", "row_count", "bytes", "file_count", "facets")
_COLUMNS: Final = ("job", "types[]", "subtypes[]", "maskings[]", *_INTERVALS)

RELATIONSHIPS: Final = (
    Relationship("(Run)-[:RUN_OF]->(Job)", "whose run it is"),
    Relationship("(Run)-[:CHILD_OF]->(Run)", "containment, no data flow"),
    Relationship("(Job)-[:PART_OF]->(Job)", "containment, no data flow"),
    Relationship(
        "(Run)-[:READ]->(Dataset)",
        "an act of the run, on the name as sent; `until` when it goes on, for a stream",
        ("at", "until", *_ACT),
    ),
    Relationship(
        "(Run)-[:WROTE]->(Dataset)",
        "an act of the run, on the name as sent; `began_at` since when, for a stream; `outcome` is the state of the attempt "
        "that did it, or DROPPED",
        ("at", "began_at", "outcome", *_ACT),
    ),
    Relationship("(Dataset)-[:INPUT_TO]->(Job)", "the job reads it", ("evidence", "declared", "current")),
    Relationship("(Job)-[:OUTPUTS]->(Dataset)", "the job writes it", ("evidence", "declared", "current")),
    Relationship(
        "(Dataset)-[:FEEDS]->(Dataset or Deployment)",
        "data flowed, and still does",
        ("job", "evidence", *_INTERVALS),
    ),
    Relationship(
        "(Dataset)-[:FED]->(Dataset or Deployment)",
        "data flowed, no longer does",
        ("job", "evidence", *_INTERVALS),
    ),
    Relationship("(Field)-[:FEEDS_FIELD]->(Field)", "column level, and still does", _COLUMNS),
    Relationship("(Field)-[:FED_FIELD]->(Field)", "column level, no longer does", _COLUMNS),
    Relationship("(Field)-[:SHAPES]->(Dataset)", "influences the whole dataset: a filter, a join", _COLUMNS),
    Relationship("(Dataset)-[:HAS_FIELD]->(Field)", "its columns"),
    Relationship("(Dataset or Job)-[:HAS_FACET]->(Facet)", "its current facets"),
    Relationship("(Run)-[:CHECKED]->(Check)", "the run that made the check"),
    Relationship("(Check)-[:CHECK_OF]->(Dataset)", "what was checked"),
    Relationship("(Dataset)-[:ALIAS_OF]->(Dataset)", "another name of the canonical one, always one hop"),
    Relationship("(Run)-[:IN_EXPERIMENT]->(Experiment)", "as the run's own events say"),
    Relationship("(Dataset)-[:VERSION_OF]->(Model)", "the registered model that it is a version of"),
    Relationship(
        "(Run)-[:USED_FEATURE]->(Field)",
        "`mode` FETCHED: taken from a view; USED: the model it wrote is made of it. Not `certain` where a column may come "
        "from several views",
        ("mode", "certain"),
    ),
    Relationship("(Dataset or Job)-[:OWNED_BY]->(Person)", "from the ownership facet", ("type",)),
    Relationship(
        "(Run or Experiment)-[:STARTED_BY]->(Person)",
        "`evidence` gateway: seen by the gateway; mlflow.user: what the run says of itself, a claim",
        ("evidence", "at"),
    ),
    Relationship("(Approval)-[:APPROVES]->(Dataset)", "what a decision is about, whatever it is"),
    Relationship("(Approval)-[:DECIDED_BY]->(Person)", "who made it"),
)
"""Every relationship type. `job` of a derived edge is "" where a dataset's own statement made it."""

TYPES: Final = tuple(one.pattern.partition("[:")[2].partition("]")[0] for one in RELATIONSHIPS)
"""Their names."""
