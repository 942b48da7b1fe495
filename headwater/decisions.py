"""What does a server tell of decisions about model versions, and of what it was told of deployments?"""

from __future__ import annotations

import msgspec

from headwater.answers import Completeness, PageInfo
from headwater.receipts import Warned


class EvidenceRef(msgspec.Struct, frozen=True):
    """What a decision rests on: a kind of thing, such as `run` or `report`, and how it is found."""

    kind: str
    ref: str


class CatalogueAct(msgspec.Struct, frozen=True):
    """One decision; `by_evidence` is AUTHENTICATED where the server knew the caller, else CLAIMED.

    `before` is the state that it was taken in, `forced` that it could not follow that state.
    """

    key: str
    run: str
    act: str
    at: str | None
    by: str | None
    by_evidence: str | None
    by_claimed: str | None
    reason: str | None
    evidence: list[EvidenceRef]
    before: str | None
    forced: bool


class CatalogueSays(msgspec.Struct, frozen=True):
    """What was decided: the newest act is the state, None where there is none."""

    state: str | None
    acts: list[CatalogueAct]


class RegistrySays(msgspec.Struct, frozen=True):
    """What the registry that holds the model, such as MLflow's, said last of a version."""

    stage: str | None
    aliases: list[str]
    status: str | None
    description: str | None
    tags: dict[str, str]
    deleted: bool


class CatalogueEntry(msgspec.Struct, frozen=True):
    """A model version, by what the catalogue and by what the registry says; None where the registry never spoke."""

    key: str
    model: str | None
    version: str | None
    catalogue: CatalogueSays
    registry: RegistrySays | None


class Catalogue(msgspec.Struct, frozen=True):
    """One page of a model's versions, newest first."""

    model: str
    namespace: str
    name: str
    versions: list[CatalogueEntry]
    completeness: Completeness
    page_info: PageInfo


class ActDone(msgspec.Struct, frozen=True):
    """An act that is on the server's disk; `position` is what a question gives as `at_least`."""

    position: str
    id: str | None
    duplicate: bool
    act: str
    run: str
    model_version: str
    state: str
    before: str | None
    forced: bool
    by: str
    by_evidence: str
    by_claimed: str | None
    at: str
    entry: CatalogueEntry | None
    warnings: list[Warned]


class DeploymentTold(msgspec.Struct, frozen=True):
    """What was told of a deployment is on the server's disk; `run` is its revision."""

    position: str
    id: str
    duplicate: bool
    event_type: str
    run: str
    job: str
    deployment: str
    at: str
    warnings: list[Warned]
