"""What is asked in the demo? Questions in a person's words, each with the command that answers it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MODEL: Final = "dataset:mlflow:canoe-demand"
RAW: Final = "dataset:s3://otter-lake:raw/bookings"
LOAN_MODEL: Final = "loan_approval"
BUREAU: Final = "dataset:postgres%3A//core.loans.example%3A5432:core.public.bureau_answers"


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and the words of `headwater` that ask it."""

    words: str
    command: tuple[str, ...]


CANOES: Final = (
    Question("Is everything in the graph?", ("status",)),
    Question("Where does the demand model come from?", ("upstream", MODEL)),
    Question("Which things depend on the raw bookings, two steps down?", ("downstream", RAW, "--depth", "2")),
    Question(
        "What did the model come from on the first of May, before `demand` was renamed?",
        ("upstream", MODEL, "--as-of", "2026-05-01T23:00:00Z", "--depth", "2"),
    ),
    Question("And today?", ("upstream", MODEL, "--depth", "2")),
    Question("A typo: what is near?", ("upstream", "dataset:bigquery:otter.marts.daily_demnad")),
)

LOANS: Final = {
    "produced": Question(
        "Which datasets and features produced this model?", ("provenance", LOAN_MODEL, "--version", "2")
    ),
    "impacted": Question("If the bureau's answers change, which models are hit?", ("downstream", BUREAU)),
    "between": Question(
        "What lies between dataset, feature, experiment, model and deployment?",
        ("ml-paths", "--dataset", BUREAU),
    ),
}
"""The three questions that everything is for; `make story` asks them too."""
