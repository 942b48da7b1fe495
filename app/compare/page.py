"""How is a comparison shown as a page? One file, without scripts and without anything from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from string import Template
from typing import Final

from app.compare.cause import UNEXPLAINED
from app.compare.differences import THERE
from app.compare.report import NAMES, Comparison, Told, sentence
from graph_schema import instants

_PAGE: Final = Template((Path(__file__).parent / "page.html").read_text(encoding="utf-8"))


def to_html(found: Comparison, *, ours: str, theirs: str) -> str:
    """Write the page."""
    total = len(found.told)
    verdict = "Both say the same" if not total else f"{total:,} differences, all explained"
    if found.unexplained:
        verdict = f"{found.unexplained:,} of {total:,} differences are unexplained"
    return _PAGE.substitute(
        verdict=verdict,
        tone="bad" if found.unexplained else "good",
        ours=escape(ours),
        theirs=escape(theirs),
        at=instants.now()[:16].replace("T", " "),
        counts="".join(_counts(found)),
        notes="".join(f"<p class=note>{escape(note)}</p>\n" for note in found.notes),
        unreadable="".join(_unreadable(found)),
        causes="".join(_causes(found)),
    )


def _counts(found: Comparison) -> Iterator[str]:
    for name, (ours, theirs) in found.counts.items():
        yield f"<tr><th scope=row>{NAMES[name]}</th><td>{ours:,}</td><td>{theirs:,}</td></tr>\n"


def _unreadable(found: Comparison) -> Iterator[str]:
    if found.unreadable:
        yield "<h2>Not read</h2>\n"
    for one in found.unreadable:
        yield f"<p class=note><b>{escape(one.what)}</b>, {one.times:,} times: <code>{escape(one.answer)}</code></p>\n"


def _causes(found: Comparison) -> Iterator[str]:
    for cause, count in sorted(found.by_cause.items(), key=lambda one: (one[0] != UNEXPLAINED, -one[1])):
        is_open = " open" if cause == UNEXPLAINED else ""
        tone = " class=bad" if cause == UNEXPLAINED else ""
        yield f"<details{is_open}{tone}><summary><b>{cause.replace('_', ' ')}</b> <span>{count:,}</span>"
        yield f"<i>{escape(sentence(cause))}</i></summary>\n<table><thead><tr><th>what</th><th>of</th>"
        yield "<th>Headwater</th><th>Marquez</th><th>evidence</th></tr></thead><tbody>\n"
        yield from (_row(one) for one in found.told if one.cause.code == cause)
        yield "</tbody></table></details>\n"


def _row(told: Told) -> str:
    one = told.difference
    between = " of " if one.kind in {"run", "run state"} else " → "
    what = one.subject if one.other is None else f"{one.subject}{between}{one.other}"
    evidence = "<br>".join(escape(text) for text in told.cause.evidence)
    sides = [
        escape("no" if said is None else "yes" if said == THERE else said) for said in (one.ours, one.theirs)
    ]
    return (
        f"<tr><td>{one.kind}</td><td><code>{escape(what)}</code></td><td>{sides[0]}</td><td>{sides[1]}</td>"
        f"<td class=note>{evidence}</td></tr>\n"
    )
