"""How does a script decide about model versions, tell of deployments, and ask where versions come from?"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, Protocol, TypedDict, TypeVar, Unpack

import msgspec

from headwater.decisions import ActDone, Catalogue, CatalogueEntry, DeploymentTold
from headwater.pages import Paged, Pages
from headwater.provenances import MlPath, MlPaths, ModelComparison, ModelDifference, Provenance
from headwater.writing import json_of, written

Page = TypeVar("Page", bound=Paged)
Row = TypeVar("Row")
Sent = TypeVar("Sent")
Time = str | datetime
State = Literal["REGISTERED", "VALIDATED", "APPROVED", "DEPLOYED", "RETIRED", "REJECTED"]
Change = Literal["requested", "started", "failed", "traffic", "withdrawn"]
Named = Mapping[str, str]


class Deciding(TypedDict, total=False):
    """Of a decision: the model's namespace, who and why, what it rests on, and when, if not now.

    `evidence` are (kind, reference). `id` is yours: the same act sent again is done once. `force` takes what would be refused.
    """

    namespace: str | None
    by: str | None
    reason: str | None
    evidence: Iterable[tuple[str, str]]
    at: Time | None
    id: str | None
    force: bool


class Deploying(TypedDict, total=False):
    """Of a deployment: its revision or run, what it serves, and how. docs/api.md tells each member."""

    revision: str | None
    run_id: str | None
    model: Mapping[str, Any] | None
    serves: Named | None
    environment: str | None
    platform: str | None
    endpoint: str | None
    traffic_percent: float | None
    requested_alias: str | None
    image: str | None
    configuration: Mapping[str, Any] | None
    feature_services: Sequence[Named] | None
    online_stores: Sequence[Named] | None
    outputs: Sequence[Named] | None
    reason: str | None
    by: str | None
    at: Time | None
    parent: Mapping[str, str] | None


class Wire(Protocol):
    """What the calls about models need of a connection."""

    def _post(self, path: str, raw: bytes, made: Callable[[Any], Sent]) -> Sent: ...

    def _get(self, path: str, asked: Mapping[str, Any], made: Callable[[Any], Sent]) -> Sent: ...

    def _pages(
        self,
        question: str,
        asked: Mapping[str, Any],
        made: Callable[[Any], Page],
        rows: Callable[[Page], Sequence[Row]],
        *,
        of_whole: bool = False,
    ) -> Pages[Page, Row]: ...


class Models:
    """The calls about models; a part of `Headwater`."""

    def register_model_version(
        self: Wire, model: str, version: str | int, **how: Unpack[Deciding]
    ) -> ActDone:
        """Take a model version into the catalogue; raises ImpossibleAct where it is there already."""
        said = _decision({"model": model, "version": version}, how)
        return self._post("/api/v1/catalogue/register", said, lambda sent: msgspec.convert(sent, ActDone))

    def set_model_state(
        self: Wire, model: str, version: str | int, state: State, **how: Unpack[Deciding]
    ) -> ActDone:
        """Say that a version is in another state; raises ImpossibleAct with `values["allowed"]`, or IdTaken."""
        said = _decision({"model": model, "version": version, "state": state}, how)
        return self._post("/api/v1/catalogue/state", said, lambda sent: msgspec.convert(sent, ActDone))

    def catalogue(
        self: Wire,
        model: str,
        *,
        version: str | None = None,
        namespace: str | None = None,
        rows_per_page: int = 100,
        at_least: str | None = None,
        known_at: Time | None = None,
    ) -> Pages[Catalogue, CatalogueEntry]:
        """Say what was decided about a model's versions, newest first, and what its registry says of them."""
        asked = {
            "model": model, "version": version, "namespace": namespace, "limit": rows_per_page, "at_least": at_least,
            "known_at": known_at,
        }  # fmt: skip
        return self._pages(
            "/api/v1/catalogue",
            asked,
            lambda sent: msgspec.convert(sent, Catalogue),
            lambda page: page.versions,
        )

    def tell_deployment(
        self: Wire, event: Change, namespace: str, name: str, **how: Unpack[Deploying]
    ) -> DeploymentTold:
        """Tell what happened to a deployment; what is left out is as it was last told of the same revision."""
        at = how.get("at") or datetime.now(UTC)  # so that what is sent again is the same event
        said = {**how, "event": event, "namespace": namespace, "name": name, "at": written(at)}
        raw = json_of({member: value for member, value in said.items() if value is not None})
        return self._post(
            "/api/v1/deployments/events", raw, lambda sent: msgspec.convert(sent, DeploymentTold)
        )

    def provenance(
        self: Wire,
        model: str,
        version: str | None = None,
        *,
        namespace: str | None = None,
        as_of: Time | None = None,
        at_least: str | None = None,
        known_at: Time | None = None,
    ) -> Provenance:
        """Say how a version came to be, as things stood when it was made; the newest where none is named."""
        asked = {
            "model": model, "version": version, "namespace": namespace, "as_of": as_of, "at_least": at_least,
            "known_at": known_at,
        }  # fmt: skip
        return self._get("/api/v1/graph/provenance", asked, lambda sent: msgspec.convert(sent, Provenance))

    def ml_paths(
        self: Wire,
        *,
        dataset: str | None = None,
        feature: str | None = None,
        experiment: str | None = None,
        model: str | None = None,
        rows_per_page: int = 500,
        at_least: str | None = None,
        known_at: Time | None = None,
    ) -> Pages[MlPaths, MlPath]:
        """Say which ways lead from data over features and runs to versions and deployments; one end at least is given."""
        asked = {
            "dataset": dataset, "feature": feature, "experiment": experiment, "model": model, "limit": rows_per_page,
            "at_least": at_least, "known_at": known_at,
        }  # fmt: skip
        return self._pages(
            "ml_paths", asked, lambda sent: msgspec.convert(sent, MlPaths), lambda page: page.paths
        )

    def compare_models(
        self: Wire,
        a: str,
        b: str | None = None,
        *,
        a_version: str | None = None,
        b_version: str | None = None,
        namespace: str | None = None,
        as_of: Time | None = None,
        rows_per_page: int = 500,
        at_least: str | None = None,
        known_at: Time | None = None,
    ) -> Pages[ModelComparison, ModelDifference]:
        """Say what differs between two versions; without `b` between two versions of `a`."""
        asked = {
            "a": a, "b": b, "a_version": a_version, "b_version": b_version, "namespace": namespace, "as_of": as_of,
            "limit": rows_per_page, "at_least": at_least, "known_at": known_at,
        }  # fmt: skip
        return self._pages(
            "compare_models",
            asked,
            lambda sent: msgspec.convert(sent, ModelComparison),
            lambda page: page.differences,
            of_whole=True,
        )


def _decision(of: Mapping[str, Any], how: Deciding) -> bytes:
    evidence = [{"kind": kind, "ref": ref} for kind, ref in how.get("evidence") or ()]
    own_id = how.get("id") or str(uuid.uuid4())  # so that an act that is sent again is done once
    said = {**of, **how, "evidence": evidence, "at": written(how.get("at")), "id": own_id}
    return json_of({member: value for member, value in said.items() if value is not None})
