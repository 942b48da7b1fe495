"""What does a deployment through MLflow tell Headwater? Each call is passed on to the wrapped target, and told around it."""

from __future__ import annotations

import logging
from typing import Any

from mlflow.deployments import BaseDeploymentClient, get_deploy_client
from mlflow.deployments import run_local as _run_local

from headwater_mlflow_deployments.served import served_by
from headwater_mlflow_deployments.telling import Telling, plain_settings

log = logging.getLogger("headwater.deployments")
PREFIXES = ("headwater+", "headwater:/")


def wrapped_target(target_uri: str) -> str:
    """Give the address of the target that is wrapped."""
    for prefix in PREFIXES:
        inner = target_uri.removeprefix(prefix)
        if inner not in {target_uri, ""}:
            return inner
    msg = f"{target_uri!r} names no target to wrap; write headwater+TARGET or headwater:/TARGET"
    raise ValueError(msg)


def target_help() -> str:
    """Say how this target is used."""
    return (
        "headwater+TARGET wraps the target TARGET (headwater:/TARGET where that is not found) and tells the Headwater at "
        "HEADWATER_SERVER what is deployed, what fails and what is withdrawn. All options are the wrapped target's."
    )


def run_local(target: str, name: str, model_uri: str, flavor: Any = None, config: Any = None) -> Any:
    """Run a model on this machine by the wrapped target; that is no deployment, and nothing is told."""
    return _run_local(wrapped_target(target), name, model_uri, flavor, config)


class ToldDeploymentClient(BaseDeploymentClient):
    """The wrapped target's client, with Headwater told around what creates, changes and takes away."""

    def __init__(self, target_uri: str) -> None:
        """Make the wrapped client; an address that wraps nothing is refused."""
        super().__init__(target_uri)
        inner = wrapped_target(target_uri)
        self._inner = get_deploy_client(inner)
        self._telling = Telling.from_environment(inner)

    def __getattr__(self, name: str) -> Any:
        """Give what only the wrapped client has."""
        if name == "_inner":
            raise AttributeError(name)
        return getattr(self._inner, name)

    def create_deployment(
        self, name: str, model_uri: str, flavor: Any = None, config: Any = None, endpoint: Any = None
    ) -> Any:
        """Deploy by the wrapped target; a revision is requested, then started or failed."""
        revision = self._telling.requested(name, served_by(model_uri), _said(config, endpoint))
        with self._telling.failures(name, revision):
            made = self._inner.create_deployment(name, model_uri, flavor, config, endpoint)
        self._telling.started(name, revision, _answering(made))
        return made

    def update_deployment(
        self, name: str, model_uri: Any = None, flavor: Any = None, config: Any = None, endpoint: Any = None
    ) -> Any:
        """Change by the wrapped target; with a model a new revision takes over from those that ran."""
        running = self._telling.running(name)
        if model_uri is None:
            with self._telling.failures(name, self._telling.new_revision()):
                made = self._inner.update_deployment(name, model_uri, flavor, config, endpoint)
            for run in running:
                self._telling.changed(name, run, _said(config, endpoint))
            return made
        revision = self._telling.requested(name, served_by(model_uri), _said(config, endpoint))
        with self._telling.failures(name, revision):
            made = self._inner.update_deployment(name, model_uri, flavor, config, endpoint)
        self._telling.started(name, revision, _answering(made))
        for run in running:
            self._telling.withdrawn(name, run)
        return made

    def delete_deployment(self, name: str, config: Any = None, endpoint: Any = None) -> Any:
        """Take away by the wrapped target; what ran is withdrawn."""
        running = self._telling.running(name)
        made = self._inner.delete_deployment(name, config, endpoint)
        for run in running:
            self._telling.withdrawn(name, run)
        return made

    def list_deployments(self, endpoint: Any = None) -> Any:
        return self._inner.list_deployments(endpoint)

    def get_deployment(self, name: str, endpoint: Any = None) -> Any:
        return self._inner.get_deployment(name, endpoint)

    def predict(self, deployment_name: Any = None, inputs: Any = None, endpoint: Any = None) -> Any:
        return self._inner.predict(deployment_name, inputs, endpoint)

    def predict_stream(self, deployment_name: Any = None, inputs: Any = None, endpoint: Any = None) -> Any:
        return self._inner.predict_stream(deployment_name, inputs, endpoint)

    def explain(self, deployment_name: Any = None, df: Any = None, endpoint: Any = None) -> Any:
        return self._inner.explain(deployment_name, df, endpoint)

    def create_endpoint(self, name: str, config: Any = None) -> Any:
        return self._inner.create_endpoint(name, config)

    def update_endpoint(self, endpoint: Any, config: Any = None) -> Any:
        return self._inner.update_endpoint(endpoint, config)

    def delete_endpoint(self, endpoint: Any) -> Any:
        return self._inner.delete_endpoint(endpoint)

    def list_endpoints(self) -> Any:
        return self._inner.list_endpoints()

    def get_endpoint(self, endpoint: Any) -> Any:
        return self._inner.get_endpoint(endpoint)


def _said(config: Any, endpoint: Any) -> dict[str, Any]:
    said: dict[str, Any] = {"configuration": plain_settings(config)}
    if isinstance(endpoint, str) and endpoint:
        said["endpoint"] = endpoint
    return said


def _answering(made: Any) -> dict[str, Any]:
    """Read from what the target answered where the deployment is reached."""
    if not isinstance(made, dict):
        return {}
    found = next((made[name] for name in ("endpoint_url", "url", "uri", "endpoint") if made.get(name)), None)
    return {"endpoint": found} if isinstance(found, str) else {}
