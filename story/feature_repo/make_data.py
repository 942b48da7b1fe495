"""Which files does the feature project read? Generated ones, the same for the same seed: `python make_data.py`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

APPLICANTS = 400
SEED = 7


def write(folder: Path, *, until: datetime) -> None:
    """Write the three files, with rows of the last thirty days."""
    rng = np.random.default_rng(SEED)
    folder.mkdir(parents=True, exist_ok=True)
    ids = np.arange(1, APPLICANTS + 1)
    known_at = [until - timedelta(hours=float(hours)) for hours in rng.uniform(1, 24 * 30, APPLICANTS)]
    known = {"applicant_id": ids, "known_at": pd.to_datetime(known_at, utc=True)}
    income = np.round(rng.lognormal(7.9, 0.4, APPLICANTS), 2)
    missed = rng.poisson(0.7, APPLICANTS)
    pd.DataFrame(
        {
            **known,
            "income": income,
            "employed_years": np.round(rng.gamma(2, 3, APPLICANTS), 1),
            "housing": rng.choice(["rents", "owns", "with family"], APPLICANTS),
        }
    ).to_parquet(folder / "applicants.parquet")
    pd.DataFrame(
        {
            **known,
            "credit_score": np.clip(rng.normal(640, 70, APPLICANTS) - 35 * missed, 300, 850).astype("int64"),
            "open_loans": rng.poisson(1.2, APPLICANTS),
            "missed_payments": missed,
        }
    ).to_parquet(folder / "bureau.parquet")
    pd.DataFrame(
        {
            **known,
            "paid_30d": np.round(income * rng.uniform(0, 0.3, APPLICANTS), 2),
            "late_30d": rng.poisson(0.3, APPLICANTS),
        }
    ).to_parquet(folder / "payments.parquet")


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "data"), until=datetime.now(UTC))
