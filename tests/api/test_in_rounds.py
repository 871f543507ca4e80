from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import dechaff
from dechaff.api import in_rounds


def _blobs(n_rows: int, wrong: int, seed: int) -> dict[str, list[object]]:
    """Two far clouds of points; the labels of the first rows are wrong."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, 2, n_rows)
    given = np.where(np.arange(n_rows) < wrong, 1 - true, true)
    return {
        "x": (rng.normal(size=n_rows) + 6 * true).tolist(),
        "y": rng.normal(size=n_rows).tolist(),
        "label": np.array(["low", "high"])[given].tolist(),
    }


@pytest.mark.slow
def test_proof_and_model_of_a_recipe_are_of_the_data_with_the_decisions_of_people(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned: list[int] = []
    monkeypatch.setattr(in_rounds, "select_on", lambda first, data, **options: learned.append(len(data)))
    by_hand = tmp_path / "decisions.csv"
    with by_hand.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["row", "action", "label"])
        writer.writerows([str(row), "drop" if row < 12 else "keep", ""] for row in range(150))
    data, sealed = _blobs(150, 12, seed=0), _blobs(60, 0, seed=1)
    done = dechaff.run_recipe(data, label="label", test=sealed, rounds=1, out=tmp_path / "run", decisions=by_hand)
    assert done.proof is not None
    assert done.proof.changes.dropped == 12
    assert done.proof.changes.relabelled == 0
    assert learned == [138], "the model that is kept learns from what people left"
    assert done.improved == {name: values[12:] for name, values in data.items()}
