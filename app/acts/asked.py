"""What may somebody say of a model version or of a deployment, and what is wrong with what was said?

A member that nobody knows is refused: a misspelled `namespace` would otherwise be left out in silence.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec
from msgspec import Meta

from graph_schema.catalogue import STATES
from graph_schema.errors import BadInput
from graph_schema.instants import parse_instant, plus_hours

EVIDENCE_MAX: Final = 100
LISTED_MAX: Final = 1_000
AHEAD_HOURS_MAX: Final = 1
"""How far a told time may lie ahead of our clock: other machines' clocks differ by less."""

Name = Annotated[str, Meta(min_length=1, max_length=2_000)]
Words = Annotated[str, Meta(max_length=10_000)]
Scalar = str | int | float | bool
Change = Literal["requested", "started", "failed", "traffic", "withdrawn"]


class Named(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A dataset by its names."""

    namespace: Name
    name: Name


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an act rests on: the kind of thing, such as `run`, `report` or `ticket`, and how it is found."""

    kind: Name
    ref: Name


class VersionOf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model version: without a namespace the one model that has the name."""

    name: Name
    version: str | int
    namespace: Name | None = None


class ActAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody decides about a model version.

    `id` is the asker's own: sent again, the act is known and kept once. `force` takes what would be refused.
    """

    model: Name
    version: str | int
    namespace: Name | None = None
    state: str | None = None
    by: Name | None = None
    reason: Words | None = None
    evidence: Annotated[list[Evidence], Meta(max_length=EVIDENCE_MAX)] = []
    at: str | None = None
    id: Name | None = None
    force: bool = False


class ParentRun(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The run of the release pipeline that deploys."""

    run_id: Name
    namespace: Name
    name: Name


class DeploymentAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happened to a deployment. What is left out is as it was last told of the same revision.

    `serves` is what is deployed where that is no registered model version, such as a logged model.
    """

    event: Change
    namespace: Name
    name: Name
    revision: str | int | None = None
    run_id: Name | None = None
    model: VersionOf | None = None
    serves: Named | None = None
    environment: Words | None = None
    platform: Words | None = None
    endpoint: Words | None = None
    traffic_percent: Annotated[float, Meta(ge=0, le=100)] | None = None
    requested_alias: Words | None = None
    image: Words | None = None
    configuration: dict[str, Scalar] | None = None
    feature_services: Annotated[list[Named], Meta(max_length=LISTED_MAX)] | None = None
    online_stores: Annotated[list[Named], Meta(max_length=LISTED_MAX)] | None = None
    outputs: Annotated[list[Named], Meta(max_length=LISTED_MAX)] | None = None
    reason: Words | None = None
    by: Name | None = None
    at: str | None = None
    parent: ParentRun | None = None


Asked = TypeVar("Asked", ActAsked, DeploymentAsked)


def read_asked(raw: bytes, kind: type[Asked]) -> Asked:
    """Read a body; raises BadInput that says where it is wrong."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError as error:
        raise _wrong(error) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"the body is no JSON object ({error}); see /openapi.json for its members") from error


def made_asked(told: dict[str, Any], kind: type[Asked]) -> Asked:
    """Make it of plain values; raises BadInput that says where they are wrong."""
    try:
        return msgspec.convert(told, kind)
    except msgspec.ValidationError as error:
        raise _wrong(error) from error


def read_state(text: str | None) -> str:
    """Read the state that is asked for; raises BadInput."""
    state = (text or "").strip().upper()
    if state not in STATES:
        said = f"there is no state {text[:60]!r}" if text else "say which state"
        raise BadInput(f"{said}; there are {', '.join(STATES)}", parameter="state", states=list(STATES))
    return state


def read_at(text: str | None, now: str) -> str | None:
    """Read when something was done, where that was told; raises BadInput."""
    if text is None:
        return None
    try:
        at = parse_instant(text)
    except ValueError as error:
        raise BadInput(f"at: {error}; write it like 2026-05-01T00:00:00Z", parameter="at") from error
    if at > plus_hours(now, AHEAD_HOURS_MAX):
        raise BadInput(f"at lies ahead: here it is {now}; leave it out to mean now", parameter="at", now=now)
    return at


def _wrong(error: msgspec.ValidationError) -> BadInput:
    said, _, place = str(error).partition(" - at ")
    pointer = place.strip("`").removeprefix("$").replace("[", "/").replace("]", "").replace(".", "/")
    where = f" at {pointer}" if pointer else ""
    return BadInput(f"{said}{where}; see /openapi.json for what can be said", pointer=pointer)
