"""Does the schema still answer every question that it answered when it was released?

The base is `tests/released/schema.graphql`, the schema of the last release: not the last commit, since a break in
two harmless steps is one as well. `make schema-check` lists what a reader of the base could trip over. A break that
is meant goes as one line into `tests/released/breaks.txt`, as it is printed here, with its reason above it as
`# ...`. `make schema-release` makes today's schema the base and empties the list; the changelog has the reasons.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

from graphql import build_schema
from graphql.utilities import find_breaking_changes

from app.graphql.schema import make_schema
from app.settings import Settings
from tests.needs import ROOT

RELEASED: Final = ROOT / "tests" / "released"
BASE: Final = RELEASED / "schema.graphql"
MEANT: Final = RELEASED / "breaks.txt"


def served() -> str:
    """Give the schema that the code makes."""
    return make_schema(Settings()).as_str().rstrip() + "\n"


def breaks(base: str, now: str) -> list[str]:
    """List what breaks readers of `base`, each break in one line."""
    found = find_breaking_changes(build_schema(base), build_schema(now))
    return sorted(f"{one.type.name}: {one.description}" for one in found)


def read_meant(text: str) -> list[tuple[str, str]]:
    """Read the accepted breaks, each with the reason above it; "" where none was given."""
    found, reason = [], ""
    for line in text.splitlines():
        if line.startswith("#"):
            reason = line.lstrip("# ")
        elif line.strip():
            found.append((line.strip(), reason))
            reason = ""
    return found


def complaints(found: Sequence[str], meant: Sequence[tuple[str, str]]) -> list[str]:
    """Say what is wrong: breaks that nobody meant, accepted ones that are none, and those without a reason."""
    accepted = {line for line, _ in meant}
    return [
        *(f"breaks readers: {one}" for one in found if one not in accepted),
        *(f"accepted, but breaks nothing: {line}" for line, _ in meant if line not in found),
        *(f"accepted without a reason: {line}" for line, reason in meant if not reason),
    ]


def release() -> None:
    """Make today's schema the one that later ones are held against."""
    BASE.write_text(served(), "utf-8")
    MEANT.write_text(MEANT.read_text("utf-8").partition("\n\n")[0] + "\n", "utf-8")


def main() -> int:
    if sys.argv[1:] == ["release"]:
        release()
        return 0
    said = complaints(breaks(BASE.read_text("utf-8"), served()), read_meant(MEANT.read_text("utf-8")))
    sys.stdout.write("".join(f"{line}\n" for line in said))
    if said:
        sys.stderr.write(f"a break that is meant goes into {MEANT.relative_to(ROOT)}, as it says there\n")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
