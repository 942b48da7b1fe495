"""How is the lineage of a whole table's columns told in GraphQL?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from app.graphql.completeness import Completeness, made_completeness
from app.graphql.making import made
from app.graphql.nodes import Dataset, Field
from app.graphql.paging import PageInfo
from app.graphql.walks import LineageEdge, ShapeEdge, made_edge, made_shape

if TYPE_CHECKING:
    from queries import columns


@strawberry.type(
    description="A field, and the column edges upstream (sources) and downstream (targets) of it, nearest first."
)
class FieldEnds:
    field: Field
    sources: list[LineageEdge]
    targets: list[LineageEdge]


@strawberry.type(
    description="One page of a dataset's fields, current ones first, in the order of its schema. shapedBy: the fields "
    "that decide over the whole dataset, as a filter, a join or a sort does; shapes: the datasets that fields of this page "
    "decide over. Neither is a way for a value."
)
class FieldLineage:
    dataset: Dataset
    fields: list[FieldEnds]
    shaped_by: list[ShapeEdge]
    shapes: list[ShapeEdge]
    completeness: Completeness
    page_info: PageInfo


def made_field_lineage(answer: columns.FieldLineage) -> FieldLineage:
    """Make the GraphQL object."""
    return FieldLineage(
        dataset=made(Dataset, answer.dataset),
        fields=[
            FieldEnds(
                field=made(Field, row.field),
                sources=[made_edge(edge) for edge in row.sources],
                targets=[made_edge(edge) for edge in row.targets],
            )
            for row in answer.fields
        ],
        shaped_by=[made_shape(edge) for edge in answer.shaped_by],
        shapes=[made_shape(edge) for edge in answer.shapes],
        completeness=made_completeness(answer.completeness),
        page_info=PageInfo(
            has_next_page=answer.page_info.has_next_page, end_cursor=answer.page_info.end_cursor
        ),
    )
