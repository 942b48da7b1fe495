"""Is every setting documented and used, and are unsafe ones refused before anything listens?"""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from app.settings import Settings, UnsafeSettings, check_exposure, is_loopback

ROOT = Path(__file__).parents[2]


def test_every_setting_is_described_with_its_unit() -> None:
    """Each field has a sentence; a field that ends in a unit speaks of that unit."""
    units = {"_s": "second", "_mb": "MiB", "_bytes_max": "ytes"}
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name
        for ending, unit in units.items():
            if name.endswith(ending):
                assert unit in field.description, name


def test_every_setting_is_read_somewhere() -> None:
    """A setting that nothing reads is a promise that nothing keeps."""
    sources = [path for folder in ("app", "ingest", "queries") for path in (ROOT / folder).rglob("*.py")]
    text = "\n".join(path.read_text() for path in sources if path.name != "settings.py")
    through_properties = {"api_keys", "jwt_secret", "home"}
    unread = [
        name for name in Settings.model_fields if f".{name}" not in text and name not in through_properties
    ]
    assert unread == []


def test_settings_come_from_the_environment_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Fields are read from HEADWATER_<NAME>, and the object does not change afterwards."""
    monkeypatch.setenv("HEADWATER_HOME", str(tmp_path))
    monkeypatch.setenv("HEADWATER_API_KEYS", "a, team:b:c")
    monkeypatch.setenv("HEADWATER_BASE_PATH", "lineage/api/")
    settings = Settings()
    assert (settings.journal_path, settings.base_path) == (tmp_path / "journal.sqlite", "/lineage/api")
    assert settings.keys == [("", "a"), ("team", "b:c")]
    assert settings.auth_on
    with pytest.raises(ValidationError):
        settings.port = 1  # type: ignore[misc]
    assert "team" not in repr(settings)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.org", "", "127.0.0.1.example.org"])
def test_a_host_beyond_loopback_needs_auth(host: str) -> None:
    """A host that others can reach is refused while auth is off; the error names the setting to set."""
    with pytest.raises(UnsafeSettings, match="HEADWATER_API_KEYS"):
        check_exposure(Settings(host=host))
    check_exposure(Settings(host=host, api_keys=SecretStr("k")))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost", "LOCALHOST"])
def test_loopback_needs_none(host: str) -> None:
    """The machine's own user is let in without a key."""
    assert is_loopback(host)
    check_exposure(Settings(host=host))


@pytest.mark.parametrize(
    "wrong",
    [
        {"api_keys": "name:"},
        {"jwt_secret": "short"},
        {"jwt_secret": "x" * 32, "jwt_jwks_file": "keys.json"},
        {"port": 70000},
        {"body_bytes_max": 0},
        {"question_timeout_s": 0},
    ],
)
def test_settings_that_cannot_be_meant_are_refused(wrong: dict[str, object]) -> None:
    """Empty keys, short secrets, two kinds of token keys and limits of nothing stop the start."""
    with pytest.raises(ValidationError):
        Settings(**wrong)  # type: ignore[arg-type]
