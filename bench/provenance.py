"""How long does it take to ask where a model comes from, and which ways lead over a dataset, an experiment or a model?"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

from bench import learning, targets
from bench.figures import Figure, timed
from bench.learning import Learning
from bench.measure import expect, seconds
from bench.subjects import Subject
from bench.wire import Answer, Connection

_PATHS: Final = "/api/v1/graph/ml_paths"
_PROVENANCE: Final = "/api/v1/graph/provenance"


async def provenance(subject: Subject, size: Learning, *, rounds: int) -> list[Figure]:
    """Ask for the newest versions of random models, and for the first page of ways over each kind of end.

    Each is asked as often before it is measured: engines compile what they run often.
    """
    rng = random.Random(size.seed)
    ends: dict[str, Callable[[], str]] = {
        "dataset": lambda: learning.raw_key(rng.randrange(3 * size.views)),
        "experiment": lambda: learning.experiment_key(rng.randrange(size.experiments)),
        "model": lambda: learning.model_key(rng.randrange(size.experiments)),
    }
    of = f"of {size.experiments * size.runs:,} runs"
    figures = []
    async with Connection(subject.url) as connection:
        models = [ends["model"]() for _ in range(rounds)]
        answers = [await connection.get(_PROVENANCE, model=key) for key in models * 2]
        figures.append(_timed(f"provenance, {of}", answers, targets.PROVENANCE, told="datasets"))
        for end, draw in ends.items():
            keys = [draw() for _ in range(rounds)]
            answers = [await connection.get(_PATHS, **{end: key}) for key in keys * 2]
            figures.append(
                _timed(f"first ways over a random {end}, {of}", answers, targets.ML_PATHS, told="paths")
            )
    return figures


def _timed(what: str, answers: list[Answer], target: targets.Target, *, told: str) -> Figure:
    expect(answers, {200})
    warm = answers[len(answers) // 2 :]
    found = [len(one.json()[told]) for one in warm]
    if not all(found):
        raise RuntimeError(f"{what}: an answer without {told}")
    return timed(what, seconds(warm), target, note=f"{min(found)} to {max(found)} {told}")
