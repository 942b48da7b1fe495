"""Which questions about models can be asked in GraphQL?"""

from __future__ import annotations

import strawberry
from strawberry import ID, UNSET

from app.graphql.catalogue import Catalogue, made_catalogue
from app.graphql.experiments import Model
from app.graphql.making import made
from app.graphql.ml_paths import MlPathConnection, ModelComparison, made_comparison, made_paths
from app.graphql.models import Provenance, made_provenance
from app.graphql.nodes import Info
from app.graphql.scalars import DateTime
from app.http.questions import limits_of
from graph_schema.identity import named_key
from queries import nodes as reading
from queries.catalogue import VERSIONS_DEFAULT, CatalogueQuestion
from queries.catalogue import catalogue as find_catalogue
from queries.compare_models import CompareModelsQuestion
from queries.compare_models import compare_models as find_differences
from queries.ml_paths import ROWS_DEFAULT, MlPathsQuestion
from queries.ml_paths import ml_paths as find_paths
from queries.provenance import ProvenanceQuestion
from queries.provenance import provenance as find_provenance
from queries.versions import find_model

DIFFERENCES_DEFAULT = 200


@strawberry.type
class ModelQuestions:
    @strawberry.field(
        description="A registered model by its name; without a namespace the one model that has it."
    )
    async def model(self, info: Info, name: str, namespace: str | None = UNSET) -> Model | None:
        await info.context.projection()
        found = await find_model(info.context.store, name, namespace or None)
        return made(Model, await reading.read_node(info.context.store, named_key("model", *found)))

    @strawberry.field(
        name="provenance",
        description="How a version of a model came to be, as things stood when it was made, who stands behind it, and where it "
        "runs. model: its name, its key, or the key of a version; without a version the newest.",
    )
    async def provenance_of(
        self,
        info: Info,
        model: str,
        version: str | None = UNSET,
        namespace: str | None = UNSET,
        as_of: DateTime | None = UNSET,
        known_at: str | None = UNSET,
    ) -> Provenance:
        question = ProvenanceQuestion(
            model=model, version=version or None, namespace=namespace or None, as_of=as_of or None
        )
        asking = info.context
        projection = await asking.projection(known_at or None)
        answering = find_provenance(asking.store, question, limits_of(asking.settings), projection=projection)
        return made_provenance(await asking.while_connected(answering))

    @strawberry.field(
        name="mlPaths",
        description="The ways from datasets over features, experiments and runs to model versions and deployments, a row each. "
        "At least one end is given; all that are given hold for every row.",
    )
    async def ml_paths_between(
        self,
        info: Info,
        dataset: ID | None = UNSET,
        feature: ID | None = UNSET,
        experiment: ID | None = UNSET,
        model: ID | None = UNSET,
        first: int | None = ROWS_DEFAULT,
        after: str | None = UNSET,
        known_at: str | None = UNSET,
    ) -> MlPathConnection:
        question = MlPathsQuestion(
            dataset=dataset or None,
            feature=feature or None,
            experiment=experiment or None,
            model=model or None,
            first=ROWS_DEFAULT if first is None else first,
            after=after or None,
        )
        asking = info.context
        projection = await asking.projection(known_at or None)
        answering = find_paths(asking.store, question, limits_of(asking.settings), projection=projection)
        return made_paths(await asking.while_connected(answering))

    @strawberry.field(
        name="compareModels",
        description="What is different between two versions: data, features, parameters, metrics, code, checks, decisions. a and "
        "b: a model's name or key, with its version, or the key of a version; without b another version of a.",
    )
    async def models_compared(
        self,
        info: Info,
        a: str,
        b: str | None = UNSET,
        a_version: str | None = UNSET,
        b_version: str | None = UNSET,
        namespace: str | None = UNSET,
        as_of: DateTime | None = UNSET,
        first: int | None = DIFFERENCES_DEFAULT,
        after: str | None = UNSET,
        known_at: str | None = UNSET,
    ) -> ModelComparison:
        sides = [
            ProvenanceQuestion(
                model=model, version=version or None, namespace=namespace or None, as_of=as_of or None
            )
            for model, version in ((a, a_version), (b or a, b_version))
        ]
        question = CompareModelsQuestion(
            a=sides[0],
            b=sides[1],
            first=DIFFERENCES_DEFAULT if first is None else first,
            after=after or None,
        )
        asking = info.context
        projection = await asking.projection(known_at or None)
        answering = find_differences(
            asking.store, question, limits_of(asking.settings), projection=projection
        )
        return made_comparison(await asking.while_connected(answering))

    @strawberry.field(
        name="catalogue",
        description="What was decided about the versions of a model, act by act, and beside it what its registry says.",
    )
    async def catalogue_of(
        self,
        info: Info,
        model: str,
        version: str | None = UNSET,
        namespace: str | None = UNSET,
        first: int | None = VERSIONS_DEFAULT,
        after: str | None = UNSET,
        known_at: str | None = UNSET,
    ) -> Catalogue:
        question = CatalogueQuestion(
            model=model,
            namespace=namespace or None,
            version=version or None,
            first=VERSIONS_DEFAULT if first is None else first,
            after=after or None,
        )
        asking = info.context
        projection = await asking.projection(known_at or None)
        answering = find_catalogue(asking.store, question, limits_of(asking.settings), projection=projection)
        return made_catalogue(await asking.while_connected(answering))
