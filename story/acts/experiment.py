"""Act 2, the data scientist: an experiment is set up, through the gateway, under the scientist's own name."""

from __future__ import annotations

import mlflow

NAME = "loan_approval"

if __name__ == "__main__":
    experiment = mlflow.create_experiment(
        NAME, tags={"team": "risk", "mlflow.note.content": "May this loan be given?"}
    )
    print(experiment)
