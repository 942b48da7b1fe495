"""How are ways from data to deployments told in GraphQL, and what differs between two versions?"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import strawberry
from strawberry import ID

from app.graphql.completeness import Completeness, made_completeness
from app.graphql.making import made
from app.graphql.models import id_of, instant_of
from app.graphql.paging import PageInfo
from app.graphql.scalars import DateTime

if TYPE_CHECKING:
    from queries import compare_models as comparing
    from queries import ml_paths as walking


@strawberry.type(
    description="One way: dataset, feature of a view, experiment and run, version, deployment; unknown ends are null. evidence: "
    "how it is known that the dataset feeds the view, null where it lies further up or the run read it itself. version: the "
    "logged model where that became none. used: the model is made of the feature. serving: the deployment serves it now."
)
class MlPath:
    dataset: ID | None
    feature: ID | None
    view: ID | None
    experiment: ID | None
    run: ID
    model: ID | None
    version: ID | None
    deployment: ID | None
    evidence: str | None
    used: bool | None
    certain: bool | None
    serving: bool | None


@strawberry.type
class MlPathConnection:
    nodes: list[MlPath]
    page_info: PageInfo
    completeness: Completeness


@strawberry.enum(description="What a difference between two model versions is about.")
class ModelDifferenceCategory(StrEnum):
    DATASETS = "DATASETS"
    FEATURES = "FEATURES"
    PARAMETERS = "PARAMETERS"
    METRICS = "METRICS"
    CODE = "CODE"
    CHECKS = "CHECKS"
    CATALOGUE = "CATALOGUE"
    REGISTRY = "REGISTRY"


@strawberry.type(
    description="One thing that one version has alone, or that is not the same in both. name: a key where it is a node's. Of a "
    "dataset before and after are the runs that made it."
)
class ModelDifference:
    category: ModelDifferenceCategory
    change: str
    name: str
    before: str | None
    after: str | None


@strawberry.type
class ModelSide:
    key: ID
    model: ID | None
    version: str
    made_at: DateTime | None


@strawberry.type
class ModelDifferenceCount:
    category: ModelDifferenceCategory
    change: str
    count: int


@strawberry.type(
    description="One page of differences from a to b, by category and name; counts are of all pages."
)
class ModelComparison:
    a: ModelSide
    b: ModelSide
    differences: list[ModelDifference]
    counts: list[ModelDifferenceCount]
    completeness: Completeness
    page_info: PageInfo


def made_paths(answer: walking.MlPaths) -> MlPathConnection:
    """Make the GraphQL object."""
    return MlPathConnection(
        nodes=[
            MlPath(
                **{
                    name: id_of(getattr(one, name))
                    for name in ("dataset", "feature", "view", "experiment", "model", "version", "deployment")
                },
                run=ID(one.run),
                evidence=one.evidence,
                used=one.used,
                certain=one.certain,
                serving=one.serving,
            )
            for one in answer.paths
        ],
        page_info=made(PageInfo, answer.page_info),
        completeness=made_completeness(answer.completeness),
    )


def made_comparison(answer: comparing.ModelComparison) -> ModelComparison:
    """Make the GraphQL object."""
    sides = [
        ModelSide(
            key=ID(one.key), model=id_of(one.model), version=one.version, made_at=instant_of(one.made_at)
        )
        for one in (answer.a, answer.b)
    ]
    return ModelComparison(
        a=sides[0],
        b=sides[1],
        differences=[
            ModelDifference(
                category=ModelDifferenceCategory(one.category),
                change=one.change,
                name=one.name,
                before=one.before,
                after=one.after,
            )
            for one in answer.differences
        ],
        counts=[
            ModelDifferenceCount(
                category=ModelDifferenceCategory(one.category), change=one.change, count=one.count
            )
            for one in answer.counts
        ],
        completeness=made_completeness(answer.completeness),
        page_info=made(PageInfo, answer.page_info),
    )
