"""How the baseline does on test rows, which nothing is chosen by."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import dechaff
from dechaff.api import out_of_core
from tests.recipe.audits import clouds


def _with_tests(folder: Path, *, swapped: float, **options: object) -> dechaff.Audit:
    """An audit of two clouds with test rows, of which a fraction is labelled by the opposite rule."""
    rng, names = np.random.default_rng(0), np.array(["low", "top"])
    codes = np.arange(600) % 2
    x = rng.normal(size=600) + 6 * codes
    given = np.where((np.arange(600) >= 400) & (rng.random(600) < swapped), 1 - codes, codes)
    train, test = (
        pl.DataFrame({"x": x[side], "label": names[given[side]].tolist()}) for side in (slice(0, 400), slice(400, 600))
    )
    train.write_csv(folder / "train.csv")
    test.write_csv(folder / "test.csv")
    return dechaff.audit(folder / "train.csv", label="label", test=folder / "test.csv", **options)


@pytest.mark.parametrize("sampled", [False, True])
def test_test_labels_that_follow_another_rule_are_pointed_out(
    sampled: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sampled:
        monkeypatch.setattr(out_of_core, "needed_in_memory", lambda files: 2**60)
        monkeypatch.setattr(out_of_core, "sample_rows", lambda memory, of_row: 300)
    found = _with_tests(tmp_path, swapped=0.5)
    assert (found.metrics.sample is not None) == sampled
    tested = found.metrics.test_agreement
    assert tested is not None
    assert tested.rows == 200
    assert tested.low < 0.5 < tested.high
    assert tested.note.count("95 % interval") == 2
    assert "Training and test labels disagree" in found.report().read_text(encoding="utf-8")
    assert "seem to follow different rules" in found.report().read_text(encoding="utf-8")


def test_test_labels_of_the_same_rule_are_counted_and_no_more(tmp_path: Path) -> None:
    tested = _with_tests(tmp_path, swapped=0.0).metrics.test_agreement
    assert tested is not None
    assert tested.accuracy > 0.97
    assert not tested.note


def test_copies_of_training_rows_do_not_count_as_test_rows() -> None:
    data = clouds()
    found = dechaff.audit(data, label="label", test=pl.concat([data[:20], data[:40].with_columns(pl.col("x") + 0.125)]))
    assert found.metrics.test_agreement.rows == 40
