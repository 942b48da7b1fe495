"""Do the two implementations still agree after an hour of random histories?

    python -m tests.laws.fuzz --seconds 60 [--subject mixed] [--seed 0] [--size 12]

Prints the first history on which they differ, made as short as taking events away can make it.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import time

from ingest.canonical import canonical
from tests.laws.compare import difference, known, told
from tests.laws.histories import SUBJECTS, History, random_history
from tests.laws.naive import naive_export
from tests.laws.real import real_export


def disagreement(history: History, seed: int) -> str:
    """Compare the two on a history, the real one in an order and in batches drawn from the seed."""
    forms = [(canonical(body), suspect) for body, suspect in history]
    drawn = random.Random(seed)
    other = drawn.sample(forms, len(forms))
    sizes = [drawn.randint(1, 4) for _ in range(drawn.randint(0, len(forms)))]
    try:
        found = real_export(other, sizes)
    except Exception as error:  # noqa: BLE001 - whatever it raises is the finding
        return f"the real one raises {type(error).__name__}: {error}"
    return difference(naive_export(forms), known(found), names=("naive", "real"))


def shortest(history: History, seed: int) -> History:
    """Take single events away while the two still disagree."""
    for position in range(len(history)):
        less = history[:position] + history[position + 1 :]
        if less and disagreement(less, seed):
            return shortest(less, seed)
    return history


def main() -> int:
    """Search until the time is over or something is found."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--subject", default="")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--size", type=int, default=10)
    given = options.parse_args()
    ends = time.monotonic() + given.seconds
    subjects = [given.subject] if given.subject else [*SUBJECTS, "mixed"]
    for seed in itertools.count(given.seed):
        for subject in subjects:
            history = random_history(seed, subject, given.size)
            if disagreement(history, seed):
                less = shortest(history, seed)
                sys.stdout.write(
                    f"seed {seed} {subject}\n{disagreement(less, seed)}\nhistory:\n{told(less)}\n"
                )
                return 1
        if time.monotonic() > ends:
            sys.stdout.write(f"{(seed - given.seed + 1) * len(subjects)} histories agree\n")
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
