"""Where is the Marquez that an address names, and how is the address shown to people?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from graph_schema.errors import BadInput

DATABASE_SCHEMES: Final = frozenset({"marquez", "postgresql", "postgres"})
HTTP_SCHEMES: Final = frozenset({"http", "https"})
EXAMPLE: Final = "marquez://headwater@127.0.0.1:5432/marquez"
SECRET_OPTIONS: Final = frozenset({"password", "sslpassword"})


@dataclass(frozen=True, slots=True)
class Address:
    """An address of a Marquez; `shown` has no password, `conninfo` is what libpq takes."""

    shown: str
    conninfo: str = field(repr=False)
    is_http: bool = False


def address_of(text: str, password: str = "") -> Address:
    """Read an address; raises BadInput. A password given apart counts where the address has none.

    `marquez://` and `postgresql://` name Marquez's database, with any option of libpq behind the `?`; `http://` its API.
    """
    try:
        parts = urlsplit(text.strip())
        _ = parts.port  # not looked at until it is asked for
    except ValueError as error:
        raise _bad(f"the address cannot be read ({error})") from error
    if parts.scheme in HTTP_SCHEMES:
        return Address(_without_secrets(text.strip()), text.strip().rstrip("/"), is_http=True)
    if parts.scheme not in DATABASE_SCHEMES:
        raise _bad(f"{parts.scheme or 'no scheme'!r} is no way to a Marquez")
    if not parts.path.strip("/"):
        raise _bad("the address names no database")
    own = unquote(parts.password or "") or dict(parse_qsl(parts.query)).get("password", "")
    bare = text.strip().partition("://")[2]
    return Address(_without_secrets(text.strip()), _with_password(bare, "" if own else password))


def _with_password(bare: str, password: str) -> str:
    if not password:
        return f"postgresql://{bare}"
    before, mark, options = bare.partition("?")
    return f"postgresql://{before}{mark or '?'}{options}{'&' if options else ''}password={quote(password, safe='')}"


def _without_secrets(text: str) -> str:
    """Write an address without any password, in whatever place it stood."""
    scheme, _, rest = text.partition("://")
    before, mark, options = rest.partition("?")
    authority, slash, path = before.partition("/")
    login, at, host = authority.rpartition("@")
    user, colon, _ = login.partition(":")
    shown = f"{user}{':***' if colon else ''}{at}{host}"
    kept = [(name, "***" if name in SECRET_OPTIONS else value) for name, value in parse_qsl(options)]
    return f"{scheme}://{shown}{slash}{path}{mark}{urlencode(kept, safe='/*:')}"


def _bad(what: str) -> BadInput:
    return BadInput(f"{what}; write it as {EXAMPLE}, or http://127.0.0.1:5000 for its API")
