"""What can be asked of experiments, registered models, deployments and decisions?"""

from __future__ import annotations

import strawberry
from strawberry import UNSET, Private

from app.graphql.any_node import KINDS, node_of, nodes_of
from app.graphql.learning import Info, starters_of
from app.graphql.making import made_all
from app.graphql.nodes import Dataset, Field, Job, Node, Person, Run, RunConnection
from app.graphql.paging import PageInfo, cut_page, read_after, rows_asked
from app.graphql.scalars import DateTime, Json
from queries import learned
from queries import learning as reading
from queries.cursors import encode_cursor
from queries.nodes import read_runs_in, read_runs_of


@strawberry.type(
    description="Who started a run or experiment. Evidence gateway was seen, mlflow.user is a claim."
)
class Starter:
    person: Person
    evidence: str
    at: DateTime | None


@strawberry.type(description="FETCHED: taken from a view. USED: the model that the run wrote is made of it.")
class UsedFeature:
    feature: Field
    mode: str
    certain: bool | None = strawberry.field(description="False where the column may come from several views.")


@strawberry.type
class UsedFeatureConnection:
    nodes: list[UsedFeature]
    page_info: PageInfo


@strawberry.type
class DatasetConnection:
    nodes: list[Dataset]
    page_info: PageInfo


@strawberry.type(description="A name that a registry gives to one version of a model at a time.")
class ModelAlias:
    alias: str
    version: str


@strawberry.type(description="An experiment of an MLflow server.")
class Experiment(Node):
    experiment_id: str | None
    lifecycle_stage: str | None
    artifact_location: str | None
    workspace: str | None
    description: str | None
    tags: list[str] | None

    @strawberry.field(description="Newest start first; those that never said when they started last.")
    async def runs(self, info: Info, first: int | None = 20, after: str | None = UNSET) -> RunConnection:
        question = ["experiment", self.key]
        start = read_after(after, question, tuple[str | None, str])
        size = rows_asked(info, first)
        found = await read_runs_in(info.context.store, self.key, after=start, limit=size + 1)
        rows, page = cut_page(found, size, lambda one: encode_cursor(question, (one.started_at, one.key)))
        return RunConnection(nodes=made_all(Run, rows), page_info=page)

    @strawberry.field(description="Who started it, as the gateway saw.")
    async def started_by(self, info: Info) -> list[Starter]:
        return await starters_of(info, "experiment", self.key)


@strawberry.type(description="A registered model; its versions are datasets.")
class Model(Node):
    description: str | None
    tags: list[str] | None
    alias_names: Private[list[str] | None]
    alias_versions: Private[list[str] | None]
    deleted: bool | None = strawberry.field(description="Its registry does not know it any more.")

    @strawberry.field(description="By name.")
    async def aliases(self) -> list[ModelAlias]:
        pairs = zip(self.alias_names or (), self.alias_versions or (), strict=True)
        return [ModelAlias(alias=alias, version=version) for alias, version in pairs]

    @strawberry.field(description="Newest first.")
    async def versions(
        self, info: Info, first: int | None = 20, after: str | None = UNSET
    ) -> DatasetConnection:
        question = ["versions", self.key]
        start = read_after(after, question, tuple[str, str])
        size = rows_asked(info, first)
        found = await info.context.load(reading.read_versions_of, key=self.key) or []
        ahead = [
            one for one in found if start is None or reading.newest_first(one) > reading.newest_first(start)
        ]
        rows, page = cut_page(ahead, size, lambda one: encode_cursor(question, one))
        nodes = await nodes_of(info, "dataset", (dataset for _, dataset in rows))
        return DatasetConnection(nodes=nodes, page_info=page)


@strawberry.type(
    description="A job that serves a model. REQUESTED, RUNNING, FAILED or WITHDRAWN: its newest revision is."
)
class Deployment(Node):
    job_key: Private[str]
    state: str | None
    running: int | None = strawberry.field(description="How many of its revisions run.")
    environment: str | None
    platform: str | None
    endpoint: str | None
    revision: str | None
    traffic_percent: float | None
    requested_alias: str | None
    image: str | None
    reason: str | None
    by: str | None
    configuration: Json | None

    @strawberry.field(description="The job that it is; its runs are the revisions.")
    async def job(self, info: Info) -> Job | None:
        found: Job | None = await node_of(info, "job", self.job_key)
        return found

    @strawberry.field(description="What feeds it now, models and whatever else, by key.")
    async def sources(self, info: Info) -> list[Dataset]:
        return await nodes_of(
            info, "dataset", await info.context.load(reading.read_sources_of, key=self.key) or []
        )

    @strawberry.field(description="The models that it serves now, by key.")
    async def versions(self, info: Info) -> list[Dataset]:
        found = await nodes_of(
            info, "dataset", await info.context.load(reading.read_sources_of, key=self.key) or []
        )
        return [one for one in found if one.kind in {"MODEL_VERSION", "LOGGED_MODEL"}]

    @strawberry.field(description="Its revisions, newest start first.")
    async def runs(self, info: Info, first: int | None = 20, after: str | None = UNSET) -> RunConnection:
        question = ["revisions", self.key]
        start = read_after(after, question, tuple[str | None, str])
        size = rows_asked(info, first)
        found = await read_runs_of(info.context.store, self.job_key, after=start, limit=size + 1)
        rows, page = cut_page(found, size, lambda one: encode_cursor(question, (one.started_at, one.key)))
        return RunConnection(nodes=made_all(Run, rows), page_info=page)


@strawberry.type(description="A recorded decision about a model version.")
class Approval(Node):
    model_key: Private[str | None]
    decision: str | None = strawberry.field(description="APPROVED, REJECTED, RETIRED, and so on, as stated.")
    at: DateTime | None
    reason: str | None
    version: str | None
    evidence: Json | None
    evidence_hash: str | None

    @strawberry.field(description="The registered model that it names.")
    async def model(self, info: Info) -> Model | None:
        found: Model | None = await node_of(info, "model", self.model_key)
        return found

    @strawberry.field(description="What it is about.")
    async def datasets(self, info: Info) -> list[Dataset]:
        return await nodes_of(
            info, "dataset", await info.context.load(reading.read_approved_by, key=self.key) or []
        )

    @strawberry.field(description="Who decided.")
    async def decided_by(self, info: Info) -> list[Person]:
        return await nodes_of(
            info, "person", await info.context.load(reading.read_deciders_of, key=self.key) or []
        )


@strawberry.type
class ApprovalConnection:
    nodes: list[Approval]
    page_info: PageInfo


KINDS.update(
    {
        learned.Experiment: Experiment,
        learned.Model: Model,
        learned.Deployment: Deployment,
        learned.Approval: Approval,
    }
)
