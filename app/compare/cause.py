"""What may be the reason of a difference? A closed list; whatever is proven by no rule is `unexplained`."""

from __future__ import annotations

from typing import Final, NamedTuple

from app.compare.differences import Difference
from app.compare.facts import Facts, Said
from app.compare.side import Side

EVIDENCE_MAX: Final = 4
UNEXPLAINED: Final = "unexplained"

CAUSES: Final[dict[str, str]] = {
    "parent_in_name": "Marquez files a job with a parent facet under PARENT.JOB.",
    "parent_invented": "Marquez makes a job and a run for a parent facet whose run it has not seen, with the child's "
    "namespace, state and times.",
    "only_named": "Events only name it, in a facet; Marquez makes nothing of such names.",
    "namespace_renamed": "Marquez replaces characters in a namespace by _.",
    "run_id_hashed": "The run's id is no UUID; each side makes another UUID of it.",
    "state_name": "Marquez has no STARTED: a run that began is RUNNING.",
    "no_event_type": "Its events have no eventType; Marquez gives the run no state and does not list it, nor its job.",
    "failed_run_counted": "Marquez shows what a failed or aborted run read and wrote as the job's edges.",
    "arrival_order": "Marquez goes by the order in which events arrived, Headwater by their times.",
    "event_after_end": "An event came after the run had ended, and Marquez calls the run RUNNING again.",
    "start_without_datasets": "An event without datasets took the job's edges away in Marquez, until a run ends.",
    "not_finished": "No run of the job has ended, and Marquez shows no edges before that.",
    "latest_run_only": "Marquez shows the edges of the last run alone; Headwater keeps what was not withdrawn.",
    "no_run": "Only an event without a run says so, and Marquez takes nothing of the kind from those.",
    "declared_kept": "A job event declares it; runs that came after it say otherwise, and Marquez goes by the last one.",
    "column_untyped": "The columns have no type; Marquez stores them anew with each event, and drops their lineage.",
    "column_not_in_schema": "The column is not in the schema of the same event; Marquez drops its lineage.",
    "column_input_unknown": "Marquez knows no such column of a dataset that the same run has read; it drops the lineage.",
    "column_kept": "Marquez never forgets a column edge; Headwater closed it when the job stopped writing it.",
    "column_direction": "Marquez tells the in-edges of column lineage from target to source.",
    "siblings": "Marquez shows jobs that share a dataset with the job, neither upstream nor downstream of it.",
    "symlink_not_merged": "Marquez had seen both names before a symlinks facet joined them, and keeps two datasets.",
    "symlink_merged": "Marquez lists a name that came first in a symlinks facet under the dataset's other name alone.",
    "newer_facet": "A lineage facet says so, which is newer than what Marquez reads.",
    "fields_of_last_write": "Marquez shows the columns of the last completed write, by arrival; Headwater of the newest schema.",
    "refused_there": "Marquez refused the only events that say so.",
    "half_stored": "Marquez refused an event and stored a part of it all the same.",
    "not_forwarded": "The events that say so are accepted and not forwarded yet.",
    "redacted": "Headwater replaced a password in an address.",
}
"""Each cause in a sentence."""


class Cause(NamedTuple):
    """Why a difference is there; `evidence` are the events that prove it, or the rows that do."""

    code: str
    evidence: tuple[str, ...] = ()


class Case(NamedTuple):
    """A difference, and all there is to judge it by."""

    difference: Difference
    ours: Side
    theirs: Side
    facts: Facts


def because(code: str, *events: Said | str | None) -> Cause:
    """Make a cause with its evidence, the first few."""
    told = dict.fromkeys(one.told() if isinstance(one, Said) else one for one in events if one is not None)
    return Cause(code, tuple(told)[:EVIDENCE_MAX])
