"""What does a batch write to the graph? Rows per statement, in one order: nodes before edges, keys sorted."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

Row = dict[str, Any]

ORDER: Final = (
    "clear_run", "clear_alias", "clear_parent", "clear_owners", "delete_check",
    "merge_dataset", "merge_dataset_table", "merge_dataset_view", "merge_dataset_file", "merge_dataset_topic",
    "merge_dataset_feature_view", "merge_dataset_feature_service", "merge_dataset_logged_model",
    "merge_dataset_model_version",
    "merge_field", "merge_job", "merge_run", "merge_facet", "merge_check", "merge_person",
    "link_field", "link_job_parent", "link_run_job", "link_run_parent", "link_read", "link_wrote",
    "link_dataset_facet", "link_job_facet", "link_check_run", "link_check_dataset", "link_alias",
    "link_dataset_owner", "link_job_owner",
    "delete_input", "delete_output", "merge_input", "merge_output",
    "delete_feeds", "delete_fed", "delete_feeds_field", "delete_fed_field", "delete_shapes",
    "merge_feeds", "merge_fed", "merge_feeds_field", "merge_fed_field", "merge_shapes",
    "delete_field",
)  # fmt: skip
"""Every statement of `queries/cypher/projection` that takes rows, in the order in which a batch runs them."""


class Rows:
    """The rows of one batch. A later row of the same statement and identity replaces an earlier one."""

    def __init__(self) -> None:
        """Start empty."""
        self._rows: dict[str, dict[str, Row]] = defaultdict(dict)
        self.relabelled: dict[str, str] = {}

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
