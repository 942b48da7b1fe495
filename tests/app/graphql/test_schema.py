"""Is the committed schema the one that is served, and is it the contract?"""

from __future__ import annotations

from typing import Final

import pytest
from graphql import GraphQLInterfaceType, GraphQLObjectType, build_schema

from app.graphql.kinds import NodeKind
from app.graphql.schema import make_schema
from app.settings import Settings
from queries.results import NODE_KINDS
from tests.needs import ROOT

TEXT = make_schema(Settings()).as_str().rstrip() + "\n"
WALK = (
    "(of: ID!, depth: Int, asOf: DateTime, seenSince: DateTime, granularity: Granularity = DATASET, "
    "kinds: [NodeKind!], first: Int = 200, after: String{ours}): Lineage!"
)
PATHS = "(from: ID!, to: ID!, asOf: DateTime, granularity: Granularity = DATASET, first: Int = 10{ours}): PathSet!"
KNOWN_AT = ", knownAt: String"
OURS = f", transformations: Transformations = ALL{KNOWN_AT}"
"""What we take besides stands behind, and may be left out: callers of the contract need not know of it."""


def test_the_committed_schema_is_served() -> None:
    """`schema.graphql` is what the code makes; `make docs` writes it anew."""
    assert (ROOT / "schema.graphql").read_text("utf-8") == TEXT


DIFF: Final = (
    "(a: ID!, b: ID, aAsOf: DateTime, bAsOf: DateTime, direction: Direction = UPSTREAM, depth: Int, "
    "granularity: Granularity = DATASET, first: Int = 200, after: String{ours})"
)


@pytest.mark.parametrize(
    "line",
    [
        f"node(key: ID!{KNOWN_AT}): Node",
        "dataset(namespace: String!, name: String!): Dataset",
        "job(namespace: String!, name: String!): Job",
        "run(id: ID!): Run",
        f"upstream{WALK.format(ours=OURS)}",
        f"downstream{WALK.format(ours=OURS)}",
        f"paths{PATHS.format(ours=OURS)}",
        f"diff{DIFF.format(ours=KNOWN_AT)}: Diff!",
        "changes(of: ID!, direction: Direction!, granularity: Granularity = DATASET, depth: Int): SetChange!",
        "search(text: String!, kinds: [NodeKind!], first: Int = 20, after: String): NodeConnection!",
    ],
)
def test_questions_have_the_names_of_the_contract(line: str) -> None:
    """DESIGN 10: names and arguments of what exists are exact and in order; ours come after them."""
    assert f"  {line}\n" in TEXT


def test_answers_have_the_fields_of_the_contract() -> None:
    """DESIGN 10: the lineage types, field by field."""
    expected = {
        "Lineage": "root: Node!  nodes: [LineageNode!]!  edges: [LineageEdge!]!  totals: LineageTotals!  "
        "completeness: Completeness!  pageInfo: PageInfo!  shapes: [ShapeEdge!]  consumers: [Consumer!]",
        "LineageNode": "node: Node!  depth: Int!",
        "LineageEdge": "source: ID!  target: ID!  jobs: [ID!]!  evidence: Evidence!  validFrom: DateTime  "
        "validTo: DateTime  lastAt: DateTime  types: [String]  subtypes: [String]  maskings: [Boolean]  "
        "through: [RunFlow!]",
        "LineageTotals": "nodes: Int!  edges: Int!  byKind: [KindCount!]!  byDepth: [DepthCount!]!",
        "Completeness": "complete: Boolean!  truncatedBy: [String!]!  hidden: Int!  guessedEdges: Int!  "
        "position: String!",
        "PathSet": "paths: [Path!]!  nodesOnAnyPath: [ID!]!  pathCountAtLeast: String!  pathCountExact: Boolean!  "
        "completeness: Completeness!",
        "Path": "keys: [ID!]!  edges: [LineageEdge!]!",
        "Node": "key: ID!  kind: NodeKind!  namespace: String  name: String!",
    }
    types = build_schema(TEXT).type_map
    for name, fields in expected.items():
        kind = types[name]
        assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
        found = kind.fields
        assert "  ".join(f"{field}: {given.type}" for field, given in found.items()) == fields


def test_every_kind_of_node_is_known_to_both() -> None:
    """What `queries` can answer, GraphQL can say."""
    assert [kind.value for kind in NodeKind] == list(NODE_KINDS)
