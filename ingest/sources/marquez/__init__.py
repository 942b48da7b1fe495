"""How does what Marquez stored come into the journal? By following its table `lineage_events`, or once over its HTTP API.

address    where a Marquez is, and how it is shown          pure
cursor     what is still to be read, and up to where all is   pure
rows       from a row to a record                           pure
reading    the table, by SQL
kept       the follower's own file: how far it is
follow     read, append, take note; again and again
over_http  the same once, where only the API can be reached
faults     what went wrong, and what to do about it
"""

from __future__ import annotations

from typing import Final

SOURCE: Final = "marquez"
"""The source of records that came from a Marquez. They are never forwarded to one."""
