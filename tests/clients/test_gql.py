"""Does gql, a GraphQL client from PyPI, work against the server unchanged: schema, query, pages, subscription?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest
from gql import Client, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXTransport
from gql.transport.websockets import WebsocketsTransport
from graphql import GraphQLError, build_schema, lexicographic_sort_schema, print_schema

from app.demo.scratch import Server
from tests.app.asked import post_story
from tests.arrows import key_of
from tests.needs import ROOT

pytestmark = pytest.mark.clients
Json = dict[str, Any]
SOON_S = 20.0
WALK = """query Walk($of: ID!, $first: Int, $after: String) {
  downstream(of: $of, first: $first, after: $after) {
    nodes { depth node { key kind ... on Dataset { live } } }
    edges { source target evidence }
    pageInfo { hasNextPage endCursor } } }"""
CHANGES = """subscription Changes($of: ID!) {
  changes(of: $of, direction: DOWNSTREAM) { added nodes position } }"""


@pytest.fixture(scope="module")
def asked(server: Server) -> dict[str, str]:
    """Headers of a reader who waits for the whole story."""
    return {"X-Headwater-At-Least": post_story(server)}


def client(server: Server, headers: dict[str, str] | None = None) -> Client:
    transport = HTTPXTransport(url=f"{server.url}/graphql", headers=headers, timeout=30)
    return Client(transport=transport, fetch_schema_from_transport=True)


def test_the_schema_is_told_within_the_limits(server: Server) -> None:
    """Gql asks for all of it at once; what it makes of it is the schema that is committed."""
    with client(server) as session:
        schema = session.client.schema
    assert schema is not None
    committed = build_schema((ROOT / "schema.graphql").read_text("utf-8"))
    assert print_schema(lexicographic_sort_schema(schema)) == print_schema(
        lexicographic_sort_schema(committed)
    )


def test_pages_are_followed_with_variables(server: Server, asked: dict[str, str]) -> None:
    """By the cursor, until there is no more; each row once."""
    found: list[Json] = []
    edges: list[Json] = []
    with client(server, asked) as session:
        after: str | None = None
        while True:
            request = gql(WALK)
            request.variable_values = {"of": key_of("a"), "first": 1, "after": after}
            page = session.execute(request)["downstream"]
            found += page["nodes"]
            edges += page["edges"]
            if not page["pageInfo"]["hasNextPage"]:
                break
            after = page["pageInfo"]["endCursor"]
    assert [(row["depth"], row["node"]["key"]) for row in found] == [
        (1, key_of("b")), (2, key_of("c")), (3, key_of("d")),
    ]  # fmt: skip
    assert len(edges) == 3


def test_errors_are_told_with_codes(server: Server, asked: dict[str, str]) -> None:
    """An unknown key by the server, with what resembles it; a wrong field by gql, which knows the schema."""
    with client(server, asked) as session:
        with pytest.raises(TransportQueryError) as refused:
            session.execute(gql('{ node(key: "dataset:db:aa") { key } }'))
        (error,) = refused.value.errors or []
        assert (error["extensions"]["code"], error["extensions"]["near"][0]) == ("NOT_FOUND", key_of("a"))
        with pytest.raises(GraphQLError, match="Cannot query field 'nope'"):
            session.execute(gql("{ nope }"))


def test_a_subscription_is_followed(server: Server, asked: dict[str, str]) -> None:
    """Over its WebSocket transport, which asks for the schema there too: first what is there, then what came."""
    asyncio.run(_follow(server))


async def _follow(server: Server) -> None:
    transport = WebsocketsTransport(
        url=f"{server.url.replace('http', 'ws', 1)}/graphql",
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
    )
    request = gql(CHANGES)
    request.variable_values = {"of": key_of("a")}
    async with Client(transport=transport, fetch_schema_from_transport=True) as session:
        told: AsyncGenerator[Json, None] = session.subscribe(request)
        first = await asyncio.wait_for(anext(told), SOON_S)
        assert first["changes"]["nodes"] == 3
        event = {
            "eventType": "COMPLETE",
            "eventTime": "2026-05-02T00:00:00Z",
            "run": {"runId": "0198c3a8-0000-7000-8000-000000000077"},
            "job": {"namespace": "jobs", "name": "more"},
            "inputs": [{"namespace": "db", "name": "d"}],
            "outputs": [{"namespace": "db", "name": "e"}],
        }
        async with httpx.AsyncClient() as door:
            position = (await door.post(f"{server.url}/api/v1/lineage", json=event)).json()["position"]
        second = await asyncio.wait_for(anext(told), SOON_S)
        assert second["changes"] == {"added": [key_of("e")], "nodes": 4, "position": position}
        await told.aclose()
