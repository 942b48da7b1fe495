"""How does what a Feast registry holds come into the journal? By asking its REST server, and telling what changed.

registry   what a registry holds, as its server tells it     pure
places     where a source's data lies outside Feast           pure
written    how a facet and an event are written               pure
things     from what a registry holds to what is told of it   pure
changes    what is to be told now, and with which time         pure
asking     the server, over HTTP
kept       the source's own file: what was told
follow     ask, tell, take note; again and again
faults     what went wrong, and what to do about it

Feast itself is never imported: its server is asked.
"""

from __future__ import annotations

from typing import Final

SOURCE: Final = "feast"
"""The source of records that came from a Feast registry."""
