"""A proof on files that are larger than the memory limit."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import dechaff
from dechaff.api import proving
from dechaff.errors import InputError
from tests.recipe.passes.reviews import LEAST, rows

N = 600


def _write(path: Path, made: list[dict[str, str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, ["review", "label"])
        writer.writeheader()
        writer.writerows(made)
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """Before, after (wrong labels corrected, in another order), and test rows."""
    folder = tmp_path_factory.mktemp("proof")
    made, wrong = rows(N)
    other = {"good": "bad", "bad": "good", "": ""}
    after = [row | {"label": other[row["label"]] if place in wrong else row["label"]} for place, row in enumerate(made)]
    order = np.random.default_rng(3).permutation(N)
    held, bad = rows(N, seed=9)
    clean = [row for place, row in enumerate(held) if place not in bad]
    return (
        _write(folder / "before.csv", made),
        _write(folder / "after.csv", [after[place] for place in order]),
        _write(folder / "test.csv", clean),
    )


def test_a_sample_of_all_rows_proves_what_is_proved_in_memory(files: tuple[Path, Path, Path]) -> None:
    memory = dechaff.prove(*files, label="label", seeds=2)
    parts = dechaff.prove(*files, label="label", seeds=2, memory=LEAST)
    assert parts.to_dict() == memory.to_dict()
    assert parts.sample is None


def test_a_proof_on_a_sample_trains_on_the_same_rows_of_both_and_says_so(
    files: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proving, "sample_rows", lambda memory, of_row: 300)
    proof = dechaff.prove(*files, label="label", seeds=2, memory=LEAST)
    assert proof.sample is not None
    assert 200 < proof.sample.rows < 400
    assert proof.sample.of == N
    assert proof.changes.dropped == proof.changes.added == 0
    assert proof.changes.relabelled > 10
    assert proof.test.used > 400
    assert any(f"{proof.sample.rows} of {N} rows" in note for note in proof.notes)
    assert proof.to_dict()["sample"] == {"rows": proof.sample.rows, "of": N}
    assert proof.to_dict() == dechaff.prove(*files, label="label", seeds=2, memory=LEAST, threads=1).to_dict()


def test_data_in_memory_cannot_stand_beside_files_out_of_core(files: tuple[Path, Path, Path]) -> None:
    with pytest.raises(InputError, match="all be CSV, JSONL or Parquet files"):
        dechaff.prove(*files[:2], {"review": ["a"], "label": ["good"]}, label="label", memory=LEAST)
