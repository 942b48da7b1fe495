"""What went wrong at a Feast registry, and what is to be done about it?"""

from __future__ import annotations

from typing import Final

import httpx

from graph_schema.errors import LineageError
from ingest.sources.faults import SourceRefused, SourceUnavailable

SERVE: Final = "feast serve_registry --rest-api"
TOKEN: Final = "HEADWATER_FEAST_TOKEN"  # noqa: S105 - the name of a setting
SAID_CHARS: Final = 200


def of_transport(error: httpx.HTTPError, shown: str) -> LineageError:
    """Turn what the client says into an error that names the next step."""
    said = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, httpx.UnsupportedProtocol):
        return SourceRefused(f"{shown} is no address ({said}); write it as http://HOST:6572", address=shown)
    if isinstance(error, httpx.TimeoutException):
        step = "it is tried again; raise HEADWATER_FEAST_TIMEOUT_S where it is always so slow"
        return SourceUnavailable(f"{shown} did not answer in time; {step}", address=shown)
    step = f"start it there with `{SERVE}`, or mend the address; it is tried again"
    return SourceUnavailable(f"{shown} cannot be reached now ({said}); {step}", address=shown)


def of_answer(answer: httpx.Response, body: bytes, shown: str, version: str) -> LineageError | None:
    """Turn an answer that is none of a Feast registry into an error; None for one that may be."""
    status, path = answer.status_code, answer.request.url.path
    said = " ".join(body[:SAID_CHARS].decode(errors="replace").split())
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        step = f"give a token that may read it by {TOKEN}"
        return SourceRefused(f"{shown} does not let this reader in ({status}: {said}); {step}", address=shown)
    if answer.is_redirect:
        to = answer.headers.get("location", "elsewhere")
        return SourceRefused(f"{shown} sends on to {to}; give the registry's own address", address=shown)
    if status == httpx.codes.NOT_FOUND:
        older = f" (it says it is Feast {version})" if version else ""
        step = f"give the address of `{SERVE}` of Feast 0.60 or newer"
        return SourceRefused(f"{shown} has no {path}{older}; {step}", address=shown, version=version)
    if status >= httpx.codes.BAD_REQUEST:
        return SourceUnavailable(
            f"{shown}: {path} answers {status}: {said}; it is tried again, see the log of that server",
            address=shown,
        )
    if "json" not in answer.headers.get("content-type", ""):
        what = f"{shown}{path} answers no JSON ({answer.headers.get('content-type', 'of no type')})"
        return SourceRefused(f"{what}; give the address of `{SERVE}`", address=shown)
    return None


def of_form(error: Exception, shown: str, version: str) -> LineageError:
    """Say that an answer has another form than is known."""
    which = f"Feast {version}" if version else "this server"
    what = f"{shown}: {which} answers in another form than Feast 0.67 ({error})"
    return SourceRefused(f"{what}; please tell us, with that version", address=shown, version=version)
