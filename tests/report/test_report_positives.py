from __future__ import annotations

import io
import json
import re
from itertools import pairwise

import msgspec
import pytest
from rich.console import Console

from dechaff.records.metrics import Examples, Metrics, PositiveEstimate
from dechaff.records.record import converted
from dechaff.report.html import render_fragment, render_html
from dechaff.report.html.charts.scales import draw_estimates
from dechaff.report.json_form import Report, render_json
from dechaff.report.markdown import render_markdown
from dechaff.surfaces.cli.summary import print_summary
from tests.report.hostile_run import HOSTILE
from tests.report.page_outline import outline
from tests.report.positives_run import positives_run
from tests.report.sample_run import Inputs, recorded

RUNS = {
    "certain": positives_run(),
    "doubtful": positives_run(reliable=False),
    "not judged": positives_run(judged=False),
}
every_run = pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)


def _plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


@every_run
def test_a_page_is_well_formed_and_complete(run: Inputs) -> None:
    page = outline(render_html(recorded(*run)))
    assert not page.wrong
    assert all(after <= before + 1 for before, after in pairwise(page.levels))
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert {target[1:] for target in page.values("href") if target.startswith("#")} <= set(ids)
    assert "positives" in ids
    assert not {"labels", "proof"} & set(ids)


@every_run
def test_the_json_report_follows_its_schema(run: Inputs) -> None:
    report = render_json(recorded(*run))
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert msgspec.convert(report, Report).metrics.positives is not None


def test_the_first_line_says_how_many_are_positive() -> None:
    shown = _plain(outline(render_html(recorded(*RUNS["certain"]))).shown)
    assert "About 1,500 of 8,000 unlabelled rows are positive (95 % interval 1,100 to 2,000)" in shown
    assert "1,234 are named here. 50 labelled rows may be wrong." in shown
    assert "Positive rows 35 % 95 % interval 31.0–40.0 %" in shown
    assert "2 checks found nothing wrong" in shown
    assert "used 57 % 50.0–65.0 % 35 %" in shown


def test_doubts_about_the_assumptions_come_first_and_say_what_follows() -> None:
    shown = _plain(outline(render_html(recorded(*RUNS["doubtful"]))).shown)
    assert "but that is in doubt: classes overlap. No label is changed automatically." in shown
    assert "classes overlap No row is sure. Proposed Look." in shown


def test_why_no_row_was_judged_is_said() -> None:
    shown = _plain(outline(render_html(recorded(*RUNS["not judged"]))).shown)
    assert "Rows cannot be judged No model can tell rows labelled 'yes' from the others." in shown
    assert "How many rows are positive was not estimated." in shown


def test_markdown_has_the_estimates_and_the_rows() -> None:
    text = _plain(render_markdown(recorded(*RUNS["doubtful"])))
    assert "- **classes overlap**: No row is sure. Look." in text
    assert "| **consensus** | 57 % | 50.0–65.0 % | 35 % | 31.0–40.0 % |" in text
    assert "## Rows that are probably positive" in text
    assert "Not proven yet" not in text
    assert "How many are positive" not in render_markdown(recorded(*RUNS["not judged"]))


def test_a_notebook_shows_the_first_rows() -> None:
    metrics, examples, *_ = RUNS["certain"]
    assert "Labels to review first" in render_fragment(
        converted(metrics, Metrics, "metrics.json"), converted(examples, Examples, "examples.json")
    )


def test_a_terminal_shows_the_same_in_its_width() -> None:
    console = Console(file=io.StringIO(), width=80, color_system=None, highlight=False, markup=False)
    print_summary(console, recorded(*RUNS["doubtful"]))
    assert isinstance(console.file, io.StringIO)
    shown = _plain(console.file.getvalue())
    assert max(len(line.rstrip()) for line in shown.splitlines()) <= 80
    assert "May be wrong: classes overlap\n  No row is sure. Look." in shown
    assert "best bin   57 %" in shown


def test_hostile_names_stay_text_and_the_page_small() -> None:
    metrics, examples, options, findings = positives_run(reliable=False)
    facts = metrics["positives"]
    long = HOSTILE * 20
    facts |= {"positive": long, "other": long, "scheme": long}
    facts["estimates"] = [one | {"title": long, "name": long} for one in facts["estimates"]] * 9
    facts["diagnoses"] = [one | {"name": long, "message": long, "do": long} for one in facts["diagnoses"]] * 99
    page = render_html(recorded(metrics, examples, options, findings))
    assert "<script>" not in page
    assert len(page.encode()) < 500_000
    assert not re.search(r"(?<!\\)\]\(javascript", render_markdown(recorded(metrics, examples, options, findings)))


def test_an_estimate_without_an_interval_is_drawn_as_a_point() -> None:
    drawn = str(draw_estimates([PositiveEstimate("e1", class_prior=0.3), PositiveEstimate("none")]))
    assert "whisker" not in drawn
    assert drawn.count("<circle") == 1
