"""How does the whole of a walk look from further away?

Nodes of some kinds are hidden and what they connect is joined; the others are put into groups: namespaces,
schemas, outermost parent jobs. Each node stands for itself where nothing is grouped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from graph_schema.containers import schema_of
from graph_schema.errors import BadInput
from graph_schema.identity import container_key
from queries.cursors import decode_cursor, encode_cursor
from queries.limits import Limits, check_granularity, check_rows, within
from queries.nodes import read_nodes
from queries.projection import Projection
from queries.quotient import Bundle, Joined, Quotient, join_through, quotient
from queries.results import Completeness, Dataset, Job, KindCount, Node, PageInfo
from queries.roots import Root, resolve_root
from queries.store import GraphStore
from queries.walk import Budget, Direction, Reach
from queries.whole import Whole, walk_whole

GRANULARITIES: Final = ("DATASET", "JOB")
GROUPINGS: Final = ("NAMESPACE", "SCHEMA", "PARENT_JOB")
DIRECTIONS: Final = ("upstream", "downstream")
GROUPS_DEFAULT: Final = 200
NODES_MAX: Final = 100_000
"""So many nodes are held in memory with what they say, some 100 MB, before a roll-up is cut and says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RollupQuestion:
    """What to walk, what to hide, and what to group by (None: each node stands for itself); `first` counts groups."""

    of: str
    direction: str
    group_by: str | None = None
    depth: int | None = None
    as_of: str | None = None
    seen_since: str | None = None
    granularity: str = "DATASET"
    hide_kinds: frozenset[str] = frozenset()
    ignore_as_hops: frozenset[str] = frozenset()
    first: int = GROUPS_DEFAULT
    after: str | None = None

    def identity(self, root: str) -> list[Any]:
        """Give what a cursor is bound to: everything but the page itself."""
        kinds = [sorted(self.hide_kinds), sorted(self.ignore_as_hops)]
        times = [self.as_of, self.seen_since]
        return ["rollup", root, self.direction, self.group_by, self.depth, *times, self.granularity, *kinds]


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A group of nodes: a namespace, a schema, a parent job, or one node by itself.

    `node` is there where the group is a node's own; `depth` is that of its nearest member. `inside` counts the edges
    between two of its members.
    """

    key: str
    namespace: str | None
    name: str
    depth: int
    nodes: int
    by_kind: list[KindCount]
    inside: int
    node: Node | None = None


class GroupEdge(msgspec.Struct, frozen=True):
    """How many edges lead from one group to another; how many of them are guesses, or lead through hidden nodes."""

    source: str
    target: str
    edges: int
    guesses: int
    via: int


class RollupTotals(msgspec.Struct, frozen=True):
    """How many groups there are on all pages, nodes in them, and edges between nodes, inside groups or not."""

    groups: int
    nodes: int
    edges: int


class Rollup(msgspec.Struct, frozen=True):
    """One page of a quotient graph, nearest groups first; an edge is on the page of its later end."""

    root: Node
    groups: list[Group]
    edges: list[GroupEdge]
    totals: RollupTotals
    completeness: Completeness
    page_info: PageInfo


async def rollup(
    store: GraphStore, question: RollupQuestion, limits: Limits, *, projection: Projection
) -> Rollup:
    """Answer a question; `projection` is where the graph stood before the first read."""
    _check(question, limits)
    async with within(limits, "ask with a smaller depth"):
        return await _answer(store, question, limits, projection=projection)


def _check(question: RollupQuestion, limits: Limits) -> None:
    check_granularity(question.granularity, GRANULARITIES)
    check_rows(question.first, limits.page_max)
    if question.direction not in DIRECTIONS:
        raise BadInput(f"direction is one of {', '.join(DIRECTIONS)}", direction=question.direction[:60])
    if question.group_by is not None and question.group_by not in GROUPINGS:
        raise BadInput(f"group_by is one of {', '.join(GROUPINGS)}", group_by=question.group_by[:60])
    if question.group_by == "PARENT_JOB" and question.granularity != "JOB":
        raise BadInput("only jobs have parents: group by PARENT_JOB with granularity JOB")
    if question.depth is not None and question.depth < 0:
        raise BadInput("depth counts edges from 0 on", depth=question.depth)


async def _answer(
    store: GraphStore, question: RollupQuestion, limits: Limits, *, projection: Projection
) -> Rollup:
    direction: Direction = "upstream" if question.direction == "upstream" else "downstream"
    root = await resolve_root(store, question.of, direction, question.granularity)
    identity = question.identity(root.node.key)
    after = None if question.after is None else decode_cursor(question.after, identity, tuple[int, str])
    reach = Reach(direction, question.as_of, question.seen_since, question.granularity)
    # The walk ends before the question does, so that what it reached can still be shown, marked as cut.
    ends_at = asyncio.get_running_loop().time() + 0.6 * limits.time_s
    budget = Budget(limits.depth(question.depth), min(limits.nodes_max, NODES_MAX), ends_at)
    whole = await walk_whole(store, reach, root.starts, budget, no_hops=question.ignore_as_hops)
    groups = await _groups(store, whole, question.group_by)
    joined, rolled = await asyncio.to_thread(_roll_up, whole, root, question.hide_kinds, groups)
    cuts = [
        *whole.truncated_by,
        *(
            ["depth"]
            if whole.at_bound and limits.stops_short_of(question.depth) and not whole.truncated_by
            else []
        ),
        *(["edges"] if joined.given_up else []),
    ]
    return _page(question, root, rolled, groups, after=after, cuts=cuts, position=projection.position)


def _roll_up(
    whole: Whole, root: Root, hide_kinds: frozenset[str], groups: Mapping[str, Group]
) -> tuple[Joined, Quotient]:
    """Hide what is asked for, never the root, and take the quotient."""
    kept = frozenset() if root.listed else frozenset(root.starts)
    hidden = {key for key, node in whole.nodes.items() if node.kind in hide_kinds} - kept
    joined = join_through(whole.arrows, hidden)
    shown = {
        key: (depth, whole.nodes[key].kind) for key, depth in whole.depth_of.items() if key not in hidden
    }
    return joined, quotient(shown, joined.arrows, lambda key: groups[key].key)


def _page(
    question: RollupQuestion,
    root: Root,
    rolled: Quotient,
    groups: Mapping[str, Group],
    *,
    after: tuple[int, str] | None,
    cuts: list[str],
    position: str,
) -> Rollup:
    order = sorted((members.depth, key) for key, members in rolled.groups.items())
    rest = [row for row in order if after is None or row > after]
    shown = rest[: question.first]
    told = {group.key: group for group in groups.values()}
    place = {key: (depth, key) for depth, key in order}
    on_page = {key for _, key in shown}
    edges = [
        _edge(source, target, bundle)
        for (source, target), bundle in sorted(rolled.edges.items())
        if max(place[source], place[target])[1] in on_page
    ]
    between = sum(bundle.edges for bundle in rolled.edges.values())
    inside = sum(members.inside.edges for members in rolled.groups.values())
    identity = question.identity(root.node.key)
    return Rollup(
        root=root.node,
        groups=[_told(told[key], rolled) for _, key in shown],
        edges=edges,
        totals=RollupTotals(
            len(order), sum(members.kinds.total() for members in rolled.groups.values()), between + inside
        ),
        completeness=Completeness(
            complete=not cuts,
            truncated_by=cuts,
            hidden=0,
            guessed_edges=sum(edge.guesses for edge in edges),
            position=position,
        ),
        page_info=PageInfo(len(rest) > len(shown), encode_cursor(identity, shown[-1]) if shown else None),
    )


def _edge(source: str, target: str, bundle: Bundle) -> GroupEdge:
    return GroupEdge(source, target, bundle.edges, bundle.guesses, bundle.via)


def _told(group: Group, rolled: Quotient) -> Group:
    members = rolled.groups[group.key]
    return msgspec.structs.replace(
        group,
        depth=members.depth,
        nodes=members.kinds.total(),
        by_kind=[KindCount(kind, count) for kind, count in sorted(members.kinds.items())],
        inside=members.inside.edges,
    )


async def _groups(store: GraphStore, whole: Whole, group_by: str | None) -> dict[str, Group]:
    """Name the group of every node, empty as yet."""
    nodes = whole.nodes
    if group_by == "NAMESPACE":
        return {key: _in_namespace(node) for key, node in nodes.items()}
    if group_by == "SCHEMA":
        return {key: _in_schema(node) for key, node in nodes.items()}
    own = {key: _alone(node) for key, node in nodes.items()}
    if group_by == "PARENT_JOB":
        jobs = await _with_ancestors(store, {key: job for key, job in nodes.items() if isinstance(job, Job)})
        tops = {
            key: outermost({job.key: job.parent for job in jobs.values()}, key) for key in own if key in jobs
        }
        own |= {key: _alone(jobs[top]) for key, top in tops.items()}
    return own


def _empty(key: str, namespace: str | None, name: str, node: Node | None = None) -> Group:
    return Group(key=key, namespace=namespace, name=name, depth=0, nodes=0, by_kind=[], inside=0, node=node)


def _alone(node: Node) -> Group:
    return _empty(node.key, node.namespace, node.name, node)


def _in_namespace(node: Node) -> Group:
    namespace = node.namespace or ""
    return _empty(container_key("namespace", namespace), namespace, namespace)


def _in_schema(node: Node) -> Group:
    if not isinstance(node, Dataset):
        return _alone(node)
    schema = schema_of(node.namespace or "", node.name, node.kind)
    if schema is None:
        return _in_namespace(node)
    return _empty(container_key("schema", node.namespace or "", schema), node.namespace, schema)


async def _with_ancestors(store: GraphStore, jobs: Mapping[str, Job]) -> dict[str, Job]:
    """Read the jobs that contain some jobs, and those that contain them."""
    known = dict(jobs)
    while wanted := sorted({job.parent for job in known.values() if job.parent} - known.keys()):
        found = await read_nodes(store, "job", wanted)
        known.update((key, job) for key, job in found.items() if isinstance(job, Job))
        if not found:
            break
    return known


def outermost(parents: Mapping[str, str | None], key: str) -> str:
    """Give the outermost job that contains one; of jobs that contain each other in a ring, the least key speaks."""
    way: Sequence[str] = [key]
    while (parent := parents.get(way[-1])) is not None and parent in parents:
        if parent in way:
            return min(way[way.index(parent) :])
        way = [*way, parent]
    return way[-1]
