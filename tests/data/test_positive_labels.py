from __future__ import annotations

import numpy as np
import pytest

from dechaff.data.columns.cells import cells_from_text, cells_from_values
from dechaff.data.columns.labels import LabelNames, label_names
from dechaff.data.open_positives import PositiveReader
from dechaff.errors import LabelsError


def _read(values: list[object], positive: str | None = None) -> LabelNames:
    text = all(isinstance(value, str) for value in values)
    cells = cells_from_text("s", values) if text else cells_from_values("s", values)  # type: ignore[arg-type]
    return PositiveReader(positive)("the label column 's'", label_names(cells))


@pytest.mark.parametrize(
    ("values", "positive", "names"),
    [
        (["yes", "no", "no"], "yes", ["yes", "no", "no"]),
        (["yes", "", "?"], None, ["yes", "unlabelled", "unlabelled"]),
        ([1, 0, 0], None, ["1", "0", "0"]),
        ([1.0, None, None], "1", ["1", "unlabelled", "unlabelled"]),
        ([1, -1, -1], None, ["1", "-1", "-1"]),
        ([True, False, False], "true", ["True", "False", "False"]),
        (["TRUE", "false", "false"], None, ["TRUE", "false", "false"]),
        (["1", "0", "0"], "1.0", ["1", "0", "0"]),
        (["unlabelled", "", ""], "unlabelled", ["unlabelled", "not labelled", "not labelled"]),
    ],
)
def test_rows_are_labelled_positives_or_not(values: list[object], positive: str | None, names: list[str]) -> None:
    labels = _read(values, positive)
    assert labels.names.tolist() == names
    assert not labels.missing.any()


@pytest.mark.parametrize(
    ("values", "positive", "words"),
    [
        (["yes", "no", "maybe"], "yes", r"found 3 values: 'yes' \(1 row\), 'no' \(1 row\), 'maybe'"),
        (["yes", "no", ""], "yes", r"'no' \(1 row\), empty cells \(1 row\)\.\nRows that are known to be negative"),
        (["a", "b", "c"], None, "contain the positive label and, in all other rows"),
        (["sport", "news"], None, "Name that value: --positive 'news'"),
        (["yes", "no"], None, "Name that value: --positive 'yes'"),
        (["no", ""], None, r"'no' \(1 row\), empty cells \(1 row\), any of which may be it"),
        (["yes", ""], "yess", "Did you mean 'yes'?"),
        (["yes", ""], "ja", r"found 'yes' \(1 row\)\.\nName the value"),
        (["yes", "yes"], "yes", "leave some rows unlabelled"),
        (["", ""], None, "all 2 cells are empty"),
    ],
)
def test_labels_that_cannot_be_read_so_are_refused_with_what_to_do(
    values: list[object], positive: str | None, words: str
) -> None:
    with pytest.raises(LabelsError, match=words):
        _read(values, positive)


def test_many_values_are_counted_and_not_all_listed() -> None:
    with pytest.raises(LabelsError, match=r"found 40 values: .* 34 more\."):
        _read([str(value) for value in np.arange(40) / 7])
