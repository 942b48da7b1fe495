"""What do the stores do that stand in for MLflow's own? The same, and take note of what is to be told."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from mlflow.entities import RunStatus, RunTag
from mlflow.store.model_registry.rest_store import RestStore as RegistryRestStore
from mlflow.store.tracking.rest_store import RestStore as TrackingRestStore
from mlflow.utils.credentials import get_default_host_creds

from headwater_mlflow.retrievals import Retrievals
from headwater_mlflow.telling import Teller

log = logging.getLogger("headwater_mlflow")

ENDS: Final = frozenset({"FINISHED", "FAILED", "KILLED"})


def tracking_store(store_uri: str, artifact_uri: str | None = None) -> TrackingRestStore:  # noqa: ARG001 - MLflow's call
    """Give MLflow the store for runs at an http address."""
    return TellingTrackingStore(partial(get_default_host_creds, store_uri))


def registry_store(store_uri: str, tracking_uri: str | None = None) -> RegistryRestStore:  # noqa: ARG001 - MLflow's call
    """Give MLflow the store for registered models at an http address."""
    return TellingRegistryStore(partial(get_default_host_creds, store_uri))


class TellingTrackingStore(TrackingRestStore):  # type: ignore[misc] # MLflow has no types
    """MLflow's store for runs, which tells when one ends."""

    def __init__(self, get_host_creds: Callable[[], Any]) -> None:
        """Be MLflow's store, and have somebody to tell."""
        super().__init__(get_host_creds)
        self._retrievals = Retrievals()
        self._teller = Teller(get_host_creds)

    def set_tag(self, run_id: str, tag: Any) -> Any:
        done = super().set_tag(run_id, tag)
        _quietly(self._retrievals.note, run_id, tag.key, str(tag.value))
        return done

    def log_batch(self, run_id: str, metrics: Any, params: Any, tags: Any) -> Any:
        done = super().log_batch(run_id, metrics, params, tags)
        for tag in tags or ():
            _quietly(self._retrievals.note, run_id, tag.key, str(tag.value))
        return done

    def update_run_info(self, run_id: str, run_status: Any, end_time: Any, run_name: Any) -> Any:
        ends = _status(run_status) in ENDS
        if ends:
            _quietly(self._keep_retrievals, run_id)
        done = super().update_run_info(run_id, run_status, end_time, run_name)
        if ends:
            _quietly(self._teller.run_ended, run_id)
        return done

    def _keep_retrievals(self, run_id: str) -> None:
        for key, value in self._retrievals.take(run_id).items():
            super().set_tag(run_id, RunTag(key, value))


class TellingRegistryStore(RegistryRestStore):  # type: ignore[misc] # MLflow has no types
    """MLflow's store for registered models, which tells of versions and aliases."""

    def __init__(self, get_host_creds: Callable[[], Any]) -> None:
        """Be MLflow's store, and have somebody to tell."""
        super().__init__(get_host_creds)
        self._teller = Teller(get_host_creds)

    def create_model_version(self, name: str, *given: Any, **named: Any) -> Any:
        done = super().create_model_version(name, *given, **named)
        _quietly(self._teller.version_made, name, str(done.version))
        return done

    def set_registered_model_alias(self, name: str, alias: str, version: Any) -> Any:
        done = super().set_registered_model_alias(name, alias, version)
        _quietly(self._teller.version_changed, name, str(version))
        return done

    def set_model_version_tag(self, name: str, version: Any, tag: Any) -> Any:
        done = super().set_model_version_tag(name, version, tag)
        _quietly(self._teller.version_changed, name, str(version))
        return done


def _status(given: Any) -> str:
    return RunStatus.to_string(given) if isinstance(given, int) else str(given or "")


def _quietly(act: Callable[..., Any], *given: Any) -> None:
    """Never let an act of ours break what MLflow was asked for."""
    try:
        act(*given)
    except Exception as error:  # noqa: BLE001 - whatever it is, the training goes on
        log.warning("lineage was not told: %s: %s", type(error).__name__, error)
