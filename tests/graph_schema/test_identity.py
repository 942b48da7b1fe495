"""Does a key name one thing, exactly (DESIGN 5)?"""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_schema.errors import BadKey
from graph_schema.identity import (
    KEY_BYTES_MAX,
    clean,
    dataset_key,
    enc,
    field_key,
    job_key,
    parse_key,
    redact,
    run_uuid,
    stored_namespace,
)

texts = st.text(st.sampled_from("a%:#~@/\x00\n\ud800é"), max_size=12) | st.text()
UUID_TEXT = "0198c3a8-1234-7000-8000-0000000000ab"


@given(texts, texts)
def test_a_key_reads_back_as_what_it_names(namespace: str, name: str) -> None:
    """Parsing a rendered key gives the stored namespace and name, and renders the same key."""
    for kind, key in (("dataset", dataset_key(namespace, name)), ("job", job_key(namespace, name))):
        parsed = parse_key(key)
        assert (parsed.kind, parsed.text) == (kind, key)
        assert parsed.parts == (stored_namespace(namespace), clean(name))


@given(texts, texts, texts)
def test_a_fields_key_reads_back(namespace: str, name: str, path: str) -> None:
    """A field's key is its dataset's, `#` and the path; it reads back as all three."""
    parsed = parse_key(field_key(dataset_key(namespace, name), path))
    assert parsed.kind == "field"
    assert parsed.parts == (stored_namespace(namespace), clean(name), clean(path))


@given(texts, texts, texts, texts)
def test_two_names_never_share_a_key(one: str, two: str, three: str, four: str) -> None:
    """Keys are equal exactly when the stored namespaces and names are."""
    stored = (stored_namespace(one), clean(two)) == (stored_namespace(three), clean(four))
    assert (dataset_key(one, two) == dataset_key(three, four)) == stored


@pytest.mark.parametrize(
    ("part", "escaped"),
    [
        ("a%b:c#d", "a%25b%3Ac%23d"),
        ("tab\tnewline\n\x7f", "tab%09newline%0A%7F"),
        ("nul\x00 lone\ud800", "nul\ufffd lone\ufffd"),
        ("s3://Ünï/code 'quoted' \"\\", "s3%3A//Ünï/code 'quoted' \"\\"),
    ],
)
def test_nothing_but_the_listed_characters_is_escaped(part: str, escaped: str) -> None:
    """`%`, `:`, `#` and control characters become upper-case %XX; NUL and lone surrogates U+FFFD; nothing else."""
    assert enc(part) == escaped


@pytest.mark.parametrize("unit", ["x", "é", "😀"])
def test_a_long_key_is_cut_at_a_character_and_hashed_whole(unit: str) -> None:
    """A key over 2,048 bytes is its first 1,900, `~` and the hash of the whole: bounded, stable, and its own."""
    one, other = dataset_key("ns", unit * 3000 + "a"), dataset_key("ns", unit * 3000 + "b")
    assert one != other
    assert one.partition("~")[0] == other.partition("~")[0]
    assert 1890 < len(one.partition("~")[0].encode()) <= 1900
    assert len(one.encode()) <= KEY_BYTES_MAX
    assert parse_key(one).text == one


def test_a_key_of_just_the_limit_is_kept_whole() -> None:
    """2,048 bytes are not too many."""
    key = dataset_key("ns", "x" * (KEY_BYTES_MAX - len("dataset:ns:")))
    assert len(key.encode()) == KEY_BYTES_MAX
    assert "~" not in key


@pytest.mark.parametrize(
    ("namespace", "shown"),
    [
        ("postgres://u:secret@db:5432", "postgres://u:***@db:5432"),
        ("postgres://u:se@cret@db:5432/x@y", "postgres://u:***@db:5432/x@y"),
        ("postgres://u@db", "postgres://u@db"),
        ("postgres://db:5432/a:b@c", "postgres://db:5432/a:b@c"),
        ("no-scheme u:p@h", "no-scheme u:p@h"),
    ],
)
def test_a_password_in_an_authority_is_hidden(namespace: str, shown: str) -> None:
    """`scheme://user:secret@rest` becomes `scheme://user:***@rest`, to the last `@` of the authority."""
    assert redact(namespace) == (shown, shown != namespace)
    assert dataset_key(namespace, "t") == dataset_key(shown, "t")


@pytest.mark.parametrize(
    "text",
    [
        UUID_TEXT,
        UUID_TEXT.upper(),
        UUID_TEXT.replace("-", ""),
        f"urn:uuid:{UUID_TEXT}",
        "{" + UUID_TEXT + "}",
    ],
)
def test_every_spelling_of_a_uuid_is_one_run(text: str) -> None:
    """Plain, dashed, braced, with urn:uuid: and in any case: the lower-case dashed form."""
    assert run_uuid(text, "any", "job") == UUID_TEXT


@given(texts, texts, st.sampled_from(["scheduled__2026-05-01", "", "0198c3a8", "é\x00"]))
def test_any_other_text_is_a_run_of_its_job(namespace: str, name: str, text: str) -> None:
    """uuid5 of namespace, name and text, one a line, after redaction and replacement."""
    made = f"{stored_namespace(namespace)}\n{clean(name)}\n{clean(text)}"
    assert run_uuid(text, namespace, name) == str(uuid5(uuid5(NAMESPACE_URL, "headwater:run"), made))


def test_marquez_keys_are_read_where_they_are_clear() -> None:
    """Marquez leaves the colons of a namespace as they are: the last one divides, unless it begins a `//`."""
    assert parse_key("dataset:postgres://h:5432:db.t").text == dataset_key("postgres://h:5432", "db.t")
    with pytest.raises(BadKey):
        parse_key("dataset:lake:s3://bucket")


@pytest.mark.parametrize("text", ["", "orders", "table:a:b", "dataset:a", "run:nightly", "job:a:b#c"])
def test_what_is_no_key_is_refused(text: str) -> None:
    """A text that names no kind, or has not its parts, is BAD_KEY."""
    with pytest.raises(BadKey):
        parse_key(text)
