"""From a batch of events to the rows that the graph lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ingest import canonical
from ingest.fold import Contribution, contribute
from ingest.openlineage import read_event
from ingest.project.gather import gather
from ingest.project.groups import regroup
from ingest.project.io import derive_io
from ingest.project.jobs import derive_declared, derive_told
from ingest.project.join import join
from ingest.project.kinds import touch_users
from ingest.project.pairs import derive_pairs
from ingest.project.runs import derive_runs
from ingest.project.show import show
from ingest.project.touched import Touched
from ingest.render.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.state import State


class Received(NamedTuple):
    """An event as the journal gives it: its body, canonical hash, and whether it is suspect."""

    body: bytes
    digest: bytes
    suspect: bool


def read_contribution(received: Received) -> Contribution:
    """Read one event and say what it contributes; pure. Raises only for events that the door would refuse."""
    form = canonical.canonical(canonical.parse(received.body), raw=received.body)
    return contribute(read_event(form), received.digest, suspect=received.suspect)


def project_batch(state: State, contributions: Sequence[Contribution]) -> Rows:
    """Join a batch into the state, derive what it touches, and give the rows to write (rule D7).

    Runs inside the state's transaction, which the caller begins and ends.
    """
    touched, rows = Touched(), Rows()
    join(state, gather(contributions), touched)
    regroup(state, touched)
    touch_users(state, touched)
    runs = derive_runs(state, touched)
    derive_declared(state, touched)
    derive_told(state, touched)
    edges = derive_pairs(state, touched)
    io = derive_io(state, touched)
    show(state, touched, rows, runs=runs, edges=edges, io=io)
    return rows
