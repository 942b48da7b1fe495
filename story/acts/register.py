"""Act 5, the ML engineer: the model becomes a version in MLflow's registry, with an alias for those that serve it.

usage: register.py MODEL_NAME MODEL_ID [ALIAS]; prints the version.
"""

from __future__ import annotations

import sys

import mlflow
from mlflow import MlflowClient


def main(name: str, model_id: str, alias: str = "") -> None:
    """Register, describe, point."""
    client = MlflowClient()
    version = mlflow.register_model(f"models:/{model_id}", name)
    client.update_registered_model(name, description="Says whether a loan will be paid back.")
    client.set_model_version_tag(name, version.version, "team", "risk")
    if alias:
        client.set_registered_model_alias(name, alias, version.version)
    print(version.version)


if __name__ == "__main__":
    main(*sys.argv[1:])
