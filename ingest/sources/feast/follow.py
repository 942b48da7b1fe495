"""How does what changes in a Feast registry get into the journal, once each, whatever happens in between?

    look:  read each project -> what differs from what was told? -> read again: still so? -> note -> journal -> take the note away

A registry is read by several questions, between which it may be written: a change is believed when two readings agree. Whatever
goes wrong is told and tried again for ever.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from graph_schema import instants
from graph_schema.errors import LineageError
from ingest.inbox import judge
from ingest.journal import Journal
from ingest.sources.condition import CATCHING_UP, FOLLOWING, STARTING, Condition, wait
from ingest.sources.faults import ForeignSource
from ingest.sources.feast import SOURCE
from ingest.sources.feast.asking import Access, Registry, opened
from ingest.sources.feast.changes import Plan, materialized, planned
from ingest.sources.feast.kept import Kept
from ingest.sources.feast.places import Alias
from ingest.sources.feast.registry import Snapshot
from ingest.sources.feast.thing import Thing
from ingest.sources.feast.things import materializations_of, things_of
from ingest.sources.mlflow.mapping.names import project_namespace

STANDING: Final = "feast"
RETRY_FIRST_S: Final = 0.5
RETRY_LONGEST_S: Final = 30.0
READINGS_MAX: Final = 5
PLACELESS_SHOWN: Final = 3

Said = Callable[[int, str | None], object]
"""Told of events so far, and what stands in the way."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read and how it is named; `namespace` is as Feast's own setting of that name."""

    access: Access
    namespace: str = ""
    aliases: tuple[Alias, ...] = ()
    pause_s: float = 10.0


class Follower:
    """Reads one registry into one journal. The place in the home must be held: `kept.locked`."""

    def __init__(self, home: Path, journal: Journal, reading: Reading) -> None:
        """Open the source's file."""
        self._home = home
        self._journal = journal
        self._reading = reading
        self._kept = Kept(home, journal)
        self.counts = self._kept.counts()
        self._condition = Condition(home, STANDING, RETRY_FIRST_S, RETRY_LONGEST_S)
        self._say: Said | None = None
        self._placeless: dict[str, list[str]] = {}
        self._things: dict[str, int] = {}
        self._version = ""

    def hear(self, say: Said) -> None:
        """Have somebody told how far it is."""
        self._say = say

    async def run(
        self, stop: asyncio.Event, *, once: bool = False, again: bool = False, anew: bool = False
    ) -> None:
        """Follow until told to stop; with `once` until all was read once, and then what goes wrong is raised.

        With `again` all is told once more, as of now; with `anew` what was told of another registry is forgotten.
        """
        if anew:
            self._kept.begin_anew()
        try:
            async with self._condition.telling(self.standing), opened(self._reading.access) as registry:
                while not stop.is_set():
                    again = not await self._looked(registry, again=again, once=once) and again
                    if once:
                        return
                    await wait(stop, self._condition.pause_after(self._reading.pause_s))
        finally:
            self._kept.close()

    async def _looked(self, registry: Registry, *, again: bool, once: bool) -> bool:
        """Look once; tells whether it went well."""
        began = time.monotonic()
        try:
            await self._look(registry, again=again)
        except (LineageError, sqlite3.Error, OSError) as error:
            if once:
                raise
            self._condition.goes_wrong(error)
            self._hear(str(error))
            return False
        self._condition.whole_at = began
        self._condition.goes_on()
        return True

    async def _look(self, registry: Registry, *, again: bool) -> None:
        await asyncio.to_thread(self._drain)  # what a crash left
        projects = [one.spec.name for one in await registry.projects()]
        self._version = registry.version
        if self._condition.state == STARTING:
            self._condition.become(CATCHING_UP)
        before = self._kept.projects()
        if before and not set(before) & set(projects):
            were = ", ".join(sorted(before))
            raise ForeignSource(
                f"{self._reading.access.shown} holds none of the projects that were read before ({were}); give that registry, or "
                "say that this one is meant: headwater source feast --anew",
                address=self._reading.access.shown,
            )
        for project in projects:
            await self._take(registry, project, again=again)
        for project in set(before) - set(projects):
            plan = planned(
                self._kept.things(before[project]), [], namespace=before[project], found_at=instants.now()
            )
            await asyncio.to_thread(self._keep, project, before[project], [plan], deleted=True)
            self._placeless.pop(project, None)
            self._things.pop(project, None)
        self._condition.become(FOLLOWING)

    async def _take(self, registry: Registry, project: str, *, again: bool) -> None:
        """Read a project, and tell what is new of it once two readings agree."""
        namespace = project_namespace(self._reading.namespace, project)
        snapshot = await registry.snapshot(project)
        for _ in range(READINGS_MAX):
            plans = self._planned(snapshot, project, namespace, again=again)
            self._see(project, things_of(snapshot, namespace, self._reading.aliases))
            if not any(plan.events for plan in plans):
                break
            second = await registry.snapshot(project)
            if _same(snapshot, second, namespace, self._reading.aliases):
                break
            snapshot = second
        else:
            return  # it is being written just now: the next look comes soon
        await asyncio.to_thread(self._keep, project, namespace, plans)

    def _planned(self, snapshot: Snapshot, project: str, namespace: str, *, again: bool) -> list[Plan]:
        found_at, before = instants.now(), self._kept.things(namespace)
        things = things_of(snapshot, namespace, self._reading.aliases)
        return [
            planned(before, things, namespace=namespace, found_at=found_at, again=again),
            materialized(
                self._kept.windows(namespace),
                materializations_of(snapshot),
                project=project,
                namespace=namespace,
                known=before,
                found_at=found_at,
            ),
        ]

    def _keep(self, project: str, namespace: str, plans: Sequence[Plan], *, deleted: bool = False) -> None:
        self._kept.save(project, namespace, plans, deleted=deleted)
        self._drain()

    def _drain(self) -> None:
        """Put what is noted into the journal."""
        while found := self._kept.pending():
            received_at = instants.now()
            records = [judge(body, received_at=received_at, source=SOURCE).record for _, body in found]
            appended = self._journal.append(records)
            again = sum(1 for one in appended if one.duplicate)
            self.counts["events"] += len(found) - again
            self.counts["duplicates"] += again
            self._kept.done([number for number, _ in found], self.counts)
            self._hear(None)

    def _see(self, project: str, things: Sequence[Thing]) -> None:
        self._things[project] = len(things)
        self._placeless[project] = [
            one.name for one in things if one.kind == "source" and one.place is None and _lies_somewhere(one)
        ]

    def _hear(self, why: str | None) -> None:
        if self._say is not None:
            self._say(self.counts["events"], why)

    def standing(self) -> dict[str, Any]:
        """Say how it is, for `/readyz`, `headwater status` and the metrics."""
        return self._condition.said(
            address=self._reading.access.shown,
            version=self._version,
            projects=len(self._things),
            things=sum(self._things.values()),
            notes=_notes(self._placeless),
            **self.counts,
        )


def _same(one: Snapshot, other: Snapshot, namespace: str, aliases: Sequence[Alias]) -> bool:
    """Tell whether two readings say the same, times of writing aside."""
    digests = [
        {thing.key: thing.digest for thing in things_of(snapshot, namespace, aliases)}
        for snapshot in (one, other)
    ]
    windows = [
        {(made.view, made.start, made.end) for made in materializations_of(snapshot)}
        for snapshot in (one, other)
    ]
    return digests[0] == digests[1] and windows[0] == windows[1]


def _lies_somewhere(thing: Thing) -> bool:
    """Tell whether a source is one that has data of its own: a request or a push has none outside Feast."""
    uri = thing.facets["dataSource"]["uri"]
    return bool(not str(uri).startswith("feast://"))


def _notes(placeless: Mapping[str, Sequence[str]]) -> list[str]:
    """Say what an operator should know though nothing fails."""
    names = [f"{project}:{name}" for project, listed in sorted(placeless.items()) for name in sorted(listed)]
    if not names:
        return []
    shown = ", ".join(names[:PLACELESS_SHOWN]) + (", ..." if len(names) > PLACELESS_SHOWN else "")
    what = f"{len(names)} source{'s' if len(names) > 1 else ''} without a place outside Feast ({shown})"
    return [
        f"{what}: what is upstream of them is not known; say where they lie by --alias SOURCE=NAMESPACE/NAME"
    ]
