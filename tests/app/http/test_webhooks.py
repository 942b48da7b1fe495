"""Is a webhook believed by its signature alone, and does it do nothing but make somebody look?"""

from __future__ import annotations

import base64
import hmac
import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from ingest.standing import nudge, nudged_at
from tests.app.http.serving import serving

PATH = "/api/v1/webhooks/mlflow"
SECRET = "s3cret"
BODY = b'{"entity": "model_version", "action": "created", "data": {"name": "loan", "version": "1", "run_id": null}}'


def signed(body: bytes = BODY, *, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    """The headers of a delivery, as MLflow writes them."""
    sent = str(int(time.time() if at is None else at))
    mark = base64.b64encode(hmac.digest(secret.encode(), f"d1.{sent}.".encode() + body, "sha256")).decode()
    return {
        "X-MLflow-Delivery-Id": "d1",
        "X-MLflow-Timestamp": sent,
        "X-MLflow-Signature": f"v1,{mark}",
    }


def test_a_signed_webhook_makes_the_poller_look(tmp_path: Path) -> None:
    """Without an API key, and as often as it comes: a repeated one is harmless, and nothing is in the journal by it."""
    with serving(tmp_path, mlflow_webhook_secret=SecretStr(SECRET), api_keys=SecretStr("k")) as served:
        object.__setattr__(served.context, "nudge", lambda name: nudge(tmp_path, name))
        before = nudged_at(tmp_path, "mlflow")
        headers = signed()
        for _ in range(2):
            answer = served.client.post(PATH, content=BODY, headers=headers)
            assert (answer.status_code, answer.text) == (200, "looking\n")
            assert nudged_at(tmp_path, "mlflow") > before
            before = nudged_at(tmp_path, "mlflow")
        assert served.journal.end() == 0


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ({}, "signature"),
        (signed(secret="other"), "signature"),
        (signed(BODY + b" "), "signature"),
        ({**signed(), "X-MLflow-Timestamp": "1"}, "signature"),
        (signed(at=1_700_000_000), "not sent within"),
        (signed(at=4_000_000_000), "not sent within"),
    ],
)
def test_any_other_is_refused(tmp_path: Path, headers: dict[str, str], says: str) -> None:
    """No signature, another secret, another body, another time than was signed, an old one: 401, and nobody looks."""
    with serving(tmp_path, mlflow_webhook_secret=SecretStr(SECRET)) as served:
        answer = served.client.post(PATH, content=BODY, headers=headers)
        told: dict[str, Any] = answer.json()
        assert (answer.status_code, told["code"]) == (401, "UNAUTHORIZED")
        assert says in told["message"]
        assert SECRET not in answer.text


def test_without_a_secret_none_is_believed(tmp_path: Path) -> None:
    """Also one that was signed with nothing; the answer names the setting."""
    with serving(tmp_path) as served:
        answer = served.client.post(PATH, content=BODY, headers=signed(secret=""))
        assert answer.status_code == 401
        assert "HEADWATER_MLFLOW_WEBHOOK_SECRET" in answer.json()["message"]
