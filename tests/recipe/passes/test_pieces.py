from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dechaff.core.groups import UnionFind
from dechaff.data.columns.cells import cells_from_values
from dechaff.data.columns.roles import ColumnRoles
from dechaff.data.formats.files import open_files
from dechaff.recipe.baseline.prob_parts import ProbParts
from dechaff.recipe.explore import equal
from dechaff.recipe.explore.content_hashes import rows_in_content_order
from dechaff.recipe.explore.equal import find_equal, number_keys, store_of_contents
from dechaff.recipe.outcome import row_store
from dechaff.recipe.outcome.findings_writer import FindingsWriter, write_findings
from dechaff.recipe.outcome.row_store import RowStore
from dechaff.recipe.passes.request import ReadRequest
from dechaff.recipe.passes.scan import LEAST_OF_CLASS, LabelTally, repeated_ids, sample_of
from dechaff.records.findings import Finding


def test_the_sample_is_the_same_in_any_order_and_has_rows_of_every_class(monkeypatch: pytest.MonkeyPatch) -> None:
    labels, contents = np.repeat([0, 1, 2], [4_900, 70, 30]), np.arange(5_000, dtype=np.uint64) // 3
    test = np.arange(5_000) % 10 == 0
    drawn = sample_of(contents, labels, test, 400, 3)
    assert not (drawn % 10 == 0).any()
    assert (labels[drawn] == 1).sum() >= LEAST_OF_CLASS
    assert (labels[drawn] == 2).sum() == 27
    assert 400 <= len(drawn) <= 500
    order = np.random.default_rng(0).permutation(5_000)
    again = sample_of(contents[order], labels[order], test[order], 400, 3)
    assert sorted(contents[order][again]) == sorted(contents[drawn])
    monkeypatch.setattr(row_store, "_STEP", 700)
    assert (sample_of(contents, labels, test, 400, 3) == drawn).all()


def test_of_equal_rows_as_many_are_drawn_as_chance_gives() -> None:
    contents = np.repeat(np.arange(4, dtype=np.uint64), [4_000, 2_000, 1_000, 1_000])
    drawn = sample_of(contents, np.zeros(8_000, dtype=np.int64), np.zeros(8_000, dtype=bool), 800, 0)
    assert np.abs(np.bincount(contents[drawn].astype(np.int64)) - [400, 200, 100, 100]).max() < 60


def test_each_spelling_of_a_label_is_counted_and_found_in_its_first_row() -> None:
    tally, first_row = LabelTally("y"), 0
    for values in (["b", "a\0", None, "a"], ["a", "b ", "b"]):
        cells = cells_from_values("y", values)
        some = LabelTally.of("y", cells, np.arange(len(values)) == 0, first_row)
        first_row += len(values)
        places = tally.merge(some)[some.numbers(cells)]
        assert [[*tally.spellings, None][place] for place in places] == values
    assert {raw: one.row for raw, one in tally.spellings.items()} == {"b": 0, "a\0": 1, "a": 3, "b ": 5}
    assert {raw: (one.rows, one.train) for raw, one in tally.spellings.items()} == {
        "b": (2, 1), "a\0": (1, 1), "a": (2, 1), "b ": (1, 1),
    }  # fmt: skip
    assert tally.missing_train == 1


def test_findings_come_out_in_the_order_of_memory(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    codes = ("L002", "D001", "L001", "C003")
    findings = [
        Finding(
            codes[int(rng.integers(4))], float(rng.integers(9) / 8), "w", "f", int(row) if row % 7 else None, f"g{row}"
        )
        for row in rng.permutation(300)
    ]
    (tmp_path / "said").mkdir()
    spill = FindingsWriter(tmp_path / "said")
    for start in range(0, 300, 90):
        spill.add(findings[start : start + 90], str)
        spill.flush()
    numbered: dict[tuple[str, int], int] = {}
    write_findings(
        [spill],
        tmp_path / "findings.parquet",
        lambda code, rows, numbers: numbered.update({(code, row): n for row, n in zip(rows, numbers, strict=True)}),
    )
    held = FindingsWriter()
    held.add(findings, str)
    write_findings([held], tmp_path / "expected.parquet", lambda *_: None)
    expected = pl.read_parquet(tmp_path / "expected.parquet")
    assert pl.read_parquet(tmp_path / "findings.parquet").equals(expected)
    assert all(
        finding_id == f"{code}-{numbered[code, int(row)]:06d}" for finding_id, code, row in _about_rows(expected)
    )


def _about_rows(frame: pl.DataFrame) -> list[tuple[str, str, str]]:
    return frame.filter(pl.col("row") != "").select("finding_id", "code", "row").rows()


@pytest.mark.parametrize("in_files", [True, False])
@pytest.mark.parametrize("most_bytes", [2**27, 300])
def test_equal_rows_are_found_in_row_columns(
    in_files: bool, most_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(equal, "_MOST_BYTES", most_bytes)
    store, forest = RowStore(tmp_path if in_files else None, 8), UnionFind(hashes=True)
    columns = {
        "hash": [5, 2**63, 5, 7, 2**63, 0, 0, 5, 7, 7],  # no values in the rows 5 and 6; two rows of a test file
        "key": [1, 2, 1, 3, 4, 5, 5, 1],
        "unit": [50, 51, 50, 52, 53, 54, 54, 50],
        "trains": [True] * 7 + [False],
    }
    columns |= {"hash_low": columns["hash"], "content": [0] * 8, "code": [0] * 8}
    for name, values in columns.items():
        dtype = np.bool_ if name == "trains" else np.uint64
        store.make(name, dtype, n_rows=len(values))[:] = np.array(values, dtype=dtype)
    found, pairs = find_equal(store, partial(rows_in_content_order, store))
    number_keys(store)
    assert found.groups.tolist() == [0, 1, 0, -1, 1, -1, -1, -1]
    assert store.open("ordinal").tolist() == [0, 0, 1, 0, 0, 0, 1, 2]
    assert (found.pairs, found.distinct) == (2.0, 4)
    assert found.partner.tolist() == [7, -1, 7, 8, -1, -1, -1, -1]
    units = store.open("unit")[pairs]
    connected = forest.update(forest.init(), {"pairs": units})
    units = connected.least_of(np.array([51, 53, 50], dtype=np.uint64))
    assert units[0] == units[1] != units[2]


def test_rows_are_equal_only_where_both_numbers_of_their_content_are() -> None:
    contents = np.array([[5, 1], [5, 2], [5, 1], [5, 3]], dtype=np.uint64)
    store = store_of_contents(contents, contents[1:2])
    found = find_equal(store)[0]
    assert found.groups.tolist() == [0, -1, 0, -1, -1]
    assert (found.pairs, found.distinct, found.partner.tolist()) == (1.0, 3, [-1, 4, -1, -1, -1])


def test_a_hash_that_two_names_share_is_no_repeated_name(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,x\na,1\nb,2\nc,3\nb,4\n")
    files = open_files(tmp_path / "a.csv")
    request = ReadRequest(source=files, roles=ColumnRoles(), test_size=None)
    test = np.array([False, False, False, True])
    assert not repeated_ids(request, "id", np.array([7, 7, 8, 7], dtype=np.uint64), test)
    found = repeated_ids(request, "id", np.array([7, 9, 8, 9], dtype=np.uint64), np.zeros(4, bool))
    assert found.startswith("'b' in row 1 and in row 3")
    assert repeated_ids(request, "id", np.array([7, 0, 8, 9], dtype=np.uint64), test) == "an empty one in row 1"


def test_probabilities_of_many_classes_come_back_as_they_were(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for k in (3, 70):
        (tmp_path / str(k)).mkdir()
        parts, probs = ProbParts(tmp_path / str(k), k), rng.dirichlet(np.ones(k), size=20)
        parts.write(0, np.arange(10), np.zeros(10, dtype=np.int64), probs[:10])
        parts.write(10, np.arange(12, 22), np.zeros(10, dtype=np.int64), probs[10:])
        found = np.concatenate([part.probs for part in parts.parts()])
        assert np.abs(found - probs).max() < 1e-6
        assert np.abs(parts.of(np.array([3, 12])) - probs[[3, 10]]).max() < 1e-6
        assert (parts.of(np.array([11])) == 0).all()
