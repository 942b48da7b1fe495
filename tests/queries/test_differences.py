"""Are differences exactly what one side has and the other has not, in one order, both ways round?"""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from queries.differences import Difference, Graph, compare_graphs, compare_runs, in_order, place
from queries.results import LineageEdge
from queries.said import Said, leaves, said

NAMES = [f"dataset:n:{letter}" for letter in "abcd"]
FIELDS = [f"{name}#x" for name in NAMES]
texts = st.sampled_from(["", "1", "2"])
names = st.sampled_from(NAMES)
paths = st.sampled_from(["x", "y", "z.w"])


def edge(source: str, target: str, evidence: str) -> LineageEdge:
    return LineageEdge(source, target, ["job:n:j"], evidence, None, None, None)


saids = st.builds(
    Said,
    job=st.just("job:n:j"),
    inputs=st.dictionaries(names, texts),
    outputs=st.dictionaries(names, texts),
    columns=st.dictionaries(names, st.dictionaries(paths, texts, min_size=1)),
    column_edges=st.dictionaries(st.tuples(st.sampled_from(FIELDS), st.sampled_from(FIELDS)), texts),
    parameters=st.dictionaries(st.sampled_from(["p", "q"]), texts),
    code=st.dictionaries(st.sampled_from(["sql.query"]), texts),
)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    root = draw(names)
    depths = draw(st.dictionaries(names, st.integers(1, 3))) | {root: 0}
    ends = [(a, b) for a in depths for b in depths]
    kept = draw(st.dictionaries(st.sampled_from(ends), st.sampled_from(["PRODUCT", "COLUMN"])))
    told = draw(st.dictionaries(st.sampled_from(["job:n:j", "job:n:k"]), saids))
    return Graph(root, depths, [edge(*pair, evidence) for pair, evidence in kept.items()], told)


def turned(one: Difference) -> Difference:
    """The same difference from the other side."""
    change = {"ADDED": "REMOVED", "REMOVED": "ADDED"}.get(one.change, one.change)
    return msgspec.structs.replace(one, change=change, before=one.after, after=one.before)


@given(graphs(), graphs())
def test_graphs_differ_alike_from_either_side(a: Graph, b: Graph) -> None:
    """What is added from a to b is removed from b to a, and nothing differs from itself."""
    b = b._replace(root=a.root, depth_of={**b.depth_of, a.root: 0})
    assert compare_graphs(b, a) == in_order([turned(one) for one in compare_graphs(a, b)])
    assert compare_graphs(a, a) == []


@given(graphs(), graphs())
def test_nodes_and_edges_differ_as_sets_do(a: Graph, b: Graph) -> None:
    """A node or an edge of one side alone is ADDED or REMOVED; an edge that is known otherwise is CHANGED."""
    b = b._replace(root=a.root, depth_of={**b.depth_of, a.root: 0})
    found = compare_graphs(a, b)
    told = {(one.change, one.subject) for one in found if one.what == "NODE"}
    assert told == {("ADDED", key) for key in b.depth_of.keys() - a.depth_of.keys()} | {
        ("REMOVED", key) for key in a.depth_of.keys() - b.depth_of.keys()
    }
    was, now = ({(one.source, one.target): one.evidence for one in side.edges} for side in (a, b))
    edges = {(one.change, (one.subject, one.target)) for one in found if one.what == "EDGE"}
    assert edges == {("ADDED", ends) for ends in now.keys() - was.keys()} | {
        ("REMOVED", ends) for ends in was.keys() - now.keys()
    } | {("CHANGED", ends) for ends in was.keys() & now.keys() if was[ends] != now[ends]}


@given(graphs())
def test_two_roots_stand_for_one_another(a: Graph) -> None:
    """Two versions that were made alike differ in nothing, whatever they are called."""
    other = "dataset:n:other"
    b = a.called(other)
    assert a.root not in b.depth_of
    assert compare_graphs(a, b) == compare_graphs(b, a) == []


@given(saids, saids)
def test_runs_differ_alike_from_either_side(a: Said, b: Said) -> None:
    """The same law for runs; each difference has a place of its own, so that pages of them can be cut."""
    found = compare_runs(a, b)
    assert compare_runs(b, a) == in_order([turned(one) for one in found])
    assert compare_runs(a, a) == []
    places = [place(one) for one in found]
    assert places == sorted(set(places))


@given(graphs(), graphs())
def test_each_difference_of_graphs_has_its_place(a: Graph, b: Graph) -> None:
    """A cursor names a difference: no two have one place."""
    places = [place(one) for one in compare_graphs(a, b)]
    assert places == sorted(set(places))


def test_a_schema_that_was_not_stated_differs_from_none() -> None:
    """Nobody said which columns there were: that is not a difference in columns."""
    stated = Said("j", {}, {NAMES[0]: ""}, {NAMES[0]: {"x": "INT"}}, {}, {}, {})
    a, b = (Graph(NAMES[0], {NAMES[0]: 0}, [], {"j": one}) for one in (stated, stated._replace(columns={})))
    assert compare_graphs(a, b) == compare_graphs(b, a) == []


def test_what_is_read_of_a_run() -> None:
    """Settings by name, SQL, schemas and columns; what describes the facet, or what became of the run, is left out."""
    facets = {
        "run": {
            "environmentVariables": {"_producer": "p", "environmentVariables": [{"name": "A", "value": "1"}]},
            "my_params": {"lr": 0.1, "layers": [1, 2], "deep": {"on": True}},
            "parent": {"run": {"runId": "r"}},
            "errorMessage": {"message": "late"},
        },
        "job": {"sql": {"query": "select 1"}, "jobType": {"processingType": "BATCH"}, "ownership": {}},
        "inputs": {NAMES[0]: {"schema": {"fields": [{"name": "x", "type": "INT"}]}}},
        "outputs": {
            NAMES[1]: {
                "schema": {"fields": [{"name": "y", "fields": [{"name": "z", "type": "INT"}]}]},
                "columnLineage": {
                    "fields": {
                        "y": {
                            "inputFields": [
                                {
                                    "namespace": "n", "name": "a", "field": "x",
                                    "transformations": [{"type": "DIRECT", "subtype": "IDENTITY"}],
                                },
                                {"namespace": "n", "name": 1, "field": "x"},
                                "odd",
                            ]
                        }
                    }
                },
            }
        },
    }  # fmt: skip
    assert said("job:n:j", facets, {NAMES[0]: "v1"}, {NAMES[1]: None}) == Said(
        job="job:n:j",
        inputs={NAMES[0]: "v1"},
        outputs={NAMES[1]: ""},
        columns={NAMES[0]: {"x": "INT"}, NAMES[1]: {"y": "", "y.z": "INT"}},
        column_edges={(f"{NAMES[0]}#x", f"{NAMES[1]}#y"): "DIRECT IDENTITY"},
        parameters={
            "environmentVariables.environmentVariables.A": "1",
            "my_params.lr": "0.1",
            "my_params.layers": "[1, 2]",
            "my_params.deep.on": "true",
        },
        code={"sql.query": "select 1"},
    )


@given(
    st.recursive(
        st.none() | st.text() | st.integers(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_facet_can_be_read(value: object) -> None:
    """Whatever JSON a producer sends, its values have names, and texts to compare."""
    for name, text in leaves(value, "facet"):
        assert name.startswith("facet")
        assert isinstance(text, str)
    said(
        "job:n:j",
        {"run": value, "job": {"sql": value}, "inputs": {"d": value}, "outputs": {"d": {"schema": value}}},
        {},
        {},
    )
