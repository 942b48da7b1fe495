"""Act 3, the data scientist: a model is trained on features of the store; MLflow keeps what it was made with.

usage: train.py FEATURE_REPO FEATURE_SERVICE RUN_NAME; prints the id of the logged model.
"""

from __future__ import annotations

import sys

import mlflow
import pandas as pd
from experiment import NAME
from feast import FeatureStore
from labels import labels
from mlflow.models import infer_signature
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, recall_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

SEED = 3
LEFT_OUT = {"applicant_id", "event_timestamp", "repaid", "housing"}
"""What the model does not learn from: who it is and when, what is to be found out, and words."""


def main(repo: str, service: str, run_name: str) -> None:
    """Fetch, split, fit, log."""
    mlflow.set_experiment(NAME)
    store = FeatureStore(repo_path=repo)
    with mlflow.start_run(run_name=run_name):
        loans = labels(f"{repo}/data")
        rows = store.get_historical_features(
            entity_df=loans, features=store.get_feature_service(service)
        ).to_df()
        rows = rows.dropna().reset_index(drop=True)
        columns = [column for column in rows.columns if column not in LEFT_OUT]
        if service == "loan_approval_1":
            columns = [column for column in columns if column not in {"amount", "months"}]
        train, held_out = train_test_split(rows, test_size=0.25, random_state=SEED)
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.5, max_iter=500)).fit(
            train[columns], train["repaid"]
        )
        mlflow.log_params({"C": 0.5, "max_iter": 500, "features": len(columns), "rows": len(train)})
        mlflow.log_metrics(_scores(model, held_out, columns))
        mlflow.log_input(
            mlflow.data.from_pandas(
                train, source=f"{repo}/data/training_{run_name}.parquet", name="training"
            ),
            context="training",
        )
        logged = mlflow.sklearn.log_model(
            model,
            name="model",
            input_example=train[columns].head(3),
            signature=infer_signature(train[columns], model.predict(train[columns])),
        )
    print(logged.model_id)  # last: MLflow says where to look when a run ends


def _scores(model: object, rows: pd.DataFrame, columns: list[str]) -> dict[str, float]:
    guessed = model.predict(rows[columns])
    sure = model.predict_proba(rows[columns])[:, 1]
    truth = rows["repaid"]
    return {
        "accuracy": round(float(accuracy_score(truth, guessed)), 4),
        "recall": round(float(recall_score(truth, guessed)), 4),
        "auc": round(float(roc_auc_score(truth, sure)), 4),
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
