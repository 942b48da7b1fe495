"""Which labels, types and properties may a statement name?

Neo4j warns of a name that its database has never met. In an empty database that is every name, which says nothing.
So all that `graph_schema` knows is written once and taken away again: then such a warning tells a misspelt name.
"""

from __future__ import annotations

import re
from typing import Final

from graph_schema.nodes import NODES
from graph_schema.relationships import RELATIONSHIPS
from tests.neo4j.server import Neo4j, run

KINDS: Final = (
    "Table", "View", "File", "Topic", "FeatureView", "FeatureService", "LoggedModel", "ModelVersion",
)  # fmt: skip
"""The second labels of datasets."""

_TYPE: Final = re.compile(r"-\[:([A-Z_]+)\]->")


def known_words(server: Neo4j) -> None:
    """Make every name of the schema known to a database, which stays empty."""
    labels = ":".join((*(node.label for node in NODES), *KINDS))
    names = {"key"} | {name for node in NODES for name, _ in node.properties}
    run(server, f"CREATE (n:{labels}) SET n = $names DELETE n", names=dict.fromkeys(sorted(names), 0))
    for relationship in RELATIONSHIPS:
        found = _TYPE.search(relationship.pattern)
        assert found, relationship.pattern
        names = {name.removesuffix("[]") for name in relationship.properties}
        text = f"CREATE (a)-[e:{found[1]}]->(b) SET e = $names DETACH DELETE a, b"
        run(server, text, names=dict.fromkeys(sorted(names), 0))
