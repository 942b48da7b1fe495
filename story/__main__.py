"""`make story`: six acts on real programs, from raw data to a model that answers, and three questions at the end.

A data engineer (dana), a data scientist (sam) and an ML engineer (maria) work on a bank's loan approval with MLflow, Feast, a
gateway that knows them, and Headwater beside all of it. Nothing of theirs knows Headwater. The answers are compared with
`expected.json`, which was written by hand; the command ends with 1 where they differ.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from story import acting, asking
from story.stage import set_up


def main() -> int:
    """Play, ask, compare."""
    parser = argparse.ArgumentParser(prog="python -m story", description=__doc__)
    parser.add_argument(
        "--record", type=Path, metavar="FILE", help="write all events into a file, for `make demo`"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="headwater-story-") as scratch, set_up(Path(scratch)) as stage:
        acting.play(stage)
        stage.settle()
        found = asking.ask(stage.headwater)
        if given.record is not None:
            asking.record(stage.headwater, given.record, stage.stand_ins())
    return asking.judge(found)


if __name__ == "__main__":
    sys.exit(main())
