"""What does a kept observation count for? One small number per row, so that it can be asked by index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ingest.derive.observations import Kind
from ingest.derive.sequence import is_write

if TYPE_CHECKING:
    from ingest.derive.observations import Observation

SEEN: Final = 0
"""It counts for OUTPUTS.current, and is no write."""
WRITE: Final = 1
"""It counts for `last_written_at`, `live` and OUTPUTS.current."""
LEFT_OUT: Final = 2
"""Another rule leaves it out for now: a provisional one beside a completed one, a retry, a run that dropped."""
UNDECLARED: Final = 3
"""A declaration that states none: it counts for nothing but the sequence (rule D1)."""


def role_of(observation: Observation, *, given: bool) -> int:
    """Give an observation's role; `given` is what `given_observations` says of it."""
    if not given:
        return LEFT_OUT
    if observation.kind == Kind.DECLARED_NONE:
        return UNDECLARED
    return WRITE if is_write(observation) else SEEN
