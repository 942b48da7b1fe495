"""How is it told in GraphQL how far an answer is the whole one?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

if TYPE_CHECKING:
    from queries import results


@strawberry.type(
    description="How far the answer is the whole one. truncatedBy: limits that were hit; untimed: at JOB and a time, jobs "
    "read or output something of which no time is known. hidden: rows not to be seen by you. guessedEdges: edges shown "
    "that are known only as a product. position: up to where events count."
)
class Completeness:
    complete: bool
    truncated_by: list[str]
    hidden: int
    guessed_edges: int
    position: str


def made_completeness(done: results.Completeness) -> Completeness:
    """Make the GraphQL object that says how far an answer is the whole one."""
    return Completeness(
        complete=done.complete,
        truncated_by=done.truncated_by,
        hidden=done.hidden,
        guessed_edges=done.guessed_edges,
        position=done.position,
    )
