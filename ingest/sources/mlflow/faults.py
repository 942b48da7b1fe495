"""What went wrong at an MLflow server, and what is to be done about it?"""

from __future__ import annotations

from typing import Final

import httpx

from graph_schema.errors import LineageError
from ingest.sources.faults import SourceRefused, SourceUnavailable

OLDEST: Final = (3, 0)
"""From here on MLflow has logged models."""

_HOST: Final = "Invalid Host header"


def unreachable(error: httpx.HTTPError | httpx.InvalidURL, shown: str, timeout_s: float) -> LineageError:
    """Turn a failure of the network into an error that names the next step."""
    if isinstance(error, (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError)):
        return SourceRefused(
            f"{shown} is no address of a server ({error}); write it as http://HOST:5000", address=shown
        )
    if isinstance(error, httpx.TimeoutException):
        what = f"{shown} did not answer within {timeout_s:g} s"
        return SourceUnavailable(
            f"{what}; it is tried again; raise HEADWATER_MLFLOW_TIMEOUT_S where it is always so slow",
            address=shown,
        )
    said = str(error) or type(error).__name__
    return SourceUnavailable(
        f"{shown} cannot be reached ({said}); start `mlflow server`, or mend the address", address=shown
    )


def refused(answer: httpx.Response, shown: str) -> LineageError:
    """Turn an answer that is none of MLflow's into an error that names the next step."""
    status = answer.status_code
    where = f"{shown}{answer.request.url.path}"
    text = " ".join(answer.text[:300].split())
    if status == httpx.codes.TOO_MANY_REQUESTS or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return SourceUnavailable(f"{where} answers {status}: {text}; it is tried again", address=shown)
    return SourceRefused(_why(answer, shown, where, text), address=shown)


def _why(answer: httpx.Response, shown: str, where: str, text: str) -> str:
    status = answer.status_code
    if status == httpx.codes.FORBIDDEN and _HOST in text:
        host = answer.request.url.netloc.decode()
        step = f"start it with `mlflow server --allowed-hosts {host}`, or call it by a name it allows"
        return f"{shown} refuses the name it is called by ({host}): {step}"
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        step = "give HEADWATER_MLFLOW_USERNAME and HEADWATER_MLFLOW_PASSWORD, or HEADWATER_MLFLOW_TOKEN"
        return f"{shown} does not let this user in ({status}); {step}"
    if answer.is_redirect:
        return f"{shown} leads on to {answer.headers.get('location')}; give the address of MLflow itself"
    if "html" in answer.headers.get("content-type", "") or text.startswith("<"):
        step = "is it another program's address, or does something before MLflow ask for a login?"
        return f"{where} answers a page, not JSON ({status}); {step}"
    if status == httpx.codes.NOT_FOUND:
        return f"{where} is not there; give the address of an MLflow server, 3.0 or newer"
    return f"{where} answers {status}, and not as MLflow does: {text}"


def too_old(version: str, shown: str) -> LineageError:
    """Say that a server is of a version that is not read."""
    return SourceRefused(
        f"{shown} is MLflow {version}, which has no logged models; 3.0 or newer is read", address=shown
    )
