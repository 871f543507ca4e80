from __future__ import annotations

import re

from dechaff.report.markdown import render_markdown
from tests.report.hostile_run import hostile_run
from tests.report.sample_run import believable_run, empty_run, recorded


def test_the_short_report_has_the_verdict_the_numbers_and_the_slices_first() -> None:
    text = render_markdown(recorded(*believable_run()))
    assert text.startswith("# Audit of reviews.csv\n\n**Better.** ")
    assert "| Labels probably wrong | **10.2\N{NO-BREAK SPACE}%** |" in text
    assert text.index("`L002` noisy slice") < text.index("`L001` label error")
    assert "| `R4000` | `good` | `bad` |" in text
    assert "Not run: outlier (interrupted by the user)" in text
    assert "| control |" in text


def test_what_the_proof_left_out_and_what_else_changed_is_said() -> None:
    text = render_markdown(recorded(*believable_run()))
    assert "- Training rows changed: 1,290 dropped, 212 relabelled, 0 added, 3 with other cells changed." in text
    assert "- Test rows left out: 12 that are also in the training data, 2 without a label." in text
    assert "- 1 test row stands in the cleaned data" in text


def test_an_unfinished_run_still_has_a_short_report() -> None:
    text = render_markdown(recorded(*empty_run()))
    assert "**Labels not judged.**" in text
    assert "No check found anything." in text
    assert "Not proven yet" in text


def test_hostile_text_makes_no_tag_no_link_no_mention_and_no_new_cell() -> None:
    text = render_markdown(recorded(*hostile_run()))
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
    assert not re.search(r"<[a-z/]", outside)
    assert not re.search(r"(?<!\\)\]\(", outside)
    assert not re.search(r"@[a-z]", outside)
    assert len(text) < 65_000, "GitHub takes 65,536 characters"


def test_tables_have_as_many_cells_in_every_line() -> None:
    for text in (render_markdown(recorded(*hostile_run())), render_markdown(recorded(*believable_run()))):
        for block in text.split("\n\n"):
            if block.startswith("| "):
                widths = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
                assert len(widths) == 1, block


def test_it_says_no_times() -> None:
    assert "2031" not in render_markdown(recorded(*believable_run()))


def test_a_doubtful_row_is_shown_by_its_text_wherever_the_text_column_stands() -> None:
    metrics, examples, options, findings = believable_run()
    for example in examples["L001"]:
        example["cells"].reverse()  # the country comes first, the review last
    text = render_markdown(recorded(metrics, examples, options, findings))
    line = next(line for line in text.splitlines() if "`R4000`" in line)
    assert "came" in line
    assert "NZ" not in line


def test_a_doubtful_row_of_a_table_is_shown_by_its_cells() -> None:
    metrics, examples, options, findings = believable_run()
    metrics["dataset"]["columns"] = metrics["dataset"]["columns"][1:]
    for example in examples["L001"]:
        example["cells"] = example["cells"][1:]
    text = render_markdown(recorded(metrics, examples, options, findings))
    assert "| Cells |" in text
    assert "`stars: 1; country: NZ`" in text


def test_samples_that_differ_are_named_with_their_columns() -> None:
    text = render_markdown(recorded(*believable_run()))
    assert "- **the test rows** (1,000 rows) against the training rows (6,666 rows): the classes are mixed" in text
    assert "a classifier tells the samples apart with an AUC of 0.71 (by chance 0.48–0.52)." in text
    assert "| `stars` | 90 % of stars lie in 1–5" in text
    assert "too few rows can be compared" in text
