"""What can be asked of a node, and of what belongs to it?"""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry import ID, UNSET, Private

from app.graphql.any_node import KINDS, made_any
from app.graphql.asking import Asking
from app.graphql.history import History, history_of
from app.graphql.kinds import NodeKind, RunState
from app.graphql.learning import OfModels, OfRuns
from app.graphql.making import made, made_all
from app.graphql.paging import PageInfo, cut_page, read_after, rows_asked
from app.graphql.scalars import BigInt, DateTime, Json
from app.graphql.stated import RunCode, RunEventConnection, StatedSchema, events_of, made_code, made_schemas
from queries import nodes as reading
from queries import results
from queries.cursors import encode_cursor
from queries.history import HistoryQuestion
from queries.run_details import read_children
from queries.run_events import RunEventQuestion
from queries.stale import read_stale

Info = strawberry.Info[Asking, None]


@strawberry.interface(description="Anything in the graph; its key finds it again.")
class Node:
    key: ID
    kind: NodeKind
    namespace: str | None
    name: str


@strawberry.type(description="A person who owns, wrote or approved something.")
class Person(Node):
    pass


@strawberry.type(description="The newest facet of one name on a dataset or job.")
class Facet(Node):
    event: str | None
    deleted: bool | None

    @strawberry.field(description="What the producer sent, whole.")
    async def body(self, info: Info) -> Json | None:
        return await info.context.load(reading.read_facet_bodies, key=self.key)


@strawberry.type(description="A column of a dataset, or a feature.")
class Field(Node):
    dataset_key: Private[str]
    path: str
    data_type: str | None
    ordinal: BigInt | None
    role: str | None
    current: bool | None

    @strawberry.field
    async def dataset(self, info: Info) -> Dataset:
        return await dataset_of(info, self.dataset_key)


@strawberry.type(description="One result of a check on a dataset.")
class Check(Node):
    dataset_key: Private[str | None]
    run_key: Private[str | None]
    outcome: str | None
    severity: str | None
    at: DateTime | None
    column: str | None
    expected: Json | None
    actual: Json | None

    @strawberry.field
    async def dataset(self, info: Info) -> Dataset | None:
        return await dataset_of(info, self.dataset_key) if self.dataset_key else None

    @strawberry.field
    async def run(self, info: Info) -> Run | None:
        return await run_of(info, self.run_key)


@strawberry.type(description="That a job takes a dataset as input, or outputs it.")
class Io:
    dataset_key: Private[str]
    job_key: Private[str]
    evidence: str | None
    declared: bool | None
    current: bool | None

    @strawberry.field
    async def dataset(self, info: Info) -> Dataset:
        return await dataset_of(info, self.dataset_key)

    @strawberry.field
    async def job(self, info: Info) -> Job:
        found = await job_of(info, self.job_key)
        if found is None:
            raise LookupError(self.job_key)
        return found


@strawberry.type(description="That a run read or wrote a dataset, under the name it sent.")
class Act:
    dataset_key: Private[str]
    facets_text: Private[str | None]
    at: DateTime | None
    version: str | None
    row_count: BigInt | None
    bytes: BigInt | None
    file_count: BigInt | None

    @strawberry.field
    async def dataset(self, info: Info) -> Dataset:
        return await dataset_of(info, self.dataset_key)

    @strawberry.field
    async def facets(self) -> Json | None:
        return Json(reading.from_json(self.facets_text)) if self.facets_text else None


@strawberry.type
class Transition:
    event_type: str
    at: DateTime


@strawberry.type
class IoConnection:
    nodes: list[Io]
    page_info: PageInfo


@strawberry.type
class RunConnection:
    nodes: list[Run]
    page_info: PageInfo


@strawberry.type
class CheckConnection:
    nodes: list[Check]
    page_info: PageInfo


@strawberry.type(description="A dataset under one name.")
class Dataset(Node, OfModels):
    live: bool | None
    placeholder: bool | None
    created_at: DateTime | None
    last_written_at: DateTime | None
    unmerged: ID | None = strawberry.field(
        description="First name of its group, where symlinks connect too many names to make them one dataset."
    )
    description: str | None
    tags: list[str] | None
    alias_of_key: Private[str | None]

    @strawberry.field(description="The name under which this dataset's lineage is kept, if not this one.")
    async def alias_of(self, info: Info) -> Dataset | None:
        return await dataset_of(info, self.alias_of_key) if self.alias_of_key else None

    @strawberry.field(description="Keys of the other names, on the canonical one.")
    async def aliases(self, info: Info) -> list[ID]:
        return [ID(key) for key in await info.context.load(reading.read_aliases_of, key=self.key) or []]

    @strawberry.field(description="Current fields first, by ordinal.")
    async def fields(self, info: Info) -> list[Field]:
        return made_all(Field, await info.context.load(reading.read_fields_of, key=self.key))

    @strawberry.field
    async def facets(self, info: Info) -> list[Facet]:
        found = await info.context.load(reading.read_facets_of, "dataset", key=self.key)
        return made_all(Facet, found)

    @strawberry.field
    async def owners(self, info: Info) -> list[Person]:
        return made_all(Person, await info.context.load(reading.read_owners_of, "dataset", key=self.key))

    @strawberry.field(description="Newest first.")
    async def checks(self, info: Info, first: int | None = 20, after: str | None = UNSET) -> CheckConnection:
        question = ["checks", self.key]
        start = read_after(after, question, tuple[str, str])
        size = rows_asked(info, first)
        found = await reading.read_checks_of(info.context.store, self.key, after=start, limit=size + 1)
        rows, page = cut_page(found, size, lambda one: encode_cursor(question, (one.at or "", one.key)))
        return CheckConnection(nodes=made_all(Check, rows), page_info=page)

    @strawberry.field(description="Jobs that output this name, by key.")
    async def producers(self, info: Info, first: int | None = 20, after: str | None = UNSET) -> IoConnection:
        return await _io_page(info, "dataset_producers", self.key, first=first, after=after)

    @strawberry.field(description="Jobs that take this name as input, by key.")
    async def consumers(self, info: Info, first: int | None = 20, after: str | None = UNSET) -> IoConnection:
        return await _io_page(info, "dataset_consumers", self.key, first=first, after=after)

    @strawberry.field(description="What it was made of, from when to when; its edges by source and job.")
    async def history(self, info: Info, first: int | None = 20, after: str | None = UNSET) -> History:
        asked = HistoryQuestion(of=self.key, first=rows_asked(info, first), after=after or None)
        return await history_of(info.context, asked, info.context.known_at)


@strawberry.type(description="A job, as its producers name it.")
class Job(Node):
    parent_key: Private[str | None]
    processing_type: str | None
    integration: str | None
    job_type: str | None
    placeholder: bool | None
    created_at: DateTime | None
    description: str | None
    tags: list[str] | None

    @strawberry.field(description="The job it is part of.")
    async def parent(self, info: Info) -> Job | None:
        return await job_of(info, self.parent_key)

    @strawberry.field
    async def facets(self, info: Info) -> list[Facet]:
        found = await info.context.load(reading.read_facets_of, "job", key=self.key)
        return made_all(Facet, found)

    @strawberry.field
    async def owners(self, info: Info) -> list[Person]:
        return made_all(Person, await info.context.load(reading.read_owners_of, "job", key=self.key))

    @strawberry.field(description="By key.")
    async def inputs(self, info: Info, first: int | None = 20, after: str | None = UNSET) -> IoConnection:
        return await _io_page(info, "job_inputs", self.key, first=first, after=after)

    @strawberry.field(description="By key.")
    async def outputs(self, info: Info, first: int | None = 20, after: str | None = UNSET) -> IoConnection:
        return await _io_page(info, "job_outputs", self.key, first=first, after=after)

    @strawberry.field(description="Newest start first; those that never said when they started last.")
    async def runs(self, info: Info, first: int | None = 20, after: str | None = UNSET) -> RunConnection:
        question = ["runs", self.key]
        start = read_after(after, question, tuple[str | None, str])
        size = rows_asked(info, first)
        found = await reading.read_runs_of(info.context.store, self.key, after=start, limit=size + 1)
        rows, page = cut_page(found, size, lambda one: encode_cursor(question, (one.started_at, one.key)))
        return RunConnection(nodes=made_all(Run, rows), page_info=page)


@strawberry.type(description="One run of a job.")
class Run(Node, OfRuns):
    job_key: Private[str | None]
    parent_key: Private[str | None]
    root_key: Private[str | None]
    state: RunState | None
    started_at: DateTime | None
    ended_at: DateTime | None
    nominal_start: DateTime | None
    nominal_end: DateTime | None
    created_at: DateTime | None
    last_event_at: DateTime | None
    attempts: int | None
    job_clash: list[ID]
    sent_id: str | None = strawberry.field(description="The run id as sent, where it is no UUID.")

    @strawberry.field
    async def job(self, info: Info) -> Job | None:
        return await job_of(info, self.job_key)

    @strawberry.field(description="The run that this one is part of.")
    async def parent(self, info: Info) -> Run | None:
        return await run_of(info, self.parent_key)

    @strawberry.field(description="The outermost run that this one is part of.")
    async def root(self, info: Info) -> Run | None:
        return await run_of(info, self.root_key)

    @strawberry.field
    async def inputs(self, info: Info) -> list[Act]:
        return made_all(Act, await info.context.load(reading.read_acts_of, "run_reads", key=self.key))

    @strawberry.field
    async def outputs(self, info: Info) -> list[Act]:
        return made_all(Act, await info.context.load(reading.read_acts_of, "run_writes", key=self.key))

    @strawberry.field(description="Every START and terminal event, first and last RUNNING.")
    async def transitions(self, info: Info) -> list[Transition]:
        pairs = (await self._texts(info)).get("transitions") or []
        return [Transition(event_type=kind, at=DateTime(at)) for kind, at in pairs]

    @strawberry.field(description="The run's facets, each the newest that was sent.")
    async def facets(self, info: Info) -> Json | None:
        return (await self._texts(info)).get("facets")

    @strawberry.field(description="What was odd in the run's events.")
    async def warnings(self, info: Info) -> Json | None:
        return (await self._texts(info)).get("warnings")

    @strawberry.field(description="Open, but a later run has ended or nothing was heard for 24 hours.")
    async def stale(self, info: Info) -> bool:
        # A minute is fine enough, and the same for all runs of a request, so that they are read together.
        return bool(
            await info.context.load(read_stale, key=self.key, now=info.context.now[:16] + ":00.000000Z")
        )

    @strawberry.field(description="Schemas as this run stated them, of its inputs, then of its outputs.")
    async def schemas(self, info: Info) -> list[StatedSchema]:
        return made_schemas((await self._texts(info)).get("facets"))

    @strawberry.field(description="What it said of the code that it ran.")
    async def code(self, info: Info) -> RunCode | None:
        return made_code((await self._texts(info)).get("facets"))

    @strawberry.field(description="The runs that are part of this one, by key.")
    async def children(self, info: Info, first: int | None = 20, after: str | None = UNSET) -> RunConnection:
        question = ["children", self.key]
        start = read_after(after, question, tuple[str])
        size = rows_asked(info, first)
        from_key = "" if start is None else start[0]
        found = await read_children(info.context.store, self.key, after=from_key, limit=size + 1)
        rows, page = cut_page(found, size, lambda one: encode_cursor(question, (one.key,)))
        return RunConnection(nodes=made_all(Run, rows), page_info=page)

    @strawberry.field(description="Every event of it that was accepted, as it came, by time.")
    async def events(
        self, info: Info, first: int | None = 20, after: str | None = UNSET
    ) -> RunEventConnection:
        asked = RunEventQuestion(run=self.key, first=rows_asked(info, first), after=after or None)
        return await events_of(info.context, asked)

    async def _texts(self, info: Info) -> dict[str, Any]:
        return await info.context.load(reading.read_run_texts, key=self.key) or {}


async def _io_page(
    info: Info, relation: str, key: str, *, first: int | None, after: str | None
) -> IoConnection:
    question = [relation, key]
    start = read_after(after, question, tuple[str])
    size = rows_asked(info, first)
    from_key = "" if start is None else start[0]
    found = await info.context.load(reading.read_io_of, relation, key=key, after=from_key, limit=size + 1)
    rows, page = cut_page(found or [], size, lambda one: encode_cursor(question, (one.key,)))
    of_dataset = relation.startswith("dataset_")
    return IoConnection(
        nodes=[
            Io(
                dataset_key=key if of_dataset else one.key,
                job_key=one.key if of_dataset else key,
                evidence=one.evidence,
                declared=one.declared,
                current=one.current,
            )
            for one in rows
        ],
        page_info=page,
    )


async def dataset_of(info: Info, key: str) -> Dataset:
    """Read the dataset that another node names; nodes never disappear, so it is there."""
    found = await info.context.load(reading.read_datasets, key=key)
    if found is None:
        raise LookupError(key)
    return made(Dataset, found)


async def job_of(info: Info, key: str | None) -> Job | None:
    """Read the job that another node names, if it names one."""
    found = await info.context.load(reading.read_nodes, "job", key=key) if key else None
    return made(Job, found) if isinstance(found, results.Job) else None


async def run_of(info: Info, key: str | None) -> Run | None:
    """Read the run that another node names, if it names one."""
    found = await info.context.load(reading.read_nodes, "run", key=key) if key else None
    return made(Run, found) if isinstance(found, results.Run) else None


KINDS.update({
    results.Dataset: Dataset, results.Field: Field, results.Job: Job, results.Run: Run,
    results.Person: Person, results.Facet: Facet, results.Check: Check,
})  # fmt: skip


def made_node(value: results.Node) -> Node:
    """Make the GraphQL object of any node."""
    node: Node = made_any(value)
    return node
