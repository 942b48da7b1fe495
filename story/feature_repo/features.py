"""What does the bank know of an applicant, and which of it does the model get?

Three files, four views (one computed on demand, one that is pushed to), two services. `feast apply` reads this.
"""

from datetime import timedelta

import pandas as pd
from feast import Entity, FeatureService, FeatureView, Field, FileSource, PushSource, RequestSource, ValueType
from feast.on_demand_feature_view import on_demand_feature_view
from feast.stream_feature_view import stream_feature_view
from feast.types import Float64, Int64, String

RISK = "risk-data@loans.example"

applicant = Entity(
    name="applicant",
    join_keys=["applicant_id"],
    value_type=ValueType.INT64,
    description="A person who asks for a loan.",
    owner=RISK,
)

applicants_file = FileSource(
    name="applicants_file",
    path="data/applicants.parquet",
    timestamp_field="known_at",
    description="What applicants told, by day.",
)
bureau_file = FileSource(
    name="bureau_file",
    path="data/bureau.parquet",
    timestamp_field="known_at",
    description="What the credit bureau answered.",
)
payments_file = FileSource(name="payments_file", path="data/payments.parquet", timestamp_field="known_at")
payments_push = PushSource(name="payments_push", batch_source=payments_file)
loan_request = RequestSource(
    name="loan_request",
    schema=[Field(name="amount", dtype=Float64), Field(name="months", dtype=Int64)],
)

applicant_profile = FeatureView(
    name="applicant_profile",
    entities=[applicant],
    ttl=timedelta(days=365),
    schema=[
        Field(name="applicant_id", dtype=Int64),
        Field(
            name="income", dtype=Float64, description="Net income a month, in euros.", tags={"pii": "true"}
        ),
        Field(name="employed_years", dtype=Float64),
        Field(name="housing", dtype=String),
    ],
    source=applicants_file,
    description="Who the applicant is.",
    owner=RISK,
    tags={"team": "risk"},
)
credit_history = FeatureView(
    name="credit_history",
    entities=[applicant],
    ttl=timedelta(days=365),
    schema=[
        Field(name="credit_score", dtype=Int64),
        Field(name="open_loans", dtype=Int64),
        Field(name="missed_payments", dtype=Int64),
    ],
    source=bureau_file,
    description="How loans were paid back before.",
    owner=RISK,
)


@stream_feature_view(
    entities=[applicant],
    ttl=timedelta(days=30),
    mode="pandas",
    schema=[
        Field(name="applicant_id", dtype=Int64),
        Field(name="paid_30d", dtype=Float64),
        Field(name="late_30d", dtype=Int64),
    ],
    timestamp_field="known_at",
    online=True,
    source=payments_push,
    description="What was paid in the last thirty days; pushed as it happens.",
    owner=RISK,
)
def recent_payments(rows: pd.DataFrame) -> pd.DataFrame:
    """Give them as they came."""
    return rows


@on_demand_feature_view(
    sources=[applicant_profile, loan_request],
    schema=[Field(name="rate_to_income", dtype=Float64), Field(name="amount_to_income", dtype=Float64)],
    mode="pandas",
    description="What the loan would weigh.",
)
def affordability(rows: pd.DataFrame) -> pd.DataFrame:
    """Compare what is asked for with what comes in."""
    found = pd.DataFrame()
    found["rate_to_income"] = rows["amount"] / rows["months"] / rows["income"]
    found["amount_to_income"] = rows["amount"] / rows["income"]
    return found


loan_approval_1 = FeatureService(
    name="loan_approval_1",
    features=[applicant_profile[["income", "employed_years"]], credit_history],
    description="What the first model is trained on.",
    owner="models@loans.example",
)
loan_approval_2 = FeatureService(
    name="loan_approval_2",
    features=[applicant_profile, credit_history, recent_payments, affordability],
    description="What the second model is trained on.",
    owner="models@loans.example",
    tags={"stage": "candidate"},
)
