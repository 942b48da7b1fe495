"""How is Headwater told, so that nothing that goes wrong in the telling touches the deployment?"""

from __future__ import annotations

import json
import logging
import os
import re
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

log = logging.getLogger("headwater.deployments")
SECRET = re.compile(r"secret|token|passw|credential|(?:^|[_-])key", re.IGNORECASE)
OPEN = frozenset({"STARTED", "RUNNING"})
REASON_CHARS_MAX = 4_000
_RESERVED = re.compile("[%:#\x00-\x1f\x7f]")
_PASSWORD = re.compile(r"://([^/@:]*):[^/@]*@")


@dataclass
class Telling:
    """What is told to one server of the deployments of one target."""

    server: str
    api_key: str
    target: str
    namespace: str
    environment: str
    timeout_s: float
    position: str = ""
    """Up to where the graph has to be that is asked: it holds what was told before."""

    @classmethod
    def from_environment(cls, target: str) -> Telling:
        """Read how Headwater is reached."""
        env = os.environ
        return cls(
            server=env.get("HEADWATER_SERVER", "http://127.0.0.1:8020").rstrip("/"),
            api_key=env.get("HEADWATER_API_KEY", ""),
            target=target,
            namespace=env.get("HEADWATER_DEPLOYMENTS_NAMESPACE") or _PASSWORD.sub(r"://\1:***@", target),
            environment=env.get("HEADWATER_DEPLOYMENTS_ENVIRONMENT", ""),
            timeout_s=float(env.get("HEADWATER_TIMEOUT_S", "5")),
        )

    def new_revision(self) -> str:
        """Name a rollout that begins now; MLflow's deployments have no revisions of their own."""
        return f"mlflow-{uuid.uuid4()}"

    def requested(self, name: str, served: Mapping[str, Any], said: Mapping[str, Any]) -> str:
        """Tell that a model is to be deployed; give the name of the rollout."""
        revision = self.new_revision()
        platform = re.split(r":/|:", self.target)[0]
        more = {"environment": self.environment} if self.environment else {}
        if served:
            self._tell("requested", name, revision=revision, platform=platform, **more, **served, **said)
        return revision

    def started(self, name: str, revision: str, said: Mapping[str, Any]) -> None:
        """Tell that it serves."""
        self._tell("started", name, revision=revision, **said)

    def changed(self, name: str, run: str, said: Mapping[str, Any]) -> None:
        """Tell that a running revision is set up in another way."""
        self._tell("started", name, run_id=run, **said)

    def withdrawn(self, name: str, run: str) -> None:
        """Tell that a revision serves no longer."""
        self._tell("withdrawn", name, run_id=run)

    @contextmanager
    def failures(self, name: str, revision: str) -> Iterator[None]:
        """Tell what goes wrong within, and let it go on as it was."""
        try:
            yield
        except BaseException as error:
            reason = f"{type(error).__name__}: {error}"[:REASON_CHARS_MAX]
            self._tell("failed", name, revision=revision, reason=reason)
            raise

    def running(self, name: str) -> list[str]:
        """Give the runs of the revisions that serve now, as far as Headwater knows."""
        key = f"job:{_enc(self.namespace)}:{_enc(name)}"
        seen = f"&at_least={self.position}" if self.position else ""
        node = self._call("GET", f"/api/v1/graph/node?key={quote(key, safe='')}&details=true{seen}", None)
        runs = node.get("runs") if node else None
        return [run["name"] for run in runs or () if run.get("state") in OPEN]

    def _tell(self, event: str, name: str, **said: Any) -> None:
        told = {name_: value for name_, value in said.items() if value is not None}
        answer = self._call("POST", "/api/v1/deployments/events", {
            "event": event, "namespace": self.namespace, "name": name, **told,
        })  # fmt: skip
        self.position = str(answer["position"]) if answer and "position" in answer else self.position

    def _call(self, method: str, path: str, body: Any) -> dict[str, Any] | None:
        """Call the server; whatever goes wrong is logged, and that is all."""
        try:
            data = None if body is None else json.dumps(body, default=str).encode()
            headers = {"Content-Type": "application/json"}
            if self.api_key:
                headers["Authorization"] = f"Bearer {self.api_key}"
            request = urllib.request.Request(f"{self.server}{path}", data, headers, method=method)  # noqa: S310
            with urllib.request.urlopen(request, timeout=self.timeout_s) as answer:  # noqa: S310
                told: dict[str, Any] = json.load(answer)
                return told
        except urllib.error.HTTPError as error:
            if error.code != 404 or method != "GET":  # noqa: PLR2004 - of a deployment that nobody told of yet
                log.warning("Headwater took no %s: %s %s", path, error.code, error.read(500))
        except Exception as error:  # noqa: BLE001 - no fault of the telling may break a deployment
            log.warning("Headwater at %s was not told (%s): %r", self.server, path, error)
        return None


def plain_settings(config: Any) -> dict[str, Any] | None:
    """Take from a configuration what can be told: plain values, and no secrets."""
    if not isinstance(config, Mapping):
        return None
    kept = {str(name): value for name, value in config.items() if isinstance(value, str | int | float | bool)}
    return {name: "***" if SECRET.search(name) else value for name, value in kept.items()}


def _enc(part: str) -> str:
    return _RESERVED.sub(lambda found: f"%{ord(found[0]):02X}", part)
