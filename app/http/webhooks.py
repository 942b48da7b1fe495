"""Does MLflow really say that something is new? Then whoever reads it looks now.

A webhook says too little to be an event (no run of a version, no tags set just after) and may be lost or repeated. So it is
only a nudge: what is new is read from MLflow itself. It is believed by its signature, which covers id, time and body; an old
one is refused, and a repeated one makes the poller look once more for nothing.
"""

from __future__ import annotations

import base64
import hmac
import time
from typing import TYPE_CHECKING, Final

from starlette.responses import Response
from starlette.routing import Route

from app.http.body import read_body
from graph_schema.errors import Unauthorized

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from app.context import Context

PATH: Final = "/api/v1/webhooks/mlflow"
BODY_BYTES_MAX: Final = 1024 * 1024
AGE_S_MAX: Final = 300
"""How far the sender's clock and ours may differ, its delivery included."""

VERSION: Final = "v1,"
DIGITS_MAX: Final = 12


async def mlflow(request: Request) -> Response:
    """POST /api/v1/webhooks/mlflow: MLflow says that something in its registry is new."""
    context: Context = request.app.state.context
    secret = context.settings.mlflow_webhook_secret.get_secret_value()
    body = await read_body(request, bytes_max=BODY_BYTES_MAX, receiving=request.app.state.receiving)
    check(request.headers, body, secret=secret, now_s=time.time())
    context.nudge("mlflow")
    return Response("looking\n", media_type="text/plain")


routes: Final = [Route(PATH, mlflow, methods=["POST"])]


def check(headers: Mapping[str, str], body: bytes, *, secret: str, now_s: float) -> None:
    """Raise Unauthorized unless a delivery was signed with the secret, and lately."""
    if not secret:
        raise Unauthorized("no webhook is believed without its secret; set HEADWATER_MLFLOW_WEBHOOK_SECRET")
    delivery, sent, signatures = (
        headers.get(f"x-mlflow-{part}", "") for part in ("delivery-id", "timestamp", "signature")
    )
    signed = f"{delivery}.{sent}.".encode() + body
    wanted = base64.b64encode(hmac.digest(secret.encode(), signed, "sha256"))
    told = [one.removeprefix(VERSION).encode() for one in signatures.split() if one.startswith(VERSION)]
    if not any(hmac.compare_digest(wanted, one) for one in told):
        raise Unauthorized(
            "the webhook's signature is not that of HEADWATER_MLFLOW_WEBHOOK_SECRET; give the webhook the same secret"
        )
    if not sent.isdecimal() or len(sent) > DIGITS_MAX or abs(now_s - int(sent)) > AGE_S_MAX:
        raise Unauthorized(f"the webhook was not sent within {AGE_S_MAX} s; see that both clocks are right")
