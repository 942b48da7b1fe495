"""What is kept of an event? The values that the fold joins and the derivation reads.

Everything here is small, immutable and ordered by (suspect or not, eventTime, canonical hash), so that any two
sets of them join to the same set whatever their order (DESIGN 6).
"""

from __future__ import annotations

from hashlib import blake2b

import msgspec

from ingest.facets.job_type import Processing
from ingest.facets.quality import CheckResult

Sha = bytes
"""Names a body (16 bytes); `DELETED` stands for a tombstone."""

DELETED: Sha = b""

Facets = dict[str, Sha]
"""facet name -> its body; DELETED for a tombstone."""


def sha_of(body: bytes) -> Sha:
    """Name a body by its content."""
    return blake2b(body, digest_size=16).digest()


def order_of(time: str, digest: bytes, *, suspect: bool) -> str:
    """Order events: suspect ones first, then by time, then by hash (rules F1, F2)."""
    return f"{0 if suspect else 1}{time}{digest.hex()}"


def moment_of(order: str) -> str:
    """Cut an order to (suspect or not, time): what `equal at` compares."""
    return order[:28]


def time_of(order: str) -> str:
    """Give the time in an order."""
    return order[1:28]


def hash_of(order: str) -> str:
    """Give the event's canonical hash in an order."""
    return order[28:92]


def is_suspect(order: str) -> bool:
    """Tell whether the order is that of a suspect event."""
    return order[0] == "0"


class Listed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A dataset in a run event's inputs or outputs. `column_lineage` and `lineage` name `Stated` bodies."""

    dataset: str
    facets: Facets
    run_facets: Facets
    column_lineage: Sha | None = None
    lineage: Sha | None = None


class Lifecycle(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A lifecycle change of a dataset's name, as one event states it."""

    dataset: str
    kind: str
    previous: str | None


class Fact(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What one event says of its run."""

    order: str
    type: str | None
    job: str
    processing: Processing | None
    parent: tuple[str | None, str | None] | None
    root: tuple[str | None, str | None] | None
    airflow: bool
    map_index: int | None
    run_facets: Facets
    job_facets: Facets
    inputs: tuple[Listed, ...]
    outputs: tuple[Listed, ...]
    has_lineage: bool
    entries: tuple[tuple[str, Sha], ...]
    lifecycles: tuple[Lifecycle, ...]
    warnings: tuple[tuple[str, str], ...] = ()
    sent_id: str | None = None
    """The run id as sent, where it is no UUID (DESIGN 5)."""
    experiment: str | None = None
    person: str | None = None
    """The experiment it is in, and who the event claims to have started it (rule D6)."""


class Declared(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What one JobEvent declares; None keeps a register, a tuple replaces it.

    An output is (dataset, its columnLineage, its own lineage); entries are the `lineage` facet's.
    """

    order: str
    inputs: tuple[str, ...] | None
    outputs: tuple[tuple[str, Sha | None, Sha | None], ...] | None
    has_lineage: bool
    entries: tuple[tuple[str, Sha], ...]


class Checked(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The check results that one event states of a dataset outside of any run (rule F11)."""

    dataset: str
    order: str
    results: tuple[CheckResult, ...]


class Told(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What one DatasetEvent tells about its dataset's sources and name. DELETED is a tombstone."""

    order: str
    lineage: Sha | None
    column_lineage: Sha | None
    lifecycle: Lifecycle | None
