"""From audit to improved data: what goes in comes out, in the caller's own type, index and order."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import dechaff
from dechaff.errors import InputError, RunError, SourceChangedError

N = 120
WRONG = (3, 10, 41)
COPY = N - 1


def rows() -> dict[str, list[str]]:
    """Short texts of two classes; three labels are wrong, and the last row is a copy of the first."""
    rng = np.random.default_rng(3)
    true = ["good" if row % 2 else "bad" for row in range(N)]
    words = {"good": ["bright", "lovely", "warm", "fine"], "bad": ["dull", "cold", "grim", "poor"]}
    fill = ["film", "story", "house", "music", "long", "evening", "late", "blue"]
    texts = [
        " ".join([*rng.choice(fill, 4), *rng.choice(words[label], 6), f"n{row}"]) for row, label in enumerate(true)
    ]
    other = {"good": "bad", "bad": "good"}
    label = [other[name] if row in WRONG else name for row, name in enumerate(true)]
    texts[COPY], label[COPY] = texts[0], label[0]
    return {"review": texts, "label": label}


def audited(source: Any, folder: Path, **options: Any) -> dechaff.Audit:
    return dechaff.audit(source, out=folder, **{"label": "label", "policy": "bold", **options})


def wanted() -> tuple[list[str], list[str]]:
    """Texts and labels after all wrong labels are put right and the copy is gone."""
    data = rows()
    other = {"good": "bad", "bad": "good"}
    label = [other[name] if row in WRONG else name for row, name in enumerate(data["label"])]
    return data["review"][:COPY], label[:COPY]


def test_a_pandas_frame_keeps_type_index_order_and_categories(tmp_path: Path) -> None:
    data = pd.DataFrame(rows()).astype({"label": pd.CategoricalDtype(["good", "bad", "none"])})
    data.index = pd.Index([f"r{(row * 7) % N:02d}" for row in range(N)], name="key")
    before = data.copy(deep=True)
    found = audited(data, tmp_path / "run")
    assert isinstance(found.findings, pd.DataFrame)
    assert found.scores.index.equals(data.index)
    assert set(found.findings.query("code == 'L001'")["row"]) == {data.index[row] for row in WRONG}
    improved = found.apply()
    assert improved.dtypes.equals(data.dtypes)
    assert improved.index.equals(data.index[:COPY])
    assert improved["label"].tolist() == wanted()[1]
    assert set(found.changes["row"]) == {data.index[row] for row in (*WRONG, COPY)}
    pd.testing.assert_frame_equal(data, before)


def test_a_polars_frame_comes_back(tmp_path: Path) -> None:
    data = pl.DataFrame(rows(), schema={"review": pl.String, "label": pl.Categorical})
    found = audited(data, tmp_path / "run")
    assert isinstance(found.findings, pl.DataFrame)
    assert found.apply().schema == data.schema
    assert found.apply()["label"].to_list() == wanted()[1]


def test_an_arrow_table_comes_back(tmp_path: Path) -> None:
    data = pa.table(rows())
    found = audited(data, tmp_path / "run")
    assert isinstance(found.scores, pa.Table)
    assert isinstance(found.changes, pa.Table)
    assert found.apply().schema == data.schema
    assert found.apply()["label"].to_pylist() == wanted()[1]


def test_a_dict_of_columns_and_a_list_of_records_come_back(tmp_path: Path) -> None:
    data = rows()
    assert audited(data, tmp_path / "dict").apply() == dict(zip(("review", "label"), wanted(), strict=True))
    records = [dict(zip(data, cells, strict=True)) for cells in zip(*data.values(), strict=True)]
    texts, labels = wanted()
    expected = [{"review": text, "label": label} for text, label in zip(texts, labels, strict=True)]
    assert audited(records, tmp_path / "records").apply() == expected


def test_texts_with_labels_beside_them_come_back_as_a_pair(tmp_path: Path) -> None:
    data = rows()
    texts, labels = audited(data["review"], tmp_path / "run", label=data["label"]).apply()
    assert (texts, labels) == wanted()


def test_an_array_with_labels_comes_back_as_arrays(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    true = np.arange(120) % 2
    x = rng.normal(size=(120, 3)) + 4 * true[:, None]
    given = true.copy()
    given[[5, 60]] = 1 - given[[5, 60]]
    new_x, new_labels = audited(x, tmp_path / "run", label=given).apply()
    assert isinstance(new_x, np.ndarray)
    assert new_labels.dtype == given.dtype
    assert np.array_equal(new_x, x)
    assert np.array_equal(new_labels, true)


def _written(kind: str, folder: Path) -> Path:
    data = rows()
    records = [dict(zip(data, cells, strict=True)) for cells in zip(*data.values(), strict=True)]
    path = folder / f"reviews.{kind}"
    match kind:
        case "csv":
            pl.DataFrame(data).write_csv(path)
        case "jsonl.gz":
            path.write_bytes(gzip.compress("".join(f"{json.dumps(one)}\n" for one in records).encode()))
        case "parquet":
            pl.DataFrame(data).write_parquet(path)
    return path


@pytest.mark.parametrize("kind", ["csv", "jsonl.gz", "parquet"])
def test_a_file_comes_back_in_its_format_with_the_list_of_changes(kind: str, tmp_path: Path) -> None:
    source = _written(kind, tmp_path)
    before = source.read_bytes()
    found = audited(source, tmp_path / "run")
    output = Path(found.apply(tmp_path / f"improved.{kind}"))
    again = dechaff.apply(tmp_path / "run", tmp_path / f"again.{kind}")
    assert output.read_bytes() == again.read_bytes()
    assert source.read_bytes() == before
    changes = pl.read_csv(tmp_path / "improved.changes.csv", schema_overrides={"row": pl.String})
    assert dict(zip(changes["row"], changes["change"], strict=True)) == {
        **{str(row): "relabelled" for row in WRONG},
        str(COPY): "dropped",
    }
    improved = dechaff.audit(output, label="label", out=tmp_path / "second")
    assert improved.metrics.dataset.rows == COPY
    assert improved.metrics.decisions.relabel == 0


def test_probabilities_in_an_npz_come_back_with_new_labels(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    true = rng.integers(0, 3, 200)
    logits = rng.normal(size=(200, 3)) + 4 * np.eye(3)[true]
    probs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    given = true.copy()
    given[:8] = (given[:8] + 1) % 3
    np.savez(tmp_path / "rows.npz", labels=given, pred_probs=probs)
    found = dechaff.audit(tmp_path / "rows.npz", policy="bold", out=tmp_path / "run")
    found.apply(tmp_path / "improved.npz")
    with np.load(tmp_path / "improved.npz") as improved:
        assert (improved["labels"][:8] == true[:8]).sum() >= 6
        assert improved["pred_probs"].shape == (len(improved["labels"]), 3)
    assert "no columns that conditions" in next(c.why for c in found.metrics.checks if c.code == "L002")


def test_rows_without_a_label_are_reported_and_left_alone(tmp_path: Path) -> None:
    data = pd.DataFrame(rows())
    data.loc[[7, 8], "label"] = None
    found = audited(data, tmp_path / "run")
    assert set(found.findings.query("code == 'L003'")["row"]) == {7, 8}
    assert found.apply().loc[[7, 8], "label"].isna().all()
    assert found.apply().loc[[7, 8], "review"].tolist() == data.loc[[7, 8], "review"].tolist()


def test_the_review_policy_changes_nothing(tmp_path: Path) -> None:
    data = pd.DataFrame(rows())
    found = audited(data, tmp_path / "run", policy="review")
    pd.testing.assert_frame_equal(found.apply(), data)
    assert len(found.changes) == 0
    decided = found.metrics.decisions
    assert (decided.drop, decided.relabel) == (0, 0)
    assert decided.review >= len(WRONG)


@pytest.fixture(scope="module")
def csv_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("csv")
    audited(_written("csv", folder), folder / "run")
    return folder


def test_applying_twice_gives_the_same_bytes(csv_run: Path) -> None:
    first, second = (dechaff.apply(csv_run / "run", csv_run / f"{name}.csv").read_bytes() for name in ("a", "b"))
    assert first == second
    assert (csv_run / "a.changes.csv").read_bytes() == (csv_run / "b.changes.csv").read_bytes()


def test_an_audited_file_needs_a_path_to_be_written_to(csv_run: Path) -> None:
    with pytest.raises(InputError, match="must have a path, because a file was audited"):
        dechaff.open_run(csv_run / "run").apply()


def test_the_input_is_never_written_over(csv_run: Path) -> None:
    before = (csv_run / "reviews.csv").read_bytes()
    with pytest.raises(InputError):
        dechaff.apply(csv_run / "run", csv_run / "reviews.csv")
    assert (csv_run / "reviews.csv").read_bytes() == before


def test_the_report_names_rows_and_classes(csv_run: Path) -> None:
    page = dechaff.open_run(csv_run / "run").report().read_text()
    assert "good" in page
    assert "bad" in page
    assert all(f"L001-{number:06d}" in page or f">{row}<" in page for number, row in enumerate(WRONG, start=1))


def test_a_file_that_changed_since_is_refused(tmp_path: Path) -> None:
    source = _written("csv", tmp_path)
    audited(source, tmp_path / "run")
    source.write_text(source.read_text() + "one more,good\n")
    with pytest.raises(SourceChangedError, match="has changed since it was audited"):
        dechaff.apply(tmp_path / "run", tmp_path / "improved.csv")
    assert not (tmp_path / "improved.csv").exists()


def test_data_in_memory_must_be_handed_in_again_and_be_the_same(tmp_path: Path) -> None:
    audited(rows(), tmp_path / "run")
    with pytest.raises(RunError, match="cannot be read again"):
        dechaff.open_run(tmp_path / "run").apply()
    assert dechaff.open_run(tmp_path / "run", source=rows()).apply()["label"] == wanted()[1]
    with pytest.raises(SourceChangedError):
        dechaff.open_run(tmp_path / "run", source={name: cells[1:] for name, cells in rows().items()})


def test_decisions_go_out_are_edited_and_hold_through_another_audit(tmp_path: Path) -> None:
    data = pd.DataFrame(rows())
    found = audited(data, tmp_path / "run")
    said = pd.read_csv(found.export_decisions(tmp_path / "said.csv"), dtype=str, keep_default_na=False)
    first, second, third = (said["row"] == str(row) for row in WRONG)
    said.loc[first, ["action", "label"]] = ["keep", ""]
    said.loc[second, ["action", "label"]] = ["drop", ""]
    said.loc[third, ["action", "label"]] = ["review", ""]
    more = pd.DataFrame({"row": ["20"], "action": ["relabel"], "label": ["good"]})
    pd.concat([said, more]).fillna("").to_csv(tmp_path / "said.csv", index=False)
    assert found.import_decisions(tmp_path / "said.csv") == 4
    assert found.import_decisions(tmp_path / "said.csv") == 0
    _assert_said(found.apply(), data)
    _assert_said(audited(data, tmp_path / "run").apply(), data)


def _assert_said(improved: pd.DataFrame, data: pd.DataFrame) -> None:
    kept, dropped, reviewed = WRONG
    assert improved.loc[kept, "label"] == data.loc[kept, "label"]
    assert dropped not in improved.index
    assert improved.loc[reviewed, "label"] == data.loc[reviewed, "label"]
    assert improved.loc[20, "label"] == "good"
    assert COPY not in improved.index


INDEXES = {
    "counted": pd.RangeIndex(N),
    "numbers": pd.Index(range(100, 100 + N)),
    "fractions": pd.Index([row / 2 for row in range(N)]),
    "dates": pd.date_range("2020-01-01", periods=N),
    "two levels": pd.MultiIndex.from_tuples([("a" if row % 2 else "b", row) for row in range(N)]),
}


@pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES)
def test_findings_scores_and_changes_name_rows_as_the_index_of_the_frame_does(index: pd.Index, tmp_path: Path) -> None:
    data = pd.DataFrame(rows(), index=index)
    found = audited(data, tmp_path / "run")
    errors = found.findings.query("code == 'L001'")
    assert set(errors["row"]) == {data.index[row] for row in WRONG}
    assert data.loc[errors["row"].tolist(), "label"].tolist() == errors["given"].tolist()
    assert data.loc[found.findings["row"].dropna().tolist()].shape[0] >= len(WRONG)
    assert found.scores["row"].tolist() == data.index.tolist()
    assert set(found.changes["row"]) == {data.index[row] for row in (*WRONG, COPY)}


def test_the_notebook_view_of_label_errors_names_the_rows_of_a_series() -> None:
    labels = pd.Series(["a", "b"] * 20, index=[f"r{row}" for row in range(40)])
    sure = pd.DataFrame([[0.95, 0.05], [0.05, 0.95]] * 20, columns=["a", "b"], index=labels.index)
    labels.iloc[0] = "b"
    page = dechaff.find_label_errors(labels, sure)._repr_html_()
    assert "<th>row</th>" in page
    assert "<td>r0</td>" in page
