"""How are paths told in GraphQL?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry
from strawberry import ID

from app.graphql.completeness import Completeness, made_completeness
from app.graphql.walks import LineageEdge, made_edge

if TYPE_CHECKING:
    from queries import results


@strawberry.type(description="One way from a start to an end: its nodes in order, an edge between each two.")
class Path:
    keys: list[ID]
    edges: list[LineageEdge]


@strawberry.type(
    description="The nearest paths, those of one length by their keys; a path visits no node twice, except that "
    "it may end where it began. nodesOnAnyPath: downstream of the one and upstream of the other. "
    "pathCountAtLeast is the number of all paths where pathCountExact, and may exceed 2^53."
)
class PathSet:
    paths: list[Path]
    nodes_on_any_path: list[ID]
    path_count_at_least: str
    path_count_exact: bool
    completeness: Completeness


def made_paths(answer: results.PathSet) -> PathSet:
    """Make the GraphQL object."""
    return PathSet(
        paths=[
            Path(keys=[ID(key) for key in path.keys], edges=[made_edge(edge) for edge in path.edges])
            for path in answer.paths
        ],
        nodes_on_any_path=[ID(key) for key in answer.nodes_on_any_path],
        path_count_at_least=answer.path_count_at_least,
        path_count_exact=answer.path_count_exact,
        completeness=made_completeness(answer.completeness),
    )
