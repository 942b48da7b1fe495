"""Who is calling, and may they?

Off by default, and then only loopback can be listened on (`app/settings.py`). On, every path but /healthz, webhooks
and the empty playground asks for an API key (`X-API-Key`, or `Authorization: Bearer`) or a JSON Web Token. A WebSocket may show
it in its first message instead. Refusals do not say what was wrong with the credentials.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import jwt
from starlette._utils import get_route_path

from app.errors import body_of, headers_of, row_of, to_json
from graph_schema.errors import Unauthorized

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from app.settings import Settings

OPEN_PATHS: Final = frozenset({"/healthz", "/api/v1/webhooks/mlflow"})
"""What needs no key: a webhook shows by its signature who sent it."""
PLAYGROUND: Final = ("/graphql", "/graphql/files/")
"""A browser sends no key with an address that is typed in: it gets the page, whose questions carry one."""

ADMIT: Final = "headwater.admit"
"""Where a WebSocket that showed no credential yet has the function that admits its first message's."""

LEEWAY_S: Final = 30
FAR_S: Final = 2**53
"""A token that expires later than that never does."""

CREDENTIAL_BYTES_MAX: Final = 16 * 1024
PERSON_CHARS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Caller:
    """Who was let in: the name of the key, the subject of the token, or the person whom a gateway that may do so names; "" while
    auth is off.

    `until` is when the token expires, in seconds since 1970, the leeway included; None for a key. `named` is false where
    whoever knows the key is all that is known.
    """

    name: str
    until: float | None = None
    named: bool = True


def asked(headers: list[tuple[bytes, bytes]]) -> bytes | None:
    """Find the credential in a request's headers; `X-API-Key` goes first."""
    found = {name: value for name, value in headers if name in {b"x-api-key", b"authorization"}}
    if b"x-api-key" in found:
        return found[b"x-api-key"].strip()
    scheme, _, credential = found.get(b"authorization", b"").partition(b" ")
    return credential.strip() if scheme.lower() == b"bearer" else None


class Gate:
    """ASGI layer that lets known callers through and answers 401 to the others."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """Read keys and key files once; a file that cannot be read stops the start."""
        self._app = app
        self._keys = [(name, key.encode()) for name, key in settings.keys]
        self._read_token = token_reader(settings) if settings.has_tokens else None
        self._names_people = (settings.identity_from, settings.identity_header.lower().encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through with `scope["caller"]` set, or refuse it."""
        if scope["type"] not in {"http", "websocket"} or _is_open(scope):
            await self._app(scope, receive, send)
            return
        credential = asked(scope["headers"])
        if scope["type"] == "websocket" and credential is None:
            scope[ADMIT] = self._admit  # browsers send it in the first message: nothing is answered before
            await self._app(scope, receive, send)
            return
        try:
            scope["caller"] = self._with_person(self._admit(credential), scope["headers"])
        except Unauthorized as error:
            await _refuse(scope, send, error)
            return
        await self._app(scope, receive, send)

    def _with_person(self, caller: Caller, headers: list[tuple[bytes, bytes]]) -> Caller:
        """Give the person that a header names, if this caller is the one that may name people."""
        key, header = self._names_people
        if not header or caller.name != key or caller.until is not None:
            return caller
        named = [value for name, value in headers if name == header]
        if len(named) != 1:  # none, or two of which one was slipped in
            return caller
        person = named[0].decode("utf-8", "replace").strip()[:PERSON_CHARS_MAX]
        return replace(caller, name=person) if person else caller

    def _admit(self, credential: bytes | None) -> Caller:
        if credential is None or not credential:
            raise Unauthorized(
                "say who you are: Authorization: Bearer <API key or token>, or X-API-Key: <API key>"
            )
        known: str | None = None
        for name, key in self._keys:  # all of them, so that the time says nothing about which one matched
            if hmac.compare_digest(key, credential):
                known = name
        if known is not None:
            return Caller(known or "key", named=bool(known))
        caller = None
        if self._read_token is not None and len(credential) <= CREDENTIAL_BYTES_MAX:
            caller = self._read_token(credential)
        if caller is None:
            raise Unauthorized("the API key or token is not accepted; ask the operator for a valid one")
        return caller


def token_reader(settings: Settings) -> Callable[[bytes], Caller | None]:
    """Make the function that reads who a token speaks for, or gives None for a token that is not accepted.

    The algorithms follow from the kind of key that was set, never from the token.
    """
    pick, algorithms = _token_keys(settings)
    options: Any = {"require": ["exp"], "verify_aud": bool(settings.jwt_audience)}

    def read(credential: bytes) -> Caller | None:
        try:
            token = credential.decode("ascii")
            claims = jwt.decode(
                token,
                pick(token),
                algorithms=algorithms,
                audience=settings.jwt_audience or None,
                issuer=settings.jwt_issuer or None,
                leeway=LEEWAY_S,
                options=options,
            )
        except (jwt.PyJWTError, ValueError, TypeError):
            return None
        until = float(min(int(claims["exp"]), FAR_S)) + LEEWAY_S
        return Caller(str(claims.get("sub", "token"))[:200], until, named="sub" in claims)

    return read


def _token_keys(settings: Settings) -> tuple[Callable[[str], Any], list[str]]:
    secret = settings.jwt_secret.get_secret_value()
    if secret:
        return lambda _: secret, ["HS256"]
    if settings.jwt_public_key_file is not None:
        pem = settings.jwt_public_key_file.read_bytes()
        return lambda _: pem, ["RS256", "ES256"]
    if settings.jwt_jwks_file is None:
        raise ValueError("no key for tokens is set")
    keys = jwt.PyJWKSet.from_dict(json.loads(settings.jwt_jwks_file.read_bytes()))

    def by_id(token: str) -> Any:
        wanted = jwt.get_unverified_header(token).get("kid")
        for key in keys.keys:
            if key.key_id == wanted or (wanted is None and len(keys.keys) == 1):
                return key
        raise jwt.InvalidKeyError("no key with this id")

    return by_id, ["RS256", "ES256"]


def _is_open(scope: Scope) -> bool:
    path = get_route_path(scope)
    page, files = PLAYGROUND
    shown = scope.get("method") == "GET" and (path == page or path.startswith(files))
    return path in OPEN_PATHS or shown


async def _refuse(scope: Scope, send: Send, error: Unauthorized) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    body = to_json(body_of(error))
    headers = {"content-type": "application/json", "content-length": str(len(body)), **headers_of(error)}
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": row_of(error).status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
