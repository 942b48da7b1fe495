"""Which facets does the fold understand?

One file per facet family. A family reads one facet body and says what it means; nothing here knows of events,
state or the graph. Everything not listed is kept whole and stays readable (rule F10).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ingest.facets import (
    column_lineage,
    job_dependencies,
    lifecycle,
    lineage,
    ownership,
    parent,
    schema,
    symlinks,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.facets.names import Names


class Naming(NamedTuple):
    """A facet that names other entities: on what it is found, its key, and how to read its names (rule F13)."""

    owner: str
    facet: str
    names: Callable[[dict[str, Any], str], Names]


NAMING: Final = (
    Naming("run", "parent", parent.names),
    Naming("run", "jobDependencies", job_dependencies.names),
    Naming("job", "lineage", lineage.names_of_entries),
    Naming("job", "ownership", ownership.names),
    Naming("dataset", "lineage", lineage.names_of_dataset),
    Naming("dataset", "columnLineage", column_lineage.names),
    Naming("dataset", "symlinks", symlinks.names),
    Naming("dataset", "lifecycleStateChange", lifecycle.names),
    Naming("dataset", "schema", schema.names),
    Naming("dataset", "ownership", ownership.names),
)
"""Every facet that names something, in the order in which they are read."""
