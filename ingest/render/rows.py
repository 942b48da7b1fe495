"""What does a batch write to the graph? Rows per statement, in one order: nodes before edges, keys sorted."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

Row = dict[str, Any]

_KINDS: Final = (
    "table",
    "view",
    "file",
    "topic",
    "feature_view",
    "feature_service",
    "logged_model",
    "model_version",
)
_EDGES: Final = ("input", "output", "feeds", "fed", "feeds_field", "fed_field", "shapes")

_SERVED: Final = ("feeds", "fed")
"""The edges that may end at a deployment."""

ORDER: Final = (
    "clear_run", "clear_alias", "clear_parent", "clear_dataset_owners", "clear_job_owners", "delete_check",
    "clear_model", "clear_approval",
    *(f"create_dataset_{kind}" for kind in _KINDS),
    *(f"label_dataset_{kind}" for kind in _KINDS),
    "merge_dataset", "merge_field", "merge_job", "merge_run", "merge_facet", "merge_check", "merge_person",
    "merge_experiment", "merge_model", "merge_deployment", "merge_approval",
    "link_field", "link_job_parent", "link_run_job", "link_run_parent", "link_read", "link_wrote",
    "link_dataset_facet", "link_job_facet", "link_check_run", "link_check_dataset", "link_alias",
    "link_dataset_owner", "link_job_owner",
    "link_run_experiment", "link_dataset_model", "link_run_feature", "link_run_starter", "link_experiment_starter",
    "link_approval_dataset", "link_approval_person",
    *(f"delete_{edge}" for edge in _EDGES),
    *(f"merge_{edge}" for edge in _EDGES),
    *(f"merge_{edge}_wide" for edge in _EDGES[2:]),
    *(f"{verb}_{edge}_deployment" for verb in ("delete", "merge") for edge in _SERVED),
    "delete_field", "delete_deployment",
)  # fmt: skip
"""Every statement of `queries/cypher/projection` that takes rows, in the order in which a batch runs them."""


NODES: Final = {
    "merge_dataset": "Dataset", "merge_field": "Field", "merge_job": "Job", "merge_run": "Run",
    "merge_facet": "Facet", "merge_check": "Check", "merge_person": "Person",
    "merge_experiment": "Experiment", "merge_model": "Model", "merge_deployment": "Deployment",
    "merge_approval": "Approval",
}  # fmt: skip
"""The statements that write a node each, with its label."""

EDGES: Final = {
    "link_field": ("HAS_FIELD", "dataset", "key"),
    "link_job_parent": ("PART_OF", "key", "parent"),
    "link_run_job": ("RUN_OF", "key", "job"),
    "link_run_parent": ("CHILD_OF", "key", "parent"),
    "link_read": ("READ", "run", "dataset"),
    "link_wrote": ("WROTE", "run", "dataset"),
    "link_dataset_facet": ("HAS_FACET", "entity", "key"),
    "link_job_facet": ("HAS_FACET", "entity", "key"),
    "link_check_run": ("CHECKED", "run", "key"),
    "link_check_dataset": ("CHECK_OF", "key", "dataset"),
    "link_alias": ("ALIAS_OF", "key", "canonical"),
    "link_dataset_owner": ("OWNED_BY", "key", "person"),
    "link_job_owner": ("OWNED_BY", "key", "person"),
    "link_run_experiment": ("IN_EXPERIMENT", "run", "experiment"),
    "link_dataset_model": ("VERSION_OF", "key", "model"),
    "link_run_feature": ("USED_FEATURE", "run", "field"),
    "link_run_starter": ("STARTED_BY", "key", "person"),
    "link_experiment_starter": ("STARTED_BY", "key", "person"),
    "link_approval_dataset": ("APPROVES", "key", "dataset"),
    "link_approval_person": ("DECIDED_BY", "key", "person"),
    "merge_input": ("INPUT_TO", "dataset", "job"),
    "merge_output": ("OUTPUTS", "job", "dataset"),
    **{
        f"merge_{edge}{side}": (edge.upper(), "source", "target")
        for edge in _EDGES[2:]
        for side in ("", "_wide")
    },
    **{f"merge_{edge}_deployment": (edge.upper(), "source", "target") for edge in _SERVED},
}
"""The statements that write an edge each: its type, and which of a row's members name its ends.

A law (L4) holds this against the statements themselves: a rebuilt graph is the projected one.
"""


class Rows:
    """The rows of one batch. A later row of the same statement and identity replaces an earlier one.

    `stripped` are datasets whose kind changed: they lose their kind's label in a transaction before the batch's.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._rows: dict[str, dict[str, Row]] = defaultdict(dict)
        self.stripped: set[str] = set()

    def add(self, statement: str, identity: str, row: Row) -> None:
        """Add a row under its identity."""
        self._rows[statement][identity] = row

    def ordered(self) -> list[tuple[str, list[Row]]]:
        """Give (statement, rows sorted by identity), in the order of `ORDER`."""
        return [
            (name, [rows[identity] for identity in sorted(rows)])
            for name in ORDER
            if (rows := self._rows.get(name))
        ]

    def count(self) -> int:
        """Count the rows."""
        return sum(len(rows) for rows in self._rows.values())
