"""How does it become known who created a run or an experiment through the gateway? Its access log is followed.

lines      what a line says, and which event it is         pure
places     how far which file was read, and what comes next
kept       the source's own file: how far it is
follow     read, tell, take note; again and again
"""

from __future__ import annotations

from typing import Final

SOURCE: Final = "gateway"
"""The source of records that came from a gateway's log."""
