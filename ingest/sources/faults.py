"""What can go wrong with anything that is read beside the door?"""

from __future__ import annotations

from graph_schema.errors import LineageError


class SourceUnavailable(LineageError):
    """What is read from cannot be reached now; it is tried again."""

    code = "SOURCE_UNAVAILABLE"


class SourceRefused(LineageError):
    """What is read from does not let this user in, or does not hold what is to be read."""

    code = "SOURCE_REFUSED"


class ForeignSource(LineageError):
    """What is read from is not what was read before."""

    code = "FOREIGN_SOURCE"


class AlreadyFollowing(LineageError):
    """Another process reads this source into this home."""

    code = "ALREADY_FOLLOWING"
