"""Which states does the catalogue know of a model version, and from which to which may it go?

        ┌──────────────────────────────► RETIRED (from any state)
        │
    REGISTERED ──► VALIDATED ──► APPROVED ──► DEPLOYED
        ▲  │           │            │            │
        │  └───────────┴──► REJECTED ◄───────────┘
        └──────────────────────┘

A state is the newest act. VALIDATED and APPROVED may be said again: by a second pair of eyes, or of a new reason. What is
not drawn here can be forced, with a reason, and is marked for ever (decision 0064).
"""

from __future__ import annotations

from typing import Final

STATES: Final = ("REGISTERED", "VALIDATED", "APPROVED", "DEPLOYED", "RETIRED", "REJECTED")

_AFTER: Final[dict[str | None, tuple[str, ...]]] = {
    None: ("REGISTERED",),
    "REGISTERED": ("VALIDATED", "REJECTED", "RETIRED"),
    "VALIDATED": ("VALIDATED", "APPROVED", "REJECTED", "RETIRED"),
    "APPROVED": ("APPROVED", "DEPLOYED", "REJECTED", "RETIRED"),
    "DEPLOYED": ("REJECTED", "RETIRED"),
    "REJECTED": ("REGISTERED", "RETIRED"),
    "RETIRED": (),
}


def states_after(state: str | None) -> tuple[str, ...]:
    """Give the states that may follow one; None is a version that was never registered here."""
    return _AFTER.get(state, ())
