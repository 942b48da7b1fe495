"""Which groups of names change with a batch, and what must be derived again for it (rules F9, D5, D7)?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.canonical import value_of
from ingest.derive.groups import GROUP_MAX, canonical_of, connected
from ingest.facets import symlinks
from ingest.facts import DELETED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ingest.project.touched import Touched
    from ingest.state import State


def regroup(state: State, touched: Touched) -> None:
    """Replace the links of datasets whose symlinks changed, and the groups around them."""
    around: set[str] = set()
    for dataset in touched.linked:
        before = {row[0] for row in state.rows("SELECT b FROM link WHERE a = ?", (dataset,))}
        after = _links(state, dataset)
        if before != after:
            around |= {dataset, *before, *after}
            state.run("DELETE FROM link WHERE a = ?", (dataset,))
            state.many("INSERT INTO link VALUES (?, ?)", ((dataset, other) for other in after))
    done: set[str] = set()
    for name in sorted(around):
        old = set(state.members(state.canonical(name)))
        for member in sorted(old | {name}):
            if member not in done:
                group = connected(member, lambda key: _neighbours(state, key))
                done |= group
                _set_group(state, group, touched)


def _links(state: State, dataset: str) -> set[str]:
    row = state.one("SELECT body FROM register WHERE entity = ? AND facet = 'symlinks'", (dataset,))
    if row is None or row[0] == DELETED:
        return set()
    return {named.key for named in symlinks.links(value_of(state.body(row[0])), dataset)}


def _neighbours(state: State, key: str) -> Iterable[str]:
    rows = state.rows("SELECT b FROM link WHERE a = ?1 UNION SELECT a FROM link WHERE b = ?1", (key,))
    return (row[0] for row in rows)


def _set_group(state: State, group: frozenset[str], touched: Touched) -> None:
    merged = 1 < len(group) <= GROUP_MAX
    canonical = canonical_of(group) if merged else ""
    before = {name: state.canonical(name) for name in group}
    for name in sorted(group):
        state.run("DELETE FROM alias WHERE name = ?", (name,))
        state.run("DELETE FROM unmerged WHERE name = ?", (name,))
        if merged:
            state.run("INSERT INTO alias VALUES (?, ?)", (name, canonical))
    if len(group) > GROUP_MAX:
        first = min(group, key=str.encode)
        state.many("INSERT INTO unmerged VALUES (?, ?)", ((name, first) for name in sorted(group)))
    state.forget_groups()
    for name in sorted(group):
        around = {name, before[name], state.canonical(name)}
        touched.datasets |= around
        touched.fields |= around
        touched.told |= around
        for each in around:
            _touch_name(state, each, touched)


def _touch_name(state: State, name: str, touched: Touched) -> None:
    """Touch everything of every job and dataset whose events name it in any list or lineage (rule D7)."""
    for job, dataset in state.rows("SELECT job, dataset FROM mention WHERE name = ?", (name,)):
        if dataset:
            touched.told.add(dataset)
        if job:
            touched.runs.update(row[0] for row in state.rows("SELECT run FROM run WHERE job = ?", (job,)))
            touched.declared.add(job)
            touched.io.add(job)
