"""What does an MLflow server hold? Its REST API, asked with nothing of MLflow's installed.

Answers are read as they are; whatever goes wrong becomes a typed error. Several questions are asked at once, but never more
than a few: the server is somebody else's.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx
import msgspec
import yaml

from ingest.sources.mlflow.address import Address
from ingest.sources.mlflow.faults import OLDEST, refused, too_old, unreachable
from ingest.sources.mlflow.mapping.facets import Json

API: Final = "/api/2.0/mlflow"
MODEL_FILES: Final = "/ajax-api/2.0/mlflow/logged-models/{}/artifacts/files"
AT_ONCE: Final = 6
"""Questions on their way at a time; a server with one worker answers no faster for more."""

PAGE_RUNS: Final = 1_000
PAGE_MODELS: Final = 100
EXPERIMENTS_AT_ONCE: Final = 1_000
MISSING: Final = "RESOURCE_DOES_NOT_EXIST"
MLMODEL_BYTES_MAX: Final = 4 * 1024 * 1024

_decode = msgspec.json.decode


class Server:
    """A connection to one server. Make it by `opened`."""

    def __init__(self, client: httpx.AsyncClient, address: Address) -> None:
        """Ask over this client."""
        self._client = client
        self._address = address
        self._places = asyncio.Semaphore(AT_ONCE)

    async def version(self) -> str:
        """Give the server's version; raises SourceRefused for one that is not read."""
        answer = await self._send("GET", "/version")
        text = answer.text.strip()
        number = text.split(".")
        if answer.status_code != httpx.codes.OK or not number[0].isdigit() or len(text) > 40:  # noqa: PLR2004
            raise refused(answer, self._address.shown)
        if tuple(int(part) for part in number[:2] if part.isdigit()) < OLDEST:
            raise too_old(text, self._address.shown)
        return text

    async def experiments(self) -> list[Json]:
        """Give all experiments, deleted ones too."""
        asked = {"max_results": 1_000, "view_type": "ALL"}
        return [one async for page in self._pages("experiments/search", "experiments", asked) for one in page]

    async def runs(self, experiments: Sequence[str], condition: str) -> AsyncIterator[list[Json]]:
        """Give runs of experiments by start, page by page, deleted ones too. Model inputs are not in them."""
        for start in range(0, len(experiments), EXPERIMENTS_AT_ONCE):
            asked = {
                "experiment_ids": list(experiments[start : start + EXPERIMENTS_AT_ONCE]),
                "filter": condition,
                "run_view_type": "ALL",
                "max_results": PAGE_RUNS,
                "order_by": ["attributes.start_time ASC", "attributes.run_id ASC"],
            }
            async for page in self._pages("runs/search", "runs", asked):
                yield page

    async def some_runs(self, experiments: Sequence[str], condition: str, limit: int) -> list[Json]:
        """Give the first runs by start."""
        if not experiments:
            return []
        asked = {
            "experiment_ids": list(experiments),
            "filter": condition,
            "run_view_type": "ALL",
            "max_results": limit,
            "order_by": ["attributes.start_time ASC", "attributes.run_id ASC"],
        }
        return _listed(await self._asked("POST", f"{API}/runs/search", json=asked), "runs")

    async def each_run(self, run_ids: Iterable[str]) -> dict[str, Json]:
        """Give runs whole, several at once; one that is gone is left out."""
        ids = list(run_ids)
        found = await asyncio.gather(*(self._run(one) for one in ids))
        return {run_id: run for run_id, run in zip(ids, found, strict=True) if run is not None}

    async def logged_models(self, experiments: Sequence[str], condition: str) -> AsyncIterator[list[Json]]:
        """Give logged models, page by page; deleted ones are not among them."""
        for start in range(0, len(experiments), EXPERIMENTS_AT_ONCE):
            asked: Json = {
                "experiment_ids": list(experiments[start : start + EXPERIMENTS_AT_ONCE]),
                "max_results": PAGE_MODELS,
                "order_by": [{"field_name": "last_updated_timestamp", "ascending": True}],
            }
            if condition:
                asked["filter"] = condition
            async for page in self._pages("logged-models/search", "models", asked):
                yield page

    async def each_model(self, model_ids: Iterable[str]) -> dict[str, Json]:
        """Give logged models, several at once; one that is gone is left out."""
        ids = list(model_ids)
        found = await asyncio.gather(*(self._model(one) for one in ids))
        return {model_id: model for model_id, model in zip(ids, found, strict=True) if model is not None}

    async def signatures(self, model_ids: Iterable[str]) -> dict[str, str]:
        """Give the signature's inputs (JSON) of logged models, "" where there is none; left out where it cannot be read now."""
        ids = list(model_ids)
        found = await asyncio.gather(*(self._signature(one) for one in ids))
        return {model_id: text for model_id, text in zip(ids, found, strict=True) if text is not None}

    async def registered(self) -> list[Json]:
        """Give all registered models, prompts too."""
        return await self._all("registered-models/search", "registered_models")

    async def versions(self) -> list[Json]:
        """Give all versions of all models; their aliases are not in them."""
        return await self._all("model-versions/search", "model_versions")

    async def has_version(self, name: str, number: str) -> bool:
        """Tell whether a version is there."""
        asked = {"name": name, "version": number}
        answer = await self._asked("GET", f"{API}/model-versions/get", params=asked, missing=True)
        return "model_version" in answer

    async def _all(self, path: str, member: str) -> list[Json]:
        found: list[Json] = []
        token = ""
        while True:
            params = {"max_results": "1000", **({"page_token": token} if token else {})}
            answer = await self._asked("GET", f"{API}/{path}", params=params)
            found += _listed(answer, member)
            token = str(answer.get("next_page_token") or "")
            if not token:
                return found

    async def _pages(self, path: str, member: str, asked: Json) -> AsyncIterator[list[Json]]:
        token = ""
        while True:
            body = {**asked, "page_token": token} if token else asked
            answer = await self._asked("POST", f"{API}/{path}", json=body)
            yield _listed(answer, member)
            token = str(answer.get("next_page_token") or "")
            if not token:
                return

    async def _run(self, run_id: str) -> Json | None:
        answer = await self._asked("GET", f"{API}/runs/get", params={"run_id": run_id}, missing=True)
        return answer.get("run")

    async def _model(self, model_id: str) -> Json | None:
        answer = await self._asked("GET", f"{API}/logged-models/{model_id}", missing=True)
        return answer.get("model")

    async def _signature(self, model_id: str) -> str | None:
        """Read `MLmodel` through the server, which knows its own store; None where that cannot be read now."""
        path = MODEL_FILES.format(model_id)
        answer = await self._send("GET", path, params={"artifact_file_path": "MLmodel"})
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            return None
        if answer.status_code != httpx.codes.OK or len(answer.content) > MLMODEL_BYTES_MAX:
            return ""
        try:
            read = yaml.load(answer.text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - it is safe
        except yaml.YAMLError:
            return ""
        signature = read.get("signature") if isinstance(read, dict) else None
        inputs = signature.get("inputs") if isinstance(signature, dict) else None
        return inputs if isinstance(inputs, str) else ""

    async def _asked(self, method: str, path: str, *, missing: bool = False, **given: Any) -> Json:
        """Ask; with `missing` what is not there any more is an empty answer."""
        answer = await self._send(method, path, **given)
        if missing and answer.status_code in {400, 404} and MISSING in answer.text:
            return {}
        if answer.status_code != httpx.codes.OK:
            raise refused(answer, self._address.shown)
        try:
            read = _decode(answer.content)
        except msgspec.DecodeError as error:
            raise refused(answer, self._address.shown) from error
        if not isinstance(read, dict):
            raise refused(answer, self._address.shown)
        return read

    async def _send(self, method: str, path: str, **given: Any) -> httpx.Response:
        async with self._places:
            try:
                return await self._client.request(method, f"{self._address.url}{path}", **given)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise unreachable(error, self._address.shown, self._address.timeout_s) from error


@asynccontextmanager
async def opened(address: Address) -> AsyncIterator[Server]:
    """Connect for the length of a block."""
    headers = {"Authorization": f"Bearer {address.token}"} if address.token else {}
    login = (address.username, address.password) if address.username and not address.token else None
    async with httpx.AsyncClient(
        headers=headers,
        auth=login,
        timeout=address.timeout_s,
        trust_env=False,
        limits=httpx.Limits(max_connections=AT_ONCE),
    ) as client:
        yield Server(client, address)


def _listed(answer: Json, member: str) -> list[Json]:
    listed = answer.get(member)
    return [one for one in listed or () if isinstance(one, dict)]
