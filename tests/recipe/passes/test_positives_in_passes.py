from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import dechaff
from dechaff.core.progress import silent
from dechaff.data.columns.roles import ColumnRoles
from dechaff.data.formats.files import open_files
from dechaff.data.open_positives import open_positives
from dechaff.errors import LabelsError
from dechaff.recipe.baseline.prob_parts import ProbParts
from dechaff.recipe.outcome.row_store import RowStore
from dechaff.recipe.passes.request import ReadRequest
from dechaff.recipe.passes.scan import scan
from dechaff.recipe.tasks.positives.judged import LabelProbs
from tests.recipe.passes.reviews import LEAST, write_csv


def positives(n: int = 1200, seed: int = 0) -> list[dict[str, str]]:
    """Two clouds; half of the rows of one are labelled."""
    rng = np.random.default_rng(seed)
    ill = rng.random(n) < 0.4
    labelled = ill & (rng.random(n) < 0.5)
    values = rng.normal(size=(n, 2)) + 5 * ill[:, None]
    return [
        {"a": f"{a:.4f}", "b": f"{b:.4f}", "seen": "yes" if one else ""}
        for (a, b), one in zip(values.tolist(), labelled.tolist(), strict=True)
    ]


def test_held_out_rows_are_those_of_data_in_memory(tmp_path: Path) -> None:
    made = positives(200)
    made[7] = {**made[3], "seen": "yes" if made[3]["seen"] == "" else ""}  # equal rows, of which one is labelled
    files, in_memory = (
        open_files(write_csv(tmp_path / "rows.csv", made)),
        open_positives(made, label="seen", test_size=0.3),
    )
    roles = ColumnRoles(label="seen")
    request = ReadRequest(source=files, roles=roles, test_size=0.3, seed=0, progress=silent, sample_rows=9)
    scanned = scan(request, RowStore(None, 200), unlabelled_is_a_class=True)
    held_out = np.flatnonzero(scanned.held_out.mask(0, 200))
    assert held_out.tolist() == in_memory.opened.test.positions.tolist()
    assert set(scanned.drawn) <= set(in_memory.train.positions.tolist())


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[dechaff.Audit, dechaff.Audit]:
    folder = tmp_path_factory.mktemp("positives")
    path = write_csv(folder / "rows.csv", positives())
    one = dechaff.pu(path, label="seen", out=folder / "memory", threads=1)
    return one, dechaff.pu(path, label="seen", memory=LEAST, out=folder / "passes", threads=1)


@pytest.mark.slow
def test_the_share_of_positives_is_about_that_of_memory(both: tuple[dechaff.Audit, dechaff.Audit]) -> None:
    memory, passes = (audit.metrics.positives for audit in both)
    assert passes.class_prior == pytest.approx(memory.class_prior, abs=0.03)
    assert passes.class_prior == pytest.approx(0.4, abs=0.06)
    assert (passes.labelled, passes.unlabelled) == (memory.labelled, memory.unlabelled)


def test_the_rows_that_are_probably_positive_are_those_of_memory(both: tuple[dechaff.Audit, dechaff.Audit]) -> None:
    rows = [set(audit.findings.filter(pl.col("code") == "P001")["row"]) for audit in both]
    assert len(rows[0] & rows[1]) > 0.9 * len(rows[0] | rows[1])


def test_nothing_is_said_of_classes(both: tuple[dechaff.Audit, dechaff.Audit]) -> None:
    assert not set(both[1].findings["code"]) & {"L001", "L003", "L004", "D003"}
    assert "P001" in (both[1].folder / "metrics.json").read_text()


def test_labels_are_completed_in_the_file(both: tuple[dechaff.Audit, dechaff.Audit], tmp_path: Path) -> None:
    both[1].apply(tmp_path / "new.csv")
    before = both[1].metrics.positives.labelled
    changed = both[1].metrics.decisions.relabel
    assert (tmp_path / "new.csv").read_text().count("yes") == before + changed > before


def test_too_few_labelled_rows_are_refused(tmp_path: Path) -> None:
    made = [{**row, "seen": "yes" if place < 3 else ""} for place, row in enumerate(positives())]
    path = write_csv(tmp_path / "rows.csv", made)
    with pytest.raises(LabelsError, match="at least 5"):
        dechaff.pu(path, label="seen", memory=LEAST, out=tmp_path / "run")


def test_rows_on_the_grid_count_the_same_in_any_split(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    chances, labelled = rng.random(1000), rng.random(1000) < 0.3
    probs = np.stack([1 - chances, chances], axis=1)
    found = []
    for cut in (1000, 400):
        parts = ProbParts(tmp_path / str(cut), 2)
        parts.folder.mkdir()
        for rows in np.split(np.arange(1000), [cut]):
            parts.write(int(rows[0]) if len(rows) else 1000, rows, labelled[rows].astype(np.int64), probs[rows])
        found.append(LabelProbs.of_parts(parts, 1))
    whole, split = found
    assert np.array_equal(whole.probs, split.probs)
    assert np.array_equal(whole.counts, split.counts)
    assert whole.counts[whole.labelled].sum() == labelled.sum()
