import numpy as np
import pytest

from dechaff.core.distinct import Distinct
from dechaff.methods.cells.text_artefacts import ARTEFACTS, TextArtefacts, text_artefacts

LONG = "A long enough review, so that the column is one of sentences and not of names or codes."


def artefacts(*texts: str) -> TextArtefacts:
    cells = np.array([*texts, *[LONG] * 20], dtype=object)
    return text_artefacts(Distinct.of(cells), cells == "")


@pytest.mark.parametrize(
    ("text", "name", "evidence"),
    [
        ("Great<br>o-p28pass4 </br>", "markup", "<br>"),
        ('see <a href="x">here</a>', "markup", '<a href="x">'),
        ("so [b]bold[/b]", "markup", "[b]"),
        ("this &amp; that", "character entity", "&amp;"),
        ("Ã©tÃ© in Paris", "broken encoding", "Ã©"),
        ("donâ€™t go", "broken encoding", "â€"),
        ("caf\ufffd", "broken encoding", "\ufffd"),
        ("form\x0cfeed", "control character", "\x0c"),
        ("zero\u200bwidth", "control character", "\u200b"),
        ("caf\\u00e9", "escaped character", "\\u00e9"),
        (" https://example.org/x ", "nothing but an address", "https://example.org/x"),
        ("!!!", "hardly any text", "!!!"),
        ("ok", "hardly any text", "ok"),
    ],
)
def test_scars_are_named_with_their_evidence(text: str, name: str, evidence: str) -> None:
    found = artefacts(text)
    assert ARTEFACTS[found.kind[0]].name == name
    assert found.evidence[0] == evidence
    assert 0 < found.score[0] <= 1
    assert (found.kind[1:] == -1).all()


@pytest.mark.parametrize(
    "text",
    ["a < b and c > d", "I <3 it > all", "mail <me@example.org>", "AT&T; really", "NÃO é", "naïve café — “quoted”",
     "tab\tand\nline", "see https://example.org for more", "5 > 3 < 7", "[1] a footnote", "日本語のとても良い映画です"],
)  # fmt: skip
def test_plain_texts_have_none(text: str) -> None:
    assert artefacts(text).kind[0] == -1


def test_the_worst_scar_of_a_text_is_named() -> None:
    assert ARTEFACTS[artefacts("<b>Ã©</b>").kind[0]].name == "broken encoding"


def test_what_nearly_every_text_carries_belongs_to_the_column() -> None:
    cells = np.array(["<p>text</p>"] * 19 + ["Ã© and <p>"], dtype=object)
    found = text_artefacts(Distinct.of(cells), np.zeros(20, dtype=bool))
    assert found.everywhere == {1: 1.0}
    assert np.flatnonzero(found.kind >= 0).tolist() == [19]


def test_missing_texts_and_no_texts_have_none() -> None:
    assert artefacts("").kind[0] == -1
    assert len(text_artefacts(Distinct.of(np.empty(0, dtype=object)), np.empty(0, dtype=bool)).kind) == 0


def test_short_answers_are_the_rule_in_a_column_of_short_answers() -> None:
    cells = np.array(["ok", "no", "yes please", "hi", "fine"], dtype=object)
    assert (text_artefacts(Distinct.of(cells), np.zeros(5, dtype=bool)).kind == -1).all()
