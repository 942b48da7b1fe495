"""What becomes of names that are many, alike, linked or odd (hazards 19 to 23)?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from graph_schema.identity import clean
from tests.arrows import event
from tests.hazards.telling import Story

Tell = Callable[..., Story]


def test_hazard_19_many_jobs_on_one_path(client: httpx.Client) -> None:
    """Hazard 19: 160 one-off jobs between two datasets are one edge that names them; jobs without data stay out."""
    story = Story(client)
    lines = [f"{n % 24} COMPLETE r{n} once_{n}: a -> b" for n in range(160)]
    lines += [f"{n % 24} COMPLETE r{n + 200} dag_{n}:" for n in range(5)]
    assert story.post_batch(*lines)["summary"]["successful"] == 165
    answer = story.get("graph/downstream", key=story.key("a"))
    assert [node["node"]["name"] for node in answer["nodes"]] == ["b"]
    (edge,) = answer["edges"]
    assert sorted(edge["jobs"]) == sorted(story.job(f"once_{n}") for n in range(160))
    assert len(story.dataset("b")["producers"]["nodes"]) == 160


def test_hazard_20_partitions_in_names(tell_any: Tell) -> None:
    """Hazard 20: names with partitions stay exact and apart; a roll-up is a symlink, and can be taken back."""
    parts = ["s3/t/day=1", "s3/t/day=2"]
    lines = ["1 COMPLETE r1 load: a -> s3/t/day=1", "2 COMPLETE r2 load: a -> s3/t/day=2"]
    story = tell_any(*lines)
    assert story.edges("a", "downstream") == {f"a -> {part}" for part in parts}
    rolled = [f"{n + 3} DATASET {part} | symlinks={part}:t" for n, part in enumerate(parts)]
    story.post(*rolled)
    assert story.edges("a", "downstream") == {"a -> t"}
    story.post("5 DATASET s3/t/day=1 | symlinks=s3/t/day=1:!", "6 DATASET s3/t/day=2 | symlinks=s3/t/day=2:!")
    assert story.edges("a", "downstream") == {f"a -> {part}" for part in parts}


SPELLINGS = [
    ("s3://bucket", "path/t"), ("s3://bucket", "path/T"), ("s3://bucket", "path/t/"), ("s3a://bucket", "path/t"),
    ("s3://bucket/", "path/t"), ("postgres://db:5432", "public.t"), ("postgresql://db:5432", "public.t"),
    ("postgres://db", "public.t"), ("postgres://DB:5432", "public.t"), ("postgres://db:5432", '"public"."t"'),
    ("postgres://db:5432", " public.t"),
]  # fmt: skip


def test_hazard_21_names_that_look_alike(client: httpx.Client) -> None:
    """Hazard 21: identity is the exact text: case, slashes, schemes, ports, quotes and blanks keep names apart."""
    story = Story(client)
    own = [(namespace.replace("://", f"://{story.namespace}."), name) for namespace, name in SPELLINGS]
    body, _ = event("1 COMPLETE r1 load: a ->")
    story.post({**body, "outputs": [{"namespace": namespace, "name": name} for namespace, name in own]})
    found = [story.dataset(name, namespace) for namespace, name in own]
    assert [(one["namespace"], one["name"]) for one in found] == own
    assert len({one["key"] for one in found}) == len(own)
    assert all(one["aliasOf"] is None for one in found)
    assert len(story.get("graph/downstream", key=story.key("a"))["nodes"]) == len(own)


LINKS = [
    "3 DATASET c | symlinks=c:d", "3 DATASET d | symlinks=d:c",  # mutual
    "4 DATASET d | symlinks=d:c,s3/e", "3 DATASET s3/e | symlinks=s3/e:s3/f",  # a chain
    "3 DATASET s3/f | symlinks=s3/f:s3/f,",  # itself, and nothing
]  # fmt: skip


def test_hazard_22_symlinks(tell_any: Tell) -> None:
    """Hazard 22: mutual, chained, self and late links make one dataset: no extra hop, walks end, every name resolves."""
    story = tell_any("1 COMPLETE r1 load: a -> s3/f", "2 COMPLETE r2 mart: d -> z", *LINKS)
    for name in ("c", "d", "s3/e", "s3/f"):
        assert story.edges(name) == {"a -> c"}
        assert story.edges(name, "downstream") == {"c -> z"}
    answer = story.get("graph/downstream", key=story.key("a"))
    assert [(node["node"]["name"], node["depth"]) for node in answer["nodes"]] == [("c", 1), ("z", 2)]
    assert story.dataset("d")["aliasOf"] == {"name": "c"}
    assert story.dataset("c")["aliases"] == sorted(story.key(name) for name in ("d", "s3/e", "s3/f"))
    story.post("5 DATASET d | symlinks=d:!", "5 DATASET c | symlinks=c:!")
    assert story.edges("a", "downstream") == {"a -> s3/e"}, "a link that is taken back is gone"


ODD = [
    "a:b#c%d", "a`b\"c'd\\e", "' OR 1=1 //", "MATCH (n) DETACH DELETE n", "${jndi:ldap://x}", "{{7*7}}", "$key",
    "\U0001f600 e\u0301", "n" * 5000, "line\nbreak\ttab\u0001", "nul\u0000", " ", "", "../../etc/passwd", "\ufeff",
    "null", "-", "~", "%3A", "a/b?c=d&e", "\u202eright", "\ud800",
]  # fmt: skip


@pytest.mark.parametrize("name", ODD, ids=range(len(ODD)))
def test_hazard_23_odd_names_round_trip(client: httpx.Client, name: str) -> None:
    """Hazard 23: an odd name is found by its exact text and by its key, walked over, and exported, unchanged but for
    what no engine stores (NUL, lone surrogates), and nothing in it is obeyed.
    """
    story = Story(client)
    odd = {"namespace": f"{story.namespace}:{name}", "name": name}
    body, _ = event("1 COMPLETE r1 load: a -> b | schema=b:x")
    body |= {"job": odd, "outputs": [{**odd, "facets": body["outputs"][0]["facets"]}]}
    stored = {part: clean(text) for part, text in odd.items()}
    found = story.post(body).dataset(stored["name"], stored["namespace"])
    assert {part: found[part] for part in odd} == stored
    assert [field["path"] for field in found["fields"]] == ["x"]
    answer = story.get("graph/upstream", key=found["key"])
    assert [node["node"]["name"] for node in answer["nodes"]] == ["a"]
    assert answer["edges"][0]["jobs"] == [found["key"].replace("dataset:", "job:", 1)] or len(name) > 1000
    rows: list[dict[str, Any]] = [
        row for row in story.rows("dataset", "job") if row["name"] == stored["name"]
    ]
    assert [(row["type"], row["namespace"]) for row in rows] == [
        ("dataset", stored["namespace"]), ("job", stored["namespace"]),
    ]  # fmt: skip
    assert story.get("graph/node", key=found["key"])["key"] == found["key"]


def test_hazard_23_a_password_is_nowhere_in_the_answers(client: httpx.Client) -> None:
    """Hazard 23: a password in a namespace is hidden in graph and export, and asking with it finds the node."""
    story = Story(client)
    namespace = f"postgres://user:hunter2@{story.namespace}:5432"
    body, _ = event("1 COMPLETE r1 load: a -> b")
    found = story.post({**body, "outputs": [{"namespace": namespace, "name": "t"}]}).dataset("t", namespace)
    assert found["namespace"] == f"postgres://user:***@{story.namespace}:5432"
    assert story.get("graph/upstream", namespace=namespace, name="t")["root"]["key"] == found["key"]
    export = client.get("/api/v1/export").text
    assert found["key"] in export
    assert "hunter2" not in export
    assert ["SECRET_REDACTED", "/outputs/0/namespace"] in story.run("r1")["warnings"]
