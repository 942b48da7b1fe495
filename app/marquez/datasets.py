"""How does Marquez tell of datasets and their versions?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.http.waiting import Reading, reading, while_connected
from app.marquez.answers import Datasets, DatasetVersions
from app.marquez.asking import TOLD_MAX, answer, cut_by, page_asked
from queries.marquez.catalog import has_namespace, no_namespace, page_of, span_of
from queries.marquez.datasets import dataset_version_of, dataset_versions, find_dataset, tell_datasets

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from queries.marquez.catalog import Page
    from queries.marquez.shapes import Dataset, DatasetVersion


async def list_datasets(request: Request) -> Response:
    """GET /namespaces/{namespace}/datasets."""
    page, limits = page_asked(request, most=TOLD_MAX)
    read = await reading(request)
    found, count = await while_connected(request, _listed(read, request.path_params["namespace"], page))
    body = Datasets(total_count=count, datasets=found)
    return answer(body, read.projection.position, cut_by(limits, page, count))


async def _listed(read: Reading, namespace: str, page: Page) -> tuple[list[Dataset], int]:
    keys, count = await page_of(read.store, span_of("dataset", namespace), page)
    if not count and not await has_namespace(read.store, namespace):
        raise no_namespace(namespace)
    return await tell_datasets(read.store, keys), count


async def get_dataset(request: Request) -> Response:
    """GET /namespaces/{namespace}/datasets/{dataset}."""
    read = await reading(request)
    found = await while_connected(request, _one(read, **request.path_params))
    return answer(found, read.projection.position)


async def _one(read: Reading, namespace: str, dataset: str) -> Dataset:
    known = await find_dataset(read.store, namespace, dataset)
    return (await tell_datasets(read.store, [known.key]))[0]


async def list_versions(request: Request) -> Response:
    """GET /namespaces/{namespace}/datasets/{dataset}/versions."""
    page, limits = page_asked(request, most=TOLD_MAX)
    read = await reading(request)
    found, count = await while_connected(request, _versions(read, page, **request.path_params))
    body = DatasetVersions(versions=found, total_count=count)
    return answer(body, read.projection.position, cut_by(limits, page, count))


async def _versions(
    read: Reading, page: Page, *, namespace: str, dataset: str
) -> tuple[list[DatasetVersion], int]:
    known = await find_dataset(read.store, namespace, dataset)
    return await dataset_versions(read.store, known, page)


async def get_version(request: Request) -> Response:
    """GET /namespaces/{namespace}/datasets/{dataset}/versions/{version}."""
    read = await reading(request)
    found = await while_connected(request, _version(read, **request.path_params))
    return answer(found, read.projection.position)


async def _version(read: Reading, *, namespace: str, dataset: str, version: str) -> DatasetVersion:
    known = await find_dataset(read.store, namespace, dataset)
    return await dataset_version_of(read.store, known, version)
