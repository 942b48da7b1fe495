"""Which loans were paid back? The labels that the models learn from, made of the same generated people.

Paid back or not depends on income, score and missed payments, with some luck; so a model that sees more features does better.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

SEED = 11


def labels(data: str) -> pd.DataFrame:
    """Give one loan of each applicant: who, when, how much, how long, and whether it was paid back."""
    rng = np.random.default_rng(SEED)
    people = pd.read_parquet(f"{data}/applicants.parquet")
    known = people.merge(
        pd.read_parquet(f"{data}/bureau.parquet"), on="applicant_id", suffixes=("", "_bureau")
    )
    known = known.merge(
        pd.read_parquet(f"{data}/payments.parquet"), on="applicant_id", suffixes=("", "_payments")
    )
    amount = np.round(known["income"] * rng.uniform(1, 14, len(known)), 0)
    months = rng.choice([12, 24, 36, 48], len(known))
    burden = amount / months / known["income"]
    logit = (
        0.014 * (known["credit_score"] - 590)
        - 0.9 * known["missed_payments"]
        - 1.1 * known["late_30d"]
        - 5.0 * (burden - 0.25)
        + 0.06 * known["employed_years"]
        + rng.normal(0, 0.4, len(known))
    )
    return pd.DataFrame(
        {
            "applicant_id": known["applicant_id"],
            "event_timestamp": pd.Timestamp.now(tz="UTC"),
            "amount": amount,
            "months": months,
            "repaid": (logit > 0).astype(int),
        }
    )
