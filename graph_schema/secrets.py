"""How are passwords kept out of what producers said, where it is told as it came?"""

from __future__ import annotations

import re
from typing import Any, Final

_PASSWORD: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*://[^\s/?#:@]*:)[^\s/?#]*@")
"""As `graph_schema.identity.redact` has it, but wherever it stands in a text: `jdbc:postgresql://u:secret@h`."""


def redacted(value: Any) -> Any:
    """Give a JSON value with the password of every address in it replaced, as names have it."""
    if isinstance(value, str):
        return _PASSWORD.sub(r"\1***@", value)
    if isinstance(value, list):
        return [redacted(one) for one in value]
    if isinstance(value, dict):
        return {name: redacted(one) for name, one in value.items()}
    return value
