"""How is a Feast registry read over its REST server?

Lists alone are asked for, whole and not from the server's cache: asking for a single object makes the server write into its
registry that somebody looked, and a page may miss what moved between two questions.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx
import msgspec

from graph_schema.errors import BadInput
from graph_schema.secrets import redacted
from ingest.sources.faults import SourceRefused, SourceUnavailable
from ingest.sources.feast.faults import SERVE, of_answer, of_form, of_transport
from ingest.sources.feast.registry import LISTS, Project, Snapshot, projects_of, snapshot_of

API: Final = "/api/v1"
BODY_BYTES_MAX: Final = 256 * 1024 * 1024
CONNECT_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Access:
    """Where a registry is, and what it takes to be let in; `shown` has no password."""

    url: str = field(repr=False)
    shown: str
    token: str = field(default="", repr=False)
    timeout_s: float = 30.0
    ca_file: Path | None = None


def access_of(text: str, *, token: str = "", timeout_s: float = 30.0, ca_file: Path | None = None) -> Access:
    """Read an address; raises BadInput."""
    url = text.strip().rstrip("/").removesuffix(API)
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and parts.hostname is not None
        _ = parts.port  # not looked at until it is asked for
    except ValueError:
        good = False
    if not good:
        raise BadInput(
            f"{str(redacted(url))!r} is no address of a Feast registry; write http://HOST:6572, where `{SERVE}` listens"
        )
    return Access(url, str(redacted(url)), token, timeout_s, ca_file)


class Registry:
    """A registry's REST server, open for reading."""

    def __init__(self, client: httpx.AsyncClient, access: Access) -> None:
        """Keep the client; `opened` makes one."""
        self._client = client
        self._access = access
        self.version = ""

    async def projects(self) -> list[Project]:
        """Ask which projects there are."""
        await self._see_version()
        try:
            answer = projects_of(await self._get("projects"))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise of_form(error, self._access.shown, self.version) from error
        if answer.error:  # it comes with status 200
            shown = self._access.shown
            raise SourceUnavailable(
                f"{shown} cannot list its projects ({answer.error[:300]}); it is tried again", address=shown
            )
        return answer.projects

    async def snapshot(self, project: str) -> Snapshot:
        """Read a project whole."""
        bodies = {name: await self._get(name, project=project) for name in LISTS}
        try:
            return snapshot_of(project, bodies)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise of_form(error, self._access.shown, self.version) from error

    async def _see_version(self) -> None:
        try:
            told = msgspec.json.decode(await self._get("version"), type=dict[str, str])
        except (msgspec.DecodeError, UnicodeDecodeError, SourceRefused):
            return  # older servers do not tell
        self.version = told.get("version", "")

    async def _get(self, name: str, **query: str) -> bytes:
        body = bytearray()
        try:
            async with self._client.stream(
                "GET", f"{API}/{name}", params={**query, "allow_cache": "false"}
            ) as answer:
                async for piece in answer.aiter_bytes():
                    body += piece
                    if len(body) > BODY_BYTES_MAX:
                        what = f"{self._access.shown}: {name} is larger than {BODY_BYTES_MAX} bytes"
                        raise SourceRefused(
                            f"{what}; this registry cannot be read", address=self._access.shown
                        )
        except httpx.HTTPError as error:
            raise of_transport(error, self._access.shown) from error
        fault = of_answer(answer, bytes(body), self._access.shown, self.version)
        if fault is not None:
            raise fault
        return bytes(body)


@asynccontextmanager
async def opened(access: Access) -> AsyncIterator[Registry]:
    """Keep connections to a registry for the length of a block."""
    headers = {"Accept": "application/json", "User-Agent": "headwater"}
    if access.token:
        headers["Authorization"] = f"Bearer {access.token}"
    async with httpx.AsyncClient(
        base_url=access.url,
        headers=headers,
        timeout=httpx.Timeout(access.timeout_s, connect=min(CONNECT_S, access.timeout_s)),
        verify=str(access.ca_file) if access.ca_file is not None else True,
        trust_env=False,
        follow_redirects=False,
    ) as client:
        yield Registry(client, access)
