from __future__ import annotations

import io

import polars as pl
import pytest
from rich.console import Console

from dechaff.records.metrics import BaselineFacts, Check, DecisionCounts, Metrics, Noise, Round, Selected, Slice
from dechaff.records.record import Assumed, DatasetFacts
from dechaff.report.json_form import Example
from dechaff.report.record import RunRecord
from dechaff.surfaces.cli.audit import print_rounds
from dechaff.surfaces.cli.summary import print_summary

METRICS = Metrics(
    dataset=DatasetFacts(name="reviews.csv", rows=6000, test_rows=1000, label="label"),
    assumptions=(Assumed("label", "column 'label'", "you named it", "--label"), Assumed("id", "row", "none", "--id")),
    checks=(
        Check("L001", "label error", findings=310),
        Check("D001", "exact duplicate", findings=4),
        Check("C003", "text artefact", status="not run", why="no text column"),
    ),
    baseline=BaselineFacts(
        name="words, logistic regression", folds=5, accuracy=0.8, accuracy_low=0.79, accuracy_high=0.81
    ),
    noise=Noise(rate=0.21, low=0.19, high=0.23),
    slices=(Slice(condition="text contains '<br />'", rows=1234, noise_rate=0.45, low=0.4, high=0.5, action="drop"),),
    decisions=DecisionCounts(keep=4500, drop=1200, relabel=1, review=299),
    rounds=(Round(1, dropped=1200, relabelled=1, kept=True, why="log loss fell"),),
    selection=(Selected("words, logistic regression", 0.9, 0.88, 0.92, chosen=True), Selected("trees", 0.8, 0.7, 0.85)),
)
EXAMPLES = {
    "L001": (
        Example(finding_id="L001-000000", row="r\x1b[31m17", given="good", suggested="bad", why="The model says bad."),
    ),
}


def _shown(width: int = 100, metrics: Metrics = METRICS) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None, highlight=False, markup=False)
    print_summary(console, RunRecord(metrics, EXAMPLES, {}, pl.DataFrame()))
    print_rounds(console, metrics)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("width", [40, 80, 200])
def test_every_line_fits_the_terminal(width: int) -> None:
    assert max(len(line.rstrip()) for line in _shown(width).splitlines()) <= width


def test_the_verdict_comes_first_and_slices_come_before_single_findings_in_words() -> None:
    shown = _shown(160)
    assert shown.startswith("Parts of the data cannot be trusted")
    assert (
        "text contains '<br />': 1,234 rows, 45 % of the labels wrong (40.0–50.0 %), random: drop these rows" in shown
    )
    assert shown.index("text contains") < shown.index("L001")


def test_each_assumption_stands_beside_the_flag_that_overrides_it() -> None:
    line = next(line for line in _shown(160).splitlines() if "you named it" in line)
    assert line.rstrip().endswith("--label")


def test_findings_have_their_count_and_an_example_that_cannot_steer_the_terminal() -> None:
    line = next(line for line in _shown(160).splitlines() if line.startswith("L001"))
    assert "310" in line
    assert "row r␛[31m17: good → bad: The model says bad." in line


def test_a_check_that_was_not_run_is_never_silent() -> None:
    assert "C003 text artefact: no text column" in _shown(160)


def test_decisions_are_counted_by_what_happens_to_the_row() -> None:
    words = "keep 4,500 rows, drop 1,200 rows, relabel 1 row, set 299 rows aside for review"
    assert words in _shown(160)


def test_rounds_and_models_are_listed_and_the_kept_one_is_marked() -> None:
    shown = _shown(160)
    assert "1. 1,200 dropped, 1 relabelled: kept; log loss fell" in shown
    assert "90 % (88.0–92.0 %)  words, logistic regression ← kept" in shown


def test_an_audit_that_was_stopped_at_once_can_be_shown() -> None:
    assert _shown(metrics=Metrics()).startswith("Labels not judged")


def test_checks_that_were_not_run_for_one_reason_share_a_line() -> None:
    weak = [Check(code, code.lower(), status="not run", why="Too weak.") for code in ("L001", "L002")]
    assert "  L001 l001, L002 l002: Too weak." in _shown(metrics=Metrics(checks=tuple(weak)))
