"""How does a job process: batch, streaming or as a service, and do its events stand alone (rule D1)?"""

from __future__ import annotations

from typing import Any, Final

BATCH: Final = "BATCH"
STREAMING: Final = "STREAMING"
SERVICE: Final = "SERVICE"

Processing = tuple[str, bool]
"""processing type, and whether each event is a complete snapshot."""

UNSTATED: Final[Processing] = (BATCH, False)


def read(body: dict[str, Any]) -> Processing:
    """Read a jobType facet; an unknown or missing processingType is BATCH."""
    stated = body.get("processingType")
    kind = stated if isinstance(stated, str) else ""
    pattern = body.get("emissionPattern")
    mode = pattern.get("eventContentMode") if isinstance(pattern, dict) else None
    return kind if kind in {STREAMING, SERVICE} else BATCH, mode == "COMPLETE_SNAPSHOT"
