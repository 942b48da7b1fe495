"""How is JSON shown to a person? What fits on a line stands on a line."""

from __future__ import annotations

import json
from typing import Any, Final

WIDTH: Final = 100


def pretty(value: Any, *, margin: int = 0) -> str:
    """Render JSON; whatever is short enough for its margin is not broken."""
    line = json.dumps(value, ensure_ascii=False)
    if len(line) + margin <= WIDTH or not isinstance(value, dict | list) or not value:
        return line
    pad = " " * (margin + 2)
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {pretty(part, margin=margin + 2)}" for key, part in value.items()]
        opening, closing = "{}"
    else:
        parts = [pretty(part, margin=margin + 2) for part in value]
        opening, closing = "[]"
    return opening + ",".join(f"\n{pad}{part}" for part in parts) + f"\n{' ' * margin}{closing}"
