"""Data without any label: opened by the names of the classes, labelled in the review, written with the label."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import dechaff
from dechaff.errors import LabelsError

_CLASSES = ("ham", "spam, or so", "eggs")
_TEXTS = [f"message {number} of {'money' if number % 2 else 'lunch'}" for number in range(40)]
_WRITE = {
    "csv": pl.DataFrame.write_csv, "tsv": lambda table, path: table.write_csv(path, separator="\t"),
    "parquet": pl.DataFrame.write_parquet, "jsonl": pl.DataFrame.write_ndjson,
    "arrow": lambda table, path: table.write_ipc(path, compression="uncompressed"),
}  # fmt: skip
_READ: dict[str, Any] = {
    "csv": pl.read_csv, "tsv": lambda path: pl.read_csv(path, separator="\t"), "parquet": pl.read_parquet,
    "jsonl": lambda path: pl.DataFrame([json.loads(line) for line in path.read_text().splitlines()]),
    "arrow": pl.read_ipc,
}  # fmt: skip


def _pool(**columns: Any) -> pl.DataFrame:
    return pl.DataFrame({"text": _TEXTS, "size": np.arange(40) % 7, **columns})


def _labelled(audit: Any) -> None:
    """Row 3 gets a label, row 5 is left out."""
    assert audit.metrics.dataset.classes == _CLASSES
    items = {item.row: item.finding_id for item in audit.queue(codes="L003", size=100).items}
    assert len(items) == 40
    audit.decide(items["3"], "relabel", "spam, or so", reviewer="ann")
    audit.decide(items["5"], "exclude", reviewer="ann")


_EMPTY = {"absent": {}, "text": {"y": pl.Series([None] * 40, dtype=pl.String)},
          "number": {"y": pl.Series([None] * 40, dtype=pl.Float64)}}  # fmt: skip


@pytest.mark.parametrize("column", _EMPTY)
@pytest.mark.parametrize("suffix", _WRITE)
def test_a_file_gets_the_labels_in_a_column_that_is_made_or_was_empty(suffix: str, column: str, tmp_path: Path) -> None:
    if suffix == "arrow":
        pytest.importorskip("pyarrow")
    source, table = tmp_path / f"pool.{suffix}", _pool(**_EMPTY[column])
    _WRITE[suffix](table, source)  # type: ignore[operator]
    audit = dechaff.audit(source, label="y", classes=_CLASSES)
    audit.prepare_review()
    _labelled(audit)
    new = _READ[suffix](dechaff.apply(audit.folder, tmp_path / f"new.{suffix}"))
    assert new.columns == ["text", "size", "y"]
    assert new["text"].to_list() == [text for number, text in enumerate(_TEXTS) if number != 5]
    labels = [label or None for label in new["y"].to_list()]
    assert labels == [None] * 3 + ["spam, or so"] + [None] * 35
    again = dechaff.audit(tmp_path / f"new.{suffix}", label="y", classes=_CLASSES)
    assert again.metrics.dataset.class_counts == (0, 1, 0)


def test_a_text_file_keeps_every_other_byte(tmp_path: Path) -> None:
    source = tmp_path / "pool.csv"
    source.write_bytes(b'id;text\r\na;"one; two"\r\n\r\nb;three')
    audit = dechaff.audit(source, label="my; y", id="id", classes=["1", "0"])
    items = {item.row: item.finding_id for item in audit.queue(codes="L003").items}
    audit.decide(items["b"], "relabel", "0", reviewer="ann")
    new = Path(audit.apply(tmp_path / "new.csv")).read_bytes()
    assert new == b'id;text;"my; y"\r\na;"one; two";\r\n\r\nb;three;0'


@pytest.mark.parametrize("kind", ["polars", "pandas", "pyarrow", "dict", "records"])
def test_data_in_memory_come_back_as_they_came(kind: str) -> None:
    table = _pool()
    made: dict[str, Any] = {
        "polars": lambda: table,
        "pandas": lambda: pytest.importorskip("pandas").DataFrame(table.to_dict(as_series=False)),
        "pyarrow": lambda: pytest.importorskip("pyarrow").table(table.to_dict(as_series=False)),
        "dict": lambda: table.to_dict(as_series=False),
        "records": table.to_dicts,
    }
    data = made[kind]()
    audit = dechaff.audit(data, label="y", classes=_CLASSES)
    _labelled(audit)
    new = audit.apply()
    assert type(new) is type(data)
    records = new if kind == "records" else pl.DataFrame(new).to_dicts()
    found = {one["text"]: one["y"] for one in records if isinstance(one["y"], str)}
    assert found == {_TEXTS[3]: "spam, or so"}
    assert len(records) == 39


def test_some_labels_are_kept_and_others_than_the_classes_are_refused() -> None:
    some = ["ham", None] * 20
    audit = dechaff.audit(_pool(y=some), label="y", classes=_CLASSES)
    assert audit.metrics.dataset.class_counts == (20, 0, 0)
    assert audit.queue(codes="L003").total == 20
    with pytest.raises(LabelsError, match=r"named classes.*'hamm' in row 6\.\n.*Did you mean 'ham'"):
        dechaff.audit(_pool(y=[*some[:6], "hamm", *some[7:]]), label="y", classes=_CLASSES)
    with pytest.raises(LabelsError, match=r"at least two different names.*only 'ham'"):
        dechaff.audit(_pool(), label="y", classes=["ham"])


def test_models_judge_labels_as_soon_as_there_are_enough() -> None:
    y = ["spam, or so" if number % 2 else "ham" for number in range(40)]
    y[7] = "ham"
    audit = dechaff.audit(_pool(y=[*y[:36], None, None, None, None]), label="y", classes=_CLASSES)
    assert audit.queue(codes="L003").total == 4
    assert [item.row for item in audit.queue(codes="L001").items] == ["7"]


@pytest.mark.slow
def test_a_pool_that_exceeds_the_memory_is_opened_too(tmp_path: Path) -> None:
    n, rng = 6_000, np.random.default_rng(0)
    table = pl.DataFrame({"text": [f"text {number}" + " pad" * 20 for number in range(n)], "x": rng.normal(size=n)})
    table.write_csv(tmp_path / "pool.csv")
    audit = dechaff.audit(tmp_path / "pool.csv", label="y", classes=["a", "b"], memory="525MB")
    assert audit.run.options["out_of_core"]
    page = audit.queue(codes="L003", size=1)
    assert page.total == n
    audit.decide(page.items[0].finding_id, "relabel", "b", reviewer="ann")
    new = pl.read_csv(audit.apply(tmp_path / "new.csv"))
    assert new["y"].drop_nulls().to_list() == ["b"]
