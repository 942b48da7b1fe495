"""Act 4, the ML engineer: is the model good enough? Evaluated on loans that it has not seen, against what the bank asks for.

usage: validate.py FEATURE_REPO FEATURE_SERVICE MODEL_ID; ends with 1, and its run FAILED, when the model is not good enough.
"""

from __future__ import annotations

import sys

import mlflow
import numpy as np
from experiment import NAME
from feast import FeatureStore
from labels import labels

ASKED_FOR = {"accuracy_score": 0.9, "recall_score": 0.85}
"""What the bank asks of a model, at least."""


class NotGoodEnough(Exception):
    """A model does less than is asked for."""


def main(repo: str, service: str, model_id: str) -> None:
    """Evaluate; a run that ends with an error is FAILED."""
    mlflow.set_experiment(NAME)
    store = FeatureStore(repo_path=repo)
    loans = labels(f"{repo}/data")
    rows = store.get_historical_features(entity_df=loans, features=store.get_feature_service(service)).to_df()
    model = mlflow.sklearn.load_model(f"models:/{model_id}")
    columns = [column for column in rows.columns if column in set(model.feature_names_in_)]
    unseen = rows.dropna().sample(frac=0.3, random_state=np.random.RandomState(5)).reset_index(drop=True)
    with mlflow.start_run(run_name=f"validate {model_id[:10]}"):
        mlflow.log_input(
            mlflow.data.from_pandas(unseen, source=f"{repo}/data/holdout.parquet", name="holdout"),
            context="validation",
        )
        found = mlflow.models.evaluate(
            f"models:/{model_id}",
            unseen[[*columns, "repaid"]],
            targets="repaid",
            model_type="classifier",
            evaluator_config={"log_model_explainability": False, "log_explainer": False},
        ).metrics
        lacking = {name: (found[name], least) for name, least in ASKED_FOR.items() if found[name] < least}
        for name, least in ASKED_FOR.items():
            mlflow.log_metric(f"asked_{name}", least)
        if lacking:
            raise NotGoodEnough(
                ", ".join(f"{name} is {has:.3f}, asked for {least}" for name, (has, least) in lacking.items())
            )


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
        print("good enough")
    except NotGoodEnough as error:
        print(f"not good enough: {error}")
        sys.exit(1)
