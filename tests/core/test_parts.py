from __future__ import annotations

import numpy as np
import pytest

from dechaff.backends import local
from dechaff.core.parts import Parts
from dechaff.core.row_map import Beside, Column, NamedRows
from dechaff.core.source import ArraySource
from dechaff.methods.label_errors.noise_posterior import RowErrorOdds
from tests.laws.cases import columns


def parts(rows: int) -> Parts:
    return Parts(tuple(ArraySource(columns(0).arrays, chunk_rows=rows).parts()))


def test_parts_are_a_source() -> None:
    source = parts(150)
    assert (source.n_rows, len(source.parts())) == (400, 3)
    assert np.concatenate([chunk["row"] for chunk in source.chunks(["row"])]).tolist() == list(range(400))


def test_rows_of_one_key_come_together_from_all_parts() -> None:
    chunks = list(parts(150).chunks(["row", "labels"], "labels"))
    assert sum(len(chunk["row"]) for chunk in chunks) == 400
    keys = [set(chunk["labels"].tolist()) for chunk in chunks]
    assert len(set.union(*keys)) == sum(map(len, keys))


def test_keys_that_do_not_fit_come_a_share_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = np.array([f"key {row % 37}" for row in range(400)], dtype=object)
    whole = Parts(tuple(ArraySource({"row": np.arange(400), "key": texts}, chunk_rows=150).parts()))
    monkeypatch.setattr("dechaff.core.parts.SHARE_BYTES", 4_000)
    chunks = list(whole.chunks(["row"], "key"))
    assert 5 < len(chunks) < 37
    assert max(len(chunk["row"]) for chunk in chunks) < 200
    assert sorted(np.concatenate([chunk["row"] for chunk in chunks]).tolist()) == list(range(400))
    keys = [set(texts[chunk["row"]]) for chunk in chunks]
    assert len(set.union(*keys)) == sum(map(len, keys)) == 37


def test_columns_are_handed_on_beside_the_answers() -> None:
    data, source = columns(0), parts(150)
    verdicts = RowErrorOdds(1.3, data.transition)
    answers, joint = local.row_map(Beside(verdicts, ("row",)), source)
    plain, expected = local.row_map(verdicts, source)
    np.testing.assert_array_equal(answers["row"], data.arrays["row"])
    np.testing.assert_array_equal(answers["log_odds"], plain["log_odds"])
    np.testing.assert_array_equal(joint, expected)
    np.testing.assert_array_equal(local.fold(Beside(verdicts, ("row",)), source), expected)


def test_a_column_is_a_row_map() -> None:
    source = parts(150)
    answers, _ = local.row_map(NamedRows({"number": Column("row")}), source)
    assert answers["number"].tolist() == list(range(400))


def test_text_that_grows_longer_from_chunk_to_chunk_is_kept_whole() -> None:
    source = ArraySource({"ids": np.array(["a", "bb", "ccc" * 30])}, chunk_rows=3)
    answers, _ = local.row_map(NamedRows({"id": Column("ids")}), source)
    assert answers["id"].tolist() == ["a", "bb", "ccc" * 30]
