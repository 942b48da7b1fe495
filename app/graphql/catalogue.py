"""How is told in GraphQL what the catalogue says of model versions, and what their registry says?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry
from strawberry import ID

from app.graphql.completeness import Completeness, made_completeness
from app.graphql.making import made, made_all
from app.graphql.paging import PageInfo
from app.graphql.scalars import DateTime, Json

if TYPE_CHECKING:
    from queries import catalogue as reading


@strawberry.type(description="What a decision rests on: a kind of thing, and how it is found.")
class EvidenceRef:
    kind: str
    ref: str


@strawberry.type(
    description="One decision about a model version. byEvidence: AUTHENTICATED where the server knew the caller, CLAIMED "
    "where the request only said so; byClaimed: the name that the request gave, where the caller was another. before: the "
    "state it was decided in; forced: it could not follow that state."
)
class CatalogueAct:
    key: ID
    run: ID
    act: str
    at: DateTime | None
    by: str | None
    by_evidence: str | None
    by_claimed: str | None
    reason: str | None
    evidence: list[EvidenceRef]
    before: str | None
    forced: bool


@strawberry.type(description="What was decided here: the newest act is the state; null where there is none.")
class CatalogueSays:
    state: str | None
    acts: list[CatalogueAct]


@strawberry.type(
    description="What the registry that holds the model, such as MLflow's, said last of a version."
)
class RegistrySays:
    stage: str | None
    aliases: list[str]
    status: str | None
    description: str | None
    tags: Json
    deleted: bool


@strawberry.type(description="A model version, by what the catalogue and by what the registry says.")
class CatalogueEntry:
    key: ID
    model: ID | None
    version: str | None
    catalogue: CatalogueSays
    registry: RegistrySays | None


@strawberry.type(description="One page of a model's versions, newest first.")
class Catalogue:
    model: ID
    namespace: str
    name: str
    versions: list[CatalogueEntry]
    completeness: Completeness
    page_info: PageInfo


def made_catalogue(answer: reading.Catalogue) -> Catalogue:
    """Make the GraphQL object."""
    return Catalogue(
        model=ID(answer.model),
        namespace=answer.namespace,
        name=answer.name,
        versions=[made_entry(entry) for entry in answer.versions],
        completeness=made_completeness(answer.completeness),
        page_info=made(PageInfo, answer.page_info),
    )


def made_entry(entry: reading.CatalogueEntry) -> CatalogueEntry:
    """Make the GraphQL object of a version."""
    return CatalogueEntry(
        key=ID(entry.key),
        model=ID(entry.model) if entry.model else None,
        version=entry.version,
        catalogue=CatalogueSays(
            state=entry.catalogue.state, acts=[made_act(act) for act in entry.catalogue.acts]
        ),
        registry=None if entry.registry is None else made(RegistrySays, entry.registry),
    )


def made_act(act: reading.CatalogueAct) -> CatalogueAct:
    """Make the GraphQL object of an act."""
    return CatalogueAct(
        key=ID(act.key),
        run=ID(act.run),
        act=act.act,
        at=DateTime(act.at) if act.at else None,
        by=act.by,
        by_evidence=act.by_evidence,
        by_claimed=act.by_claimed,
        reason=act.reason,
        evidence=made_all(EvidenceRef, act.evidence),
        before=act.before,
        forced=act.forced,
    )
