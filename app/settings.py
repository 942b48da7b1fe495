"""What can be set, in which unit, and what is it when nobody sets it?

Every field is read from `HEADWATER_<NAME>`. The object is frozen and passed as an argument; nothing reads the
environment later. Limits end in their unit, or in `_max` when they count things.
"""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from graph_schema.errors import LineageError

JWT_SECRET_BYTES_MIN = 32
"""RFC 7518 3.2: a key for HS256 has at least as many bits as its hash."""

Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0)]


class UnsafeSettings(LineageError):
    """Settings that would open the server to everybody, or that contradict each other."""

    code = "UNSAFE_SETTINGS"


class Settings(BaseSettings):
    """Everything an operator can set; the defaults suit one machine and nobody but its user."""

    model_config = SettingsConfigDict(env_prefix="HEADWATER_", frozen=True, extra="ignore")

    home: Path = Field(Path(".headwater"), description="Folder that holds everything this server keeps.")
    host: str = Field("127.0.0.1", description="Address to listen on; beyond loopback only with auth on.")
    port: int = Field(8020, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    base_path: str = Field(
        "", description="Path before every address, as a gateway sends it; also works without."
    )
    log_level: str = Field("info", description="Least level of log lines: debug, info, warning, error.")

    graph: str = Field("embedded", description="Graph engine: embedded, or a bolt:// or neo4j:// address.")
    graph_user: str = Field("neo4j", description="User at a graph engine that is not embedded.")
    graph_password: SecretStr = Field(SecretStr(""), description="Password of that user.")
    graph_database: str = Field("neo4j", description="Database at a graph engine that is not embedded.")
    graph_timeout_s: Seconds = Field(30.0, description="Longest time, in seconds, one statement may take.")
    graph_write_timeout_s: Seconds = Field(
        120.0, description="Longest time, in seconds, one transaction of the projector may take."
    )
    graph_connections_max: Count = Field(
        50, description="Most connections this server keeps to a graph engine."
    )
    graph_ca_file: Path | None = Field(
        None, description="PEM file with the certificates to trust at bolt+s:// and neo4j+s:// addresses."
    )
    engine_heap_mb: Count = Field(
        1024, description="Memory, in MiB, that the embedded engine may use for objects."
    )

    projector: Literal["child", "elsewhere"] = Field(
        "child", description="Who writes the graph: a child of serve, or `headwater work` elsewhere."
    )

    follow: SecretStr = Field(
        SecretStr(""),
        description="Marquez whose table is followed, such as marquez://USER@HOST:5432/marquez; empty: none.",
    )
    follow_timeout_s: Seconds = Field(
        60.0, description="Longest time, in seconds, one question to Marquez's database may take."
    )
    marquez_password: SecretStr = Field(
        SecretStr(""), description="Password at Marquez's database, where the address has none."
    )
    mlflow: SecretStr = Field(
        SecretStr(""), description="MLflow server that is read, such as http://127.0.0.1:5000; empty: none."
    )
    mlflow_namespace: str = Field(
        "", description="Namespace of what is in it; empty: `mlflow://` and the host and port of its address."
    )
    mlflow_feast_namespaces: str = Field(
        "",
        description="Namespaces of Feast projects, by commas: `PROJECT=NAMESPACE`; else by HEADWATER_FEAST_NAMESPACE.",
    )
    mlflow_table_namespace: str = Field(
        "", description="Namespace of tables that MLflow knows by name alone; empty: they stay MLflow's own."
    )
    mlflow_experiments_excluded: str = Field(
        "", description="Experiments that are left out, by commas, with `*`; `*-feast-ops` always is."
    )
    mlflow_every_s: Seconds = Field(10.0, description="Pause, in seconds, between two looks at it.")
    mlflow_timeout_s: Seconds = Field(
        30.0, description="Longest time, in seconds, one question to it may take."
    )
    mlflow_username: str = Field("", description="User at an MLflow server that asks for one.")
    mlflow_password: SecretStr = Field(SecretStr(""), description="That user's password.")
    mlflow_token: SecretStr = Field(SecretStr(""), description="Bearer token that is sent instead of both.")
    mlflow_webhook_secret: SecretStr = Field(
        SecretStr(""),
        description="Secret of MLflow's webhooks; empty: `/api/v1/webhooks/mlflow` refuses all.",
    )
    feast: SecretStr = Field(
        SecretStr(""),
        description="Feast registry that is read, where `feast serve_registry --rest-api` listens; empty: none.",
    )
    feast_namespace: str = Field(
        "",
        description="Namespace in front of its projects' names, as Feast's own `openlineage.namespace`; empty: none.",
    )
    feast_aliases: str = Field(
        "", description="Where its sources lie, by blanks, each SOURCE=NAMESPACE/NAME; see docs/feast.md."
    )
    feast_token: SecretStr = Field(SecretStr(""), description="Bearer token for it; empty sends none.")
    feast_pause_s: Seconds = Field(10.0, description="Time, in seconds, between two looks at it.")
    feast_timeout_s: Seconds = Field(
        30.0, description="Longest time, in seconds, one answer of it may take; then it is asked again."
    )
    feast_ca_file: Path | None = Field(
        None, description="PEM file with the certificates to trust at an https:// address of it."
    )
    gateway_log: Path | None = Field(
        None, description="Access log of a gateway, as deploy/envoy/envoy.yaml writes it, that is followed."
    )
    gateway_namespace: str = Field("envoy://gateway", description="How that gateway is named in events.")
    gateway_mlflow_namespace: str = Field(
        "",
        description="How the MLflow behind it is named; empty: as the one that is read (`HEADWATER_MLFLOW`).",
    )
    forward: str = Field(
        "", description="Address of a Marquez that gets every accepted event, such as http://marquez:5000."
    )
    forward_api_key: SecretStr = Field(
        SecretStr(""), description="Bearer key that is sent to it; empty sends none."
    )
    forward_begin: Literal["first", "new"] = Field(
        "first", description="Where a Marquez that is new begins: with the first event, or with what comes."
    )
    forward_connections_max: Count = Field(8, description="Most events that are on their way to it at once.")
    forward_timeout_s: Seconds = Field(
        60.0, description="Longest time, in seconds, it may take for one event; then it is sent again."
    )
    forward_pause_max_s: Seconds = Field(
        15.0, description="Longest pause, in seconds, between two tries of what it did not take."
    )
    forward_tries_max: Count = Field(
        8, description="Failed tries, while it takes other events, until an event is given up and listed."
    )
    forward_tries_s: Seconds = Field(
        120.0, description="Least time, in seconds, over which these tries must have failed."
    )
    forward_ca_file: Path | None = Field(
        None, description="PEM file with the certificates to trust at an https:// address of it."
    )

    api_keys: SecretStr = Field(
        SecretStr(""),
        description="Comma-separated API keys, each `key` or `name:key`; any of them turns auth on.",
    )
    jwt_secret: SecretStr = Field(
        SecretStr(""), description="Secret of HS256 tokens, at least 32 bytes; turns auth on."
    )
    jwt_public_key_file: Path | None = Field(
        None, description="PEM file with the public key of RS256 or ES256 tokens; turns auth on."
    )
    jwt_jwks_file: Path | None = Field(None, description="JWKS file with the keys of RS256 or ES256 tokens.")
    jwt_audience: str = Field("", description="The `aud` a token must have; empty accepts any.")
    jwt_issuer: str = Field("", description="The `iss` a token must have; empty accepts any.")

    identity_header: str = Field(
        "",
        description="Header in which a gateway names the person behind a request; empty: none is believed.",
    )
    identity_from: str = Field(
        "", description="Name of the API key that the gateway shows; nobody else may name a person."
    )

    body_bytes_max: Count = Field(16 * 1024 * 1024, description="Largest body in bytes, after inflating.")
    bodies_bytes_max: Count = Field(
        128 * 1024 * 1024,
        description="Bytes of all bodies being received at once; beyond it the answer is 503.",
    )
    waiting_events_max: Count = Field(20_000, description="Events that may wait for the disk; beyond it 503.")
    waiting_bytes_max: Count = Field(
        128 * 1024 * 1024, description="Bytes of events that may wait for the disk."
    )
    journal_busy_timeout_s: Seconds = Field(
        3.0, description="Longest time, in seconds, to wait for another process that writes the journal."
    )
    at_least_timeout_s: Seconds = Field(
        10.0, description="Longest time, in seconds, a read waits for the position it was told to include."
    )

    pasts_max: Count = Field(
        2, description="Graphs as they were known at a position (`known_at`) that are kept at once."
    )
    pasts_keep_s: Seconds = Field(
        300.0, description="How long, in seconds, such a graph is kept after it was last asked about."
    )
    pasts_timeout_s: Seconds = Field(
        10.0, description="Longest time, in seconds, a question waits for such a graph to be made; then 503."
    )

    depth_max: Count = Field(10_000, description="Deepest walk, in edges.")
    nodes_max: Count = Field(
        1_000_000, description="Most nodes one walk may reach before it says it was cut."
    )
    page_max: Count = Field(10_000, description="Most rows on one page of an answer.")
    question_timeout_s: Seconds = Field(30.0, description="Longest time, in seconds, one question may take.")
    graphql_depth_max: Count = Field(15, description="Deepest nesting of fields in one GraphQL document.")
    graphql_aliases_max: Count = Field(30, description="Most aliases in one GraphQL document.")
    graphql_tokens_max: Count = Field(2_000, description="Most tokens in one GraphQL document.")
    graphql_cost_max: Count = Field(20_000, description="Most rows one GraphQL document may ask for in all.")

    subscriptions_max: Count = Field(
        100, description="Most GraphQL subscriptions, and most WebSockets, served at once; beyond it 503."
    )
    subscription_pause_s: Seconds = Field(
        1.0, description="Shortest time, in seconds, between two looks at what subscriptions watch."
    )
    watched_nodes_max: Count = Field(10_000, description="Most nodes in a set that a subscription watches.")

    graphql_introspection: bool = Field(
        default=True, description="Whether GraphQL tells its schema, which GraphiQL and other tools ask for."
    )

    @field_validator("base_path")
    @classmethod
    def _one_leading_slash(cls, value: str) -> str:
        trimmed = value.strip("/")
        return f"/{trimmed}" if trimmed else ""

    @field_validator("api_keys")
    @classmethod
    def _no_empty_key(cls, value: SecretStr) -> SecretStr:
        if any(not key for _, key in _named_keys(value)):
            raise ValueError("HEADWATER_API_KEYS has a name without a key; write name:key")
        return value

    @field_validator("jwt_secret")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        secret = value.get_secret_value()
        if secret and len(secret.encode()) < JWT_SECRET_BYTES_MIN:
            raise ValueError("HEADWATER_JWT_SECRET is shorter than 32 bytes; make a longer one")
        return value

    @model_validator(mode="after")
    def _one_kind_of_token(self) -> Self:
        given = [bool(self.jwt_secret.get_secret_value()), self.jwt_public_key_file, self.jwt_jwks_file]
        if sum(1 for one in given if one) > 1:
            raise ValueError(
                "set one of HEADWATER_JWT_SECRET, HEADWATER_JWT_PUBLIC_KEY_FILE and HEADWATER_JWT_JWKS_FILE: "
                "with two kinds of key a token could choose the weaker one"
            )
        return self

    @model_validator(mode="after")
    def _one_who_may_name_people(self) -> Self:
        if self.identity_header and self.identity_from not in {name for name, _ in self.keys if name}:
            raise ValueError(
                "HEADWATER_IDENTITY_HEADER is believed from one caller alone: give the gateway a key of its own in "
                "HEADWATER_API_KEYS, as name:key, and that name in HEADWATER_IDENTITY_FROM"
            )
        return self

    @property
    def keys(self) -> list[tuple[str, str]]:
        """Give the API keys as (name, key); a key without a name has the name ""."""
        return _named_keys(self.api_keys)

    @property
    def has_tokens(self) -> bool:
        """Tell whether JSON Web Tokens are accepted."""
        return bool(self.jwt_secret.get_secret_value() or self.jwt_public_key_file or self.jwt_jwks_file)

    @property
    def auth_on(self) -> bool:
        """Tell whether callers must show who they are."""
        return bool(self.keys) or self.has_tokens

    @property
    def journal_path(self) -> Path:
        """Say where the journal is."""
        return self.home / "journal.sqlite"


def check_exposure(settings: Settings) -> None:
    """Refuse to listen beyond this machine while auth is off; raises UnsafeSettings."""
    if settings.auth_on or is_loopback(settings.host):
        return
    msg = (
        f"host {settings.host} can be reached from other machines and auth is off; set HEADWATER_API_KEYS "
        "(or HEADWATER_JWT_SECRET), or listen on 127.0.0.1"
    )
    raise UnsafeSettings(msg, host=settings.host, setting="HEADWATER_API_KEYS")


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach an address. Names other than localhost are not looked up."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _named_keys(keys: SecretStr) -> list[tuple[str, str]]:
    entries = [entry.strip() for entry in keys.get_secret_value().split(",") if entry.strip()]
    pairs = [entry.partition(":") for entry in entries]
    return [(name.strip(), key.strip()) if colon else ("", name) for name, colon, key in pairs]
