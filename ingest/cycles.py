"""How often does a process look for objects that only refer to each other?

What is read and derived here has no cycles, and is freed as soon as nobody refers to it. Looking for cycles after every
700 objects, as Python does by itself, took two fifths of the time of reading an event.
"""

from __future__ import annotations

import gc
from typing import Final

_NEW_OBJECTS_MAX: Final = 50_000
"""Some 10 MB: what cycles there are (exceptions, connections) is still found soon enough."""


def look_seldom() -> None:
    """Look for cycles seldom from now on, and never again among what start-up made."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS_MAX, 20, 20)
