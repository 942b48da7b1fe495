"""A real Envoy on loopback, by deploy/envoy/envoy.yaml itself: only places and the limit's numbers are mapped."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from app.demo.scratch import free_port
from tests.needs import ROOT, need

CONFIG: Final = ROOT / "deploy" / "envoy" / "envoy.yaml"
BINARY: Final = ROOT / ".workflow-venv" / "bin" / "envoy"
KEY: Final = "the-gateways-own-key"
ISSUER: Final = "https://login.example"
LIMIT: Final = "{max_tokens: 200, tokens_per_fill: 100, fill_interval: 1s}"
PATIENCE_S: Final = 30.0


def need_envoy() -> None:
    """Leave a test out, loudly, where Envoy is not here."""
    need("Envoy", here=BINARY.exists(), get_it="run `make workflow`")


@dataclass(frozen=True, slots=True)
class Gateway:
    """A running gateway: its two addresses, its log, and the key that its tokens are signed with."""

    mlflow: str
    headwater: str
    admin: str
    log: Path
    key: Any = field(repr=False)

    def token(self, **claims: Any) -> str:
        """Sign a token; a claim that is None is left out."""
        said = {"iss": ISSUER, "aud": "headwater", "sub": "u1", "email": "ada@loans.example", **claims}
        said.setdefault("exp", int(time.time()) + 3600)
        known = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(known, self.key, "RS256", headers={"kid": "one"})

    def client(self, **claims: Any) -> httpx.Client:
        """Make a client that shows a token."""
        return httpx.Client(headers={"Authorization": f"Bearer {self.token(**claims)}"}, timeout=30)

    def lines(self, count: int) -> list[dict[str, Any]]:
        """Give the log's lines, once there are so many."""
        end = time.monotonic() + PATIENCE_S
        while len(found := self.log.read_bytes().splitlines()) < count:
            assert time.monotonic() < end, found
            time.sleep(0.05)
        return [json.loads(one) for one in found]


def mapped(text: str, places: dict[str, str]) -> str:
    """Put places of this machine into the configuration; each has to stand there once."""
    for there, here in places.items():
        assert text.count(there) == 1, there
        text = text.replace(there, here)
    return text


@contextmanager
def gateway(folder: Path, *, mlflow: str, headwater: str, limit: str = LIMIT) -> Iterator[Gateway]:
    """Run Envoy in front of two servers until the block ends."""
    need_envoy()
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    (folder / "jwks.json").write_text(json.dumps({"keys": [{**public, "kid": "one", "alg": "RS256"}]}))
    log, ports = folder / "access.log", [free_port() for _ in range(3)]
    behind = {name: url.rpartition(":")[2] for name, url in (("mlflow", mlflow), ("headwater", headwater))}
    config = mapped(
        CONFIG.read_text(),
        {
            "/etc/envoy/jwks.json": str(folder / "jwks.json"),
            "/var/log/envoy/access.log": str(log),
            "{address: 0.0.0.0, port_value: 5001}": f"{{address: 127.0.0.1, port_value: {ports[0]}}}",
            "{address: 0.0.0.0, port_value: 8021}": f"{{address: 127.0.0.1, port_value: {ports[1]}}}",
            "{address: 127.0.0.1, port_value: 9901}": f"{{address: 127.0.0.1, port_value: {ports[2]}}}",
            "{address: mlflow, port_value: 5000}": f"{{address: 127.0.0.1, port_value: {behind['mlflow']}}}",
            "{address: headwater-serve, port_value: 8020}": (
                f"{{address: 127.0.0.1, port_value: {behind['headwater']}}}"
            ),
            LIMIT: limit,
        },
    )
    (folder / "envoy.yaml").write_text(config)
    command = [str(BINARY), "-c", str(folder / "envoy.yaml"), "--concurrency", "1", "--log-level", "warning"]
    with (folder / "envoy.log").open("wb") as output:
        process = subprocess.Popen(
            [*command, "--file-flush-interval-msec", "100", "--use-dynamic-base-id"],
            stdout=output, stderr=output, env={**os.environ, "HEADWATER_GATEWAY_KEY": KEY},
        )  # fmt: skip
    try:
        mlflow, headwater, admin = (f"http://127.0.0.1:{port}" for port in ports)
        found = Gateway(mlflow, headwater, admin, log, key)
        _wait(found, process, folder / "envoy.log")
        yield found
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _wait(found: Gateway, process: subprocess.Popen[bytes], said: Path) -> None:
    end = time.monotonic() + PATIENCE_S
    while True:
        assert process.poll() is None, said.read_text()
        try:
            if httpx.get(f"{found.admin}/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < end, said.read_text()
        time.sleep(0.05)
