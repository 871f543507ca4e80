"""The worst rows of each code with the evidence."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.recipe.outcome.examples import ExampleSources, worst_examples
from dechaff.records.findings import Finding, NamedFinding
from tests.recipe.audits import audited, run_of
from tests.recipe.made import column, made


def test_examples_show_cells_probabilities_and_neighbours():
    found = run_of(audited().outcome()).examples
    assert all(len(some) <= 10 for some in found.values())
    about_slice, first, *_ = found["L002"]
    assert (about_slice.row, about_slice.cells, about_slice.probs) == ("", (), ())
    assert [name for name, _, _ in first.cells] == ["source", "x", "y"]  # the reason names the source
    assert sum(share for _, share in first.probs) == pytest.approx(1.0, abs=1e-5)
    assert len(first.neighbours) == 3
    copies = found["D001"][0]
    assert copies.group
    assert copies.row not in {other.row for other in copies.group}


def example_of(text, why):
    train = made([column("note", [text, "other"], "text")], ["a", "b"])
    named = [NamedFinding("C003-000001", Finding("C003", 1.0, why, "fix", row=0))]
    return worst_examples(named, ExampleSources(train, np.full((2, 2), 0.5), None))["C003"][0]


def test_a_long_text_is_shown_around_what_the_reason_quotes():
    shown = example_of("x" * 1000 + "<br>" + "y" * 1000, "It has markup ('<br>').").cells[0]
    assert shown[2] == "<br>"
    assert "<br>" in shown[1]
    assert len(shown[1]) <= 302
    assert shown[1].startswith("…")
    assert shown[1].endswith("…")


def test_a_reason_that_quotes_nothing_highlights_nothing():
    assert example_of("short", "It is short.").cells == (("note", "short", ""),)


def test_rows_that_cannot_be_compared_have_no_neighbours():
    assert example_of("short", "It is short.").neighbours == ()


def test_an_image_has_a_thumbnail_and_so_have_its_neighbours(tmp_path):
    image = pytest.importorskip("PIL.Image")
    paths = [str(tmp_path / f"{place}.png") for place in range(3)]
    for place, path in enumerate(paths):
        image.new("RGB", (300, 200), (80 * place, 0, 0)).save(path)
    train = made([column("image", paths, "image")], ["a", "b", "a"])
    named = [NamedFinding(f"D001-{row}", Finding("D001", 1.0, "why", "fix", row=row, group="one")) for row in range(3)]
    first = worst_examples(named, ExampleSources(train, np.full((3, 2), 0.5), None))["D001"][0]
    assert first.image.startswith("data:image/jpeg;base64,")
    assert all(other.image and not other.text for other in first.group)
    assert len(first.group[0].image) < len(first.image)


def test_columns_that_the_reason_names_come_first_and_all_others_are_counted():
    columns = [column(f"c{number}", ["1", "2"], "text") for number in range(40)]
    train = made(columns, ["a", "b"])
    named = [NamedFinding("C002-1", Finding("C002", 1.0, "c35 holds -999, which means nothing", "fix", row=0))]
    found = worst_examples(named, ExampleSources(train, np.full((2, 2), 0.5), None))["C002"][0]
    assert found.cells[0][0] == "c35"
    assert len(found.cells) + found.more_cells == 40
