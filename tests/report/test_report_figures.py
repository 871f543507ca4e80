"""Figures of a report that are about one quantity agree, wherever they stand."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

import dechaff
from dechaff.records.metrics import Metrics
from dechaff.report.headline import figures
from dechaff.report.html import render_html
from dechaff.report.html.chapters import duplicates_chapter, findings_chapter
from dechaff.report.markdown import render_markdown
from dechaff.report.record import RunRecord, open_record
from dechaff.report.words import count, in_metric, percent


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A recipe on rows with wrong labels, copies, a missing label, and held-out rows."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 400))
    true = np.where(x > 0.4, "high", np.where(x < -0.4, "low", "middle"))
    label = np.where(rng.random(400) < 0.15, np.roll(true, 1), true).astype(object)
    x[390:], y[390:], label[390:] = x[:10], y[:10], label[:10]
    label[200] = None
    table = pl.DataFrame({"x": x, "y": y, "label": label.tolist()})
    path = tmp_path_factory.mktemp("figures") / "d.csv"
    table.write_csv(path)
    return dechaff.run_recipe(path, label="label", test_size=0.25, rounds=1, model=LogisticRegression())


@pytest.fixture(scope="module")
def record(done: Any) -> RunRecord:
    return open_record(done.audit.run)


@pytest.fixture(scope="module")
def metrics(record: RunRecord) -> Metrics:
    return record.metrics


def test_rows_are_counted_alike(metrics: Metrics, done: Any) -> None:
    decided, dataset = metrics.decisions, metrics.dataset
    assert dataset.rows == decided.keep + decided.drop + decided.relabel + decided.review
    assert dataset.rows == done.audit.scores.height
    assert sum(dataset.class_counts) == sum(one.rows for one in metrics.class_health) == dataset.rows - 1
    assert dataset.rows + dataset.test_rows == 400


def test_findings_are_counted_alike(record: RunRecord, done: Any) -> None:
    metrics, found = record.metrics, Counter(done.audit.findings["code"].to_list())
    by_check = {check.code: check.findings for check in metrics.checks if check.findings}
    assert by_check == {code: number for code, number in found.items() if code != "R001"}
    assert {block.code.code: block.check.findings for block in findings_chapter(record).blocks} == by_check
    assert sum(one.flagged for one in metrics.class_health) == found["L001"] == done.audit.scores["L001_flag"].sum()
    assert sum(metrics.histograms["L001"].flagged) == found["L001"]
    assert sum(metrics.histograms["L001"].counts) == metrics.dataset.rows
    assert {check.code: check.findings for check, _, _ in duplicates_chapter(record) if check.findings} == {
        code: number for code, number in by_check.items() if code.startswith("D")
    }


def test_decisions_are_counted_alike(metrics: Metrics, done: Any) -> None:
    events = Counter(event.action for event in done.audit.run.decided().values())
    decided = metrics.decisions
    assert (decided.drop, decided.relabel, decided.review) == tuple(
        events[one] for one in ("drop", "relabel", "review")
    )
    for action in ("drop", "relabel", "review"):
        assert sum(counts.get(action, 0) for counts in decided.by_code.values()) == events[action]
    changes = Counter(done.audit.changes["change"].to_list())
    assert (changes["dropped"], changes["relabelled"]) == (decided.drop, decided.relabel)
    assert (done.proof.changes.dropped, done.proof.changes.relabelled) == (decided.drop, decided.relabel)


def test_wrong_labels_are_estimated_alike(metrics: Metrics) -> None:
    noise, n = metrics.noise, metrics.dataset.rows - 1
    joint = np.array(noise.joint)
    by_class = sum(one.noise_rate * one.rows for one in metrics.class_health)
    assert by_class == pytest.approx(n * (joint.sum() - np.trace(joint)), rel=1e-4)
    assert noise.budget[-1].errors == pytest.approx(by_class, rel=1e-2)
    assert noise.budget[-1].rows == n
    assert sum(pair.rows for pair in metrics.overlaps) <= by_class * 1.0001


def many_classes(path: Path) -> None:
    rng = np.random.default_rng(1)
    true = np.repeat(np.arange(60), 30)
    x, y = 4 * (true % 8) + rng.normal(size=1800), 4 * (true // 8) + rng.normal(size=1800)
    given = np.where(rng.random(1800) < 0.15, rng.integers(0, 60, 1800), true)
    pl.DataFrame({"x": x, "y": y, "label": [f"class {code}" for code in given]}).write_csv(path)


def texts(path: Path) -> None:
    rng = np.random.default_rng(2)
    words = np.array([f"word{number}" for number in range(300)])
    true = rng.integers(0, 3, 600)
    lines = [" ".join(rng.choice(words[100 * code : 100 * code + 100], 8)) for code in true]
    given = np.where(rng.random(600) < 0.15, rng.integers(0, 3, 600), true)
    pl.DataFrame({"text": lines, "label": [f"topic {code}" for code in given]}).write_csv(path)


def rows_and_columns(path: Path) -> None:
    rng = np.random.default_rng(3)
    true = rng.integers(0, 3, 6000)
    x = 3 * true + rng.normal(size=6000)
    given = np.where(rng.random(6000) < 0.15, (true + 1) % 3, true)
    pl.DataFrame({"x": x, "noise": rng.normal(size=6000), "label": [f"c{code}" for code in given]}).write_csv(path)


@pytest.mark.parametrize(
    ("write", "options"),
    [
        (many_classes, {"model": GaussianNB()}),
        (texts, {}),
        (rows_and_columns, {"model": LogisticRegression()}),
        (rows_and_columns, {"model": LogisticRegression(), "memory": "500MiB"}),
    ],
    ids=["many classes", "texts", "in memory", "out of core"],
)
def test_headline_class_table_and_joint_are_one_estimate(write: Any, options: dict[str, Any], tmp_path: Path) -> None:
    write(tmp_path / "d.csv")
    metrics = dechaff.audit(tmp_path / "d.csv", label="label", **options).run.metrics
    noise, n = metrics.noise, sum(one.rows for one in metrics.class_health)
    assert noise.rate > 0.02
    assert sum(one.noise_rate * one.rows for one in metrics.class_health) == pytest.approx(noise.rate * n, rel=1e-6)
    assert noise.low <= noise.rate <= noise.high
    if noise.joint:
        assert 1 - np.trace(np.array(noise.joint)) == pytest.approx(noise.rate, abs=1e-6)
    if noise.budget:
        assert noise.budget[-1].errors == pytest.approx(noise.rate * n, rel=1e-2)


def test_accuracies_are_measured_alike(metrics: Metrics) -> None:
    proof, baseline = metrics.proof, metrics.baseline
    assert baseline.accuracy in [one.accuracy for one in baseline.candidates if one.chosen]
    rows = sum(one.rows for one in proof.per_class)
    assert rows == proof.test.used == proof.test.rows - proof.test.leaks_left_out - proof.test.unlabelled
    for side in ("before", "after"):
        mean = sum(getattr(one, side) * one.rows for one in proof.per_class) / rows
        assert mean == pytest.approx(getattr(proof, side).mean, abs=1e-5)
    assert proof.difference.mean == pytest.approx(proof.after.mean - proof.before.mean, abs=2e-6)
    assert proof.control.difference.mean == pytest.approx(proof.after.mean - proof.control.mean, abs=2e-6)


def test_every_form_shows_the_same_figures(record: RunRecord, capsys: pytest.CaptureFixture[str]) -> None:
    from dechaff.surfaces.cli.console import stdout
    from dechaff.surfaces.cli.summary import print_summary

    print_summary(stdout(), record)
    terminal, page, text = capsys.readouterr().out, render_html(record), render_markdown(record)
    metrics = record.metrics
    for figure in figures(record):
        for form in (terminal, page, text):
            assert figure.number in form, (figure, form[:200])
    for form in (page, text):
        assert count(metrics.decisions.relabel) in form
        assert in_metric(metrics.proof.after.mean, "accuracy") in form
        assert all(percent(one.noise_rate) in form for one in metrics.class_health)


def test_the_report_of_the_run_is_the_one_that_its_figures_make(done: Any, record: RunRecord) -> None:
    assert (Path(done.audit.folder) / "report.html").read_text(encoding="utf-8") == render_html(record)
