"""Which run started this one? A scheduler says so in OPENLINEAGE_PARENT_ID: `namespace/job/run id`."""

from __future__ import annotations

import os
from typing import Final
from urllib.parse import unquote

from mlflow.tracking.context.abstract_context import RunContextProvider

VARIABLE: Final = "OPENLINEAGE_PARENT_ID"


class ParentContext(RunContextProvider):  # type: ignore[misc] # MLflow has no types
    """Tags each run with the run that started it."""

    def in_context(self) -> bool:
        return bool(tags_of(os.environ.get(VARIABLE, "")))

    def tags(self) -> dict[str, str]:
        return tags_of(os.environ.get(VARIABLE, ""))


def tags_of(text: str) -> dict[str, str]:
    """Read the variable; a namespace may have slashes of its own, so it is read from its end."""
    parts = text.strip().rsplit("/", 2)
    if len(parts) != 3 or not all(parts):  # noqa: PLR2004 - namespace, job, run
        return {}
    namespace, job, run_id = parts
    return {
        "openlineage.parent.job_namespace": unquote(namespace) if "%" in namespace else namespace,
        "openlineage.parent.job_name": unquote(job),
        "openlineage.parent.run_id": run_id,
    }
