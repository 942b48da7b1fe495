"""Do the two implementations still agree after an hour of random histories?

    python -m tests.laws.fuzz --seconds 60 [--subject mixed] [--seed 0] [--size 12] [--findings 3]

Prints histories on which they differ, made as short as taking events and parts of events away can make them.
"""

from __future__ import annotations

import argparse
import copy
import itertools
import sys
import time
from typing import Any

from ingest.canonical import canonical, digest
from tests.laws.compare import difference, known, told
from tests.laws.histories import SUBJECTS, History, random_history
from tests.laws.naive import naive_export
from tests.laws.naive_events import read_events
from tests.laws.real import real_export


def forms_of(history: History) -> History:
    """Canonical events that count as events; a flag holds for every copy of its event (F1)."""
    forms = [(canonical(body), suspect) for body, suspect in history]
    flagged = {digest(form) for form, suspect in forms if suspect}
    return [(form, digest(form) in flagged) for form, _ in forms if read_events([(form, False)])]


def disagreement(history: History, *, singly: bool) -> str:
    """Compare the two, the real one fed with all events at once or one by one."""
    forms = forms_of(history)
    try:
        found = real_export(forms, [1] * len(forms) if singly else [])
    except Exception as error:  # noqa: BLE001 - whatever it raises is the finding
        return f"the real one raises {type(error).__name__}: {error}"
    return difference(naive_export(forms), known(found), names=("naive", "real"))


def _less(value: Any) -> list[Any]:
    """Everything the value can become by taking one part away."""
    found: list[Any] = []
    if isinstance(value, dict):
        for name, member in value.items():
            found.append({key: body for key, body in value.items() if key != name})
            found += [{**value, name: less} for less in _less(member)]
    elif isinstance(value, list):
        for position, element in enumerate(value):
            found.append(value[:position] + value[position + 1 :])
            found += [[*value[:position], less, *value[position + 1 :]] for less in _less(element)]
    return found


def _envelope(body: dict[str, Any]) -> list[Any]:
    """What shrinking leaves alone, lest one difference become another."""
    run = body.get("run")
    return [body.get("eventTime"), run.get("runId") if isinstance(run, dict) else run]


def shortest(history: History, *, singly: bool) -> History:
    """Take events, then parts of events away while the two still disagree."""
    present = copy.deepcopy(history)
    smaller = True
    while smaller:
        smaller = False
        fewer = [present[:position] + present[position + 1 :] for position in range(len(present))]
        for position, (body, suspect) in enumerate(present):
            kept = [less for less in _less(body) if _envelope(less) == _envelope(body)]
            fewer += [[*present[:position], (less, suspect), *present[position + 1 :]] for less in kept]
        for less in fewer:
            if less and disagreement(less, singly=singly):
                present, smaller = less, True
                break
    return present


def main() -> int:
    """Search until the time is over or enough is found."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--subject", default="")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--size", type=int, default=10)
    options.add_argument("--findings", type=int, default=1)
    given = options.parse_args()
    ends = time.monotonic() + given.seconds
    subjects = [given.subject] if given.subject else [*SUBJECTS, "mixed"]
    tried = findings = 0
    for seed in itertools.count(given.seed):
        for subject, singly in itertools.product(subjects, (False, True)):
            if time.monotonic() > ends or findings >= given.findings:
                sys.stdout.write(f"{findings} differences in {tried} histories\n")
                return 1 if findings else 0
            tried += 1
            history = random_history(seed, subject, given.size)
            if disagreement(history, singly=singly):
                findings += 1
                less = shortest(history, singly=singly)
                how = "one by one" if singly else "all at once"
                said = disagreement(less, singly=singly)
                sys.stdout.write(f"seed {seed} {subject}, {how}\n{said}\nhistory:\n{told(less)}\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
