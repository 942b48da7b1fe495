"""Who is let in, and does a refusal say enough and no more?"""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pydantic import SecretStr

from app.http.auth import FAR_S, LEEWAY_S, Caller, token_reader
from app.settings import Settings
from tests.app.http.serving import Served, serving
from tests.app.http.test_door import DOOR, body

SECRET = "a secret of at least thirty-two bytes"
KEYS = "first-key, airflow:second:key ,"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("home")
    with serving(
        home, api_keys=SecretStr(KEYS), jwt_secret=SecretStr(SECRET), jwt_audience="headwater"
    ) as running:
        yield running


def token(key: Any = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    # Made when tests are collected, used whenever their turn comes: a day outlives the longest run.
    known = {"sub": "dag", "aud": "headwater", "exp": int(time.time()) + 86_400, **claims}
    return jwt.encode({name: value for name, value in known.items() if value is not None}, key, algorithm)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-API-Key": "first-key"},
        {"Authorization": "Bearer first-key"},
        {"authorization": "bearer   second:key"},
        {"Authorization": f"Bearer {token()}"},
        {"X-API-Key": "first-key", "Authorization": "Bearer wrong"},
    ],
)
def test_known_callers_are_let_in(guarded: Served, headers: dict[str, str]) -> None:
    """An API key in either header, and a token signed with the secret, open every path."""
    assert guarded.client.post(DOOR, content=body(), headers=headers).status_code in {200, 201}
    assert guarded.client.get("/metrics", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": ""},
        {"X-API-Key": "first-key2"},
        {"X-API-Key": "airflow:second:key"},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic first-key"},
        {"Authorization": "first-key"},
        {"Authorization": "Bearer é".encode("latin-1").decode("latin-1")},
        {"Authorization": f"Bearer {token(exp=1)}"},
        {"Authorization": f"Bearer {token(exp=None)}"},
        {"Authorization": f"Bearer {token(aud='other')}"},
        {"Authorization": f"Bearer {token(key='another secret of thirty-two bytes!')}"},
        {"Authorization": f"Bearer {token(key='', algorithm='none')}"},
        {"Authorization": "Bearer a.b.c"},
        {"Authorization": "Bearer " + "x" * 50_000},
    ],
)
def test_others_are_refused(guarded: Served, headers: dict[str, str]) -> None:
    """Everything else is 401 as typed JSON that names the way in, and nothing is kept or let through."""
    head = guarded.journal.head()
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    answer = guarded.client.post(DOOR, content=body("refused"), headers=encoded)
    assert answer.status_code == 401
    assert answer.json()["code"] == "UNAUTHORIZED"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert guarded.journal.head() == head


def test_health_is_open_and_all_else_is_not(guarded: Served) -> None:
    """Only /healthz and the playground's page answer without credentials; unknown paths tell nothing."""
    for path in ("/healthz", "/healthz/"):
        assert guarded.client.get(path).status_code == 200
    for path in (
        "/",
        "/readyz",
        "/metrics",
        "/nope",
        "/graphql/files/../../metrics",
        "/healthz/x",
        "/healthz/../metrics",
        "/healthz%2f..%2fmetrics",
    ):
        assert guarded.client.get(path).status_code == 401, path


def test_the_playground_opens_and_its_questions_ask_for_a_key(guarded: Served) -> None:
    """A browser gets GraphiQL and its files; a question without a key is refused, by GET too, and one with a key not."""
    page = guarded.client.get("/graphql", headers={"Accept": "text/html"})
    assert (page.status_code, "GraphiQL" in page.text) == (200, True)
    assert guarded.client.get("/graphql/files/start.js").status_code == 200
    assert guarded.client.get("/graphql/files/..%2f..%2fmetrics").status_code == 404
    question = {"query": "{ __typename }"}
    assert guarded.client.post("/graphql", json=question).status_code == 401
    by_get = guarded.client.get("/graphql", params=question, headers={"Accept": "application/json"})
    assert "__typename" not in by_get.text
    assert by_get.status_code != 200
    asked = guarded.client.post("/graphql", json=question, headers={"X-API-Key": "first-key"})
    assert asked.json()["data"] == {"__typename": "Query"}


def test_the_journal_says_who_sent_an_event(guarded: Served) -> None:
    """The source of a record carries the key's name or the token's subject, never the key."""
    for headers in (
        {"X-API-Key": "second:key"},
        {"Authorization": f"Bearer {token()}"},
        {"X-API-Key": "first-key"},
    ):
        sent = guarded.client.post(DOOR, content=body(str(headers)[:90]), headers=headers)
        assert sent.status_code == 201
    sources = [stored.source for stored in guarded.journal.read_after(0, 1000)][-3:]
    assert sources == ["http:airflow", "http:dag", "http:key"]


def test_a_large_body_without_credentials_hears_401(guarded: Served) -> None:
    """A client that is still sending hears the refusal instead of a broken connection."""
    assert guarded.client.post(DOOR, content=b"x" * 5_000_000).status_code == 401


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def test_tokens_by_jwks_file(tmp_path: Path, rsa_key: rsa.RSAPrivateKey) -> None:
    """RS256 and ES256 tokens are checked by the key their `kid` names; the algorithm never comes from the
    token.
    """
    curve = ec.generate_private_key(ec.SECP256R1())
    jwks = {
        "keys": [
            {
                **json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(rsa_key.public_key())),
                "kid": "one",
                "alg": "RS256",
            },
            {
                **json.loads(jwt.algorithms.ECAlgorithm.to_jwk(curve.public_key())),
                "kid": "two",
                "alg": "ES256",
            },
        ]
    }
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps(jwks))
    claims = {"sub": "x", "exp": int(time.time()) + 60}
    good = [
        jwt.encode(claims, rsa_key, "RS256", {"kid": "one"}),
        jwt.encode(claims, curve, "ES256", {"kid": "two"}),
    ]
    bad = [
        jwt.encode(claims, rsa_key, "RS256", {"kid": "two"}),
        jwt.encode(claims, rsa_key, "RS256", {"kid": "three"}),
        jwt.encode(claims, rsa_key, "RS256"),
        forged(claims, file.read_bytes(), kid="one"),
    ]
    assert statuses(tmp_path, good + bad, jwt_jwks_file=file) == [404] * 2 + [401] * 4


def test_tokens_by_public_key_file(tmp_path: Path, rsa_key: rsa.RSAPrivateKey) -> None:
    """RS256 tokens are checked by a PEM file; the file's text is not taken as an HS256 secret."""
    file = tmp_path / "key.pem"
    pem = rsa_key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    file.write_bytes(pem)
    claims = {"sub": "x", "exp": int(time.time()) + 60, "iss": "us"}
    good = jwt.encode(claims, rsa_key, "RS256")
    confused = forged(claims, pem)
    foreign = jwt.encode({**claims, "iss": "them"}, rsa_key, "RS256")
    settings = {"jwt_public_key_file": file, "jwt_issuer": "us"}
    assert statuses(tmp_path, [good, confused, foreign], **settings) == [404, 401, 401]


def forged(claims: dict[str, Any], public_key: bytes, **header: str) -> str:
    """Sign as HS256 with the bytes of a public key, which everybody may know."""
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256", "typ": "JWT", **header}, claims)]
    text = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    mac = hmac.digest(public_key, text, "sha256")
    return (text + b"." + base64.urlsafe_b64encode(mac).rstrip(b"=")).decode()


def statuses(home: Path, tokens: list[str], **settings: Any) -> list[int]:
    with serving(home, **settings) as served:
        return [
            served.client.get("/nope", headers={"Authorization": f"Bearer {one}"}).status_code
            for one in tokens
        ]


@pytest.mark.parametrize("expires", [2_000_000_000, 10**400])
def test_a_callers_leave_ends_with_the_token(expires: int) -> None:
    """With the leeway that is given to clocks; a time beyond all calendars is far, and no failure."""
    read = token_reader(Settings(jwt_secret=SecretStr(SECRET)))
    token = jwt.encode({"sub": "ann", "exp": expires}, SECRET, algorithm="HS256")
    assert read(token.encode()) == Caller("ann", float(min(expires, FAR_S)) + LEEWAY_S)


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server whose gateway may name people."""
    home = tmp_path_factory.mktemp("behind")
    keys = SecretStr("gateway:the-gateways-key,other:another-key")
    with serving(
        home, api_keys=keys, identity_header="X-Headwater-Person", identity_from="gateway"
    ) as running:
        yield running


@pytest.mark.parametrize(
    ("headers", "source"),
    [
        (
            [("X-API-Key", "the-gateways-key"), ("X-Headwater-Person", "ada@loans.example")],
            "http:ada@loans.example",
        ),
        ([("X-API-Key", "the-gateways-key")], "http:gateway"),
        ([("X-API-Key", "the-gateways-key"), ("X-Headwater-Person", "")], "http:gateway"),
        ([("X-API-Key", "another-key"), ("X-Headwater-Person", "ada@loans.example")], "http:other"),
        (
            [
                ("X-API-Key", "the-gateways-key"),
                ("X-Headwater-Person", "ada@loans.example"),
                ("x-headwater-person", "mallory"),
            ],
            "http:gateway",
        ),
    ],
)
def test_a_person_is_believed_from_the_gateway_alone(
    behind: Served, headers: list[tuple[str, str]], source: str
) -> None:
    """The holder of the key that was named for it says who is behind a request; anybody else's header counts for nothing, nor
    does one of two.
    """
    event = json.loads(body())
    event["job"]["name"] = repr(headers)
    answer = behind.client.post(DOOR, content=json.dumps(event), headers=headers)
    assert answer.status_code == 201, answer.text
    position = int(answer.json()["position"])
    (stored,) = behind.context.journal.read_after(position - 1, 1)
    assert stored.source == source


def test_no_header_is_believed_by_default(guarded: Served) -> None:
    """Whoever sends it."""
    event = json.loads(body())
    event["job"]["name"] = "unbelieved"
    headers = {"X-API-Key": "second:key", "X-Headwater-Person": "mallory"}
    answer = guarded.client.post(DOOR, content=json.dumps(event), headers=headers)
    (stored,) = guarded.context.journal.read_after(int(answer.json()["position"]) - 1, 1)
    assert stored.source == "http:airflow"


@pytest.mark.parametrize(
    "given", [{"identity_from": ""}, {"identity_from": "nobody"}, {"api_keys": SecretStr("")}]
)
def test_a_header_is_not_believed_from_everybody(given: dict[str, Any]) -> None:
    """Without a key of the gateway's own, anybody who reaches the server could be anybody: that is refused."""
    known: dict[str, Any] = {
        "identity_header": "x-person",
        "identity_from": "gateway",
        "api_keys": SecretStr("gateway:k"),
    }
    assert Settings(**known).identity_header == "x-person"
    with pytest.raises(ValueError, match="HEADWATER_IDENTITY_FROM"):
        Settings(**{**known, **given})
