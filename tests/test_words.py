"""The field's words: private ones, and some that only translated English has, stay out of code, docs and messages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
INSTEAD = {
    r"class _?(Ground|Asked|Wishes|Looked|Told|Spill|Dealt|Blindfold|Lesson|Taught)": "a name of docs/glossary.md",
    r"[Nn]obody|[Ss]omebody": "the passive, or: reviewers, annotators",
    r"[Ss]tand-ins?": "placeholder",
    r"text scars?|[Ss]carred": "text artefact",
    r"planted": "injected",
    r"row-dependent": "instance-dependent",
    r"[Ww]eigh(s|ed|ing)? down": "downweight",
    r"in passes": "out of core",
    r"(Input|Data|Labels|Run)Error where": "if",
    r"([Ii]s|must be) told (of|where|what)": "is called with, needs",
    r"[Hh]and(ed)? in\b": "pass",
    r"as a rule": "by default",
    r"a core as": "per core",
    r"by heart": "memorise",
    r"\blest\b": "so that … not",
    r"[Hh]onest": "calibrated, out-of-fold, correct",
    r"[Vv]erdicts of people|[Pp]eople (call|read|say|find|found)": "reviews, reviewers",
    r"one (array|code|column|folder|label|line|name|number|pair|row|rows) an? "
    r"(annotator|class|column|core|example|label|model|row|task)": "per",
    r"(one key|CPU|µs|bytes|[Nn]umbers?|[Ll]ines?|rows) an? "
    r"(band|class|decision|field|finding|number|parameter|row|run|sentence|text|word)(?! that)": "per",
    r"(up to|at most|needs|of) so many": "this many, or: the number",
    r"[Uu]nasked": "silently",
    r"traces of (its )?processing": "artefacts",
    r"[Ss]hares? of": "fraction of",
    r"so many (rows|columns|labels) of": "n, or: up to this many",
    r"(set|sets) (it|them|the row|their rows)? ?aside for a person": "for review",
    r"[Ss]urely (positive|negative|labelled)": "certainly",
    r"[Ww]hat is said of|[Tt]old apart|[Tt]ells? (them|it|these) apart": "the finding for; distinguished",
}
"""Pattern -> what to write in its place."""
_WORDS = {re.compile(rf"(?<![A-Za-z]){pattern}(?![a-z])"): instead for pattern, instead in INSTEAD.items()}
_BETWEEN_WORDS = re.compile(r"\s*\n\s*(?:#\s)?")


def _texts() -> Iterator[tuple[str, str]]:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    pages += [page for folder in ("docs", "changes", "examples", "src") for page in (ROOT / folder).rglob("*.md")]
    pages += (ROOT / "src").rglob("*.jinja")
    code = [file for folder in ("src", "tools", "examples") for file in (ROOT / folder).rglob("*.py")]
    for file in sorted({*pages, *code}):
        yield file.relative_to(ROOT).as_posix(), _BETWEEN_WORDS.sub(" ", file.read_text(encoding="utf-8"))


def _found(text: str) -> list[str]:
    return [f"{match[0]!r}: write {instead}" for word, instead in _WORDS.items() if (match := word.search(text))]


def test_no_private_or_translated_word_is_used() -> None:
    found = {name: words for name, text in _texts() if (words := _found(text))}
    assert found == {}
