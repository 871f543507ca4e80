from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dechaff.compat.cleanlab import count, filter, rank
from dechaff.compat.cleanlab.experimental.label_issues_batched import LabelInspector, find_label_issues_batched
from dechaff.errors import InputError
from tests.compat.cleanlab import rows as _  # noqa: F401  # imports cleanlab, its warnings caught


def made(dtype: Any = np.float64, n: int = 3000, k: int = 5) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(3)
    true = random.integers(0, k, n)
    labels = np.where(random.random(n) < 0.2, random.integers(0, k, n), true)
    probs = np.exp(2.5 * np.eye(k)[true] + random.normal(size=(n, k)))
    return labels, (probs / probs.sum(axis=1, keepdims=True)).astype(dtype)


class Sliced:
    """An array that must be sliced to be read, as one of Zarr."""

    def __init__(self, array: np.ndarray) -> None:
        self.array, self.shape, self.most = array, array.shape, 0

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, rows: slice) -> np.ndarray:
        self.most = max(self.most, len(self.array[rows]))
        return self.array[rows]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("method", ["self_confidence", "normalized_margin"])
@pytest.mark.parametrize("estimation", ["off_diagonal", "off_diagonal_calibrated"])
@pytest.mark.parametrize("batch_size", [1, 7, 1000, 10**6])
def test_batches_find_what_all_rows_at_once_do(dtype, method: str, estimation: str, batch_size: int) -> None:
    labels, probs = made(dtype, 300 if batch_size == 1 else 3000)
    n = count.num_label_issues(labels, probs, estimation_method=estimation)
    quality = rank.get_label_quality_scores(labels, probs, method=method)
    expected = np.zeros(len(labels), dtype=bool)
    expected[np.argsort(quality, kind="stable")[:n]] = True
    expected &= probs.argmax(axis=1) != labels
    options = {"quality_score_kwargs": {"method": method}, "num_issue_kwargs": {"estimation_method": estimation}}
    for source in ((labels, probs), (Sliced(labels), Sliced(probs))):
        mask = find_label_issues_batched(*source, batch_size=batch_size, verbose=False, return_mask=True, **options)
        np.testing.assert_array_equal(mask, expected)
    assert source[1].most <= batch_size
    rows = find_label_issues_batched(labels, probs, batch_size=batch_size, verbose=False, **options)
    np.testing.assert_array_equal(rows, np.flatnonzero(expected))


def test_the_default_is_the_filter_of_low_self_confidence() -> None:
    labels, probs = made()
    expected = filter.find_label_issues(labels, probs, filter_by="low_self_confidence")
    found = find_label_issues_batched(labels, probs, verbose=False, return_mask=True)
    np.testing.assert_array_equal(found, expected & (probs.argmax(axis=1) != labels))


def test_it_agrees_with_cleanlab_where_that_does_not_approximate() -> None:
    from cleanlab.experimental.label_issues_batched import find_label_issues_batched as theirs

    labels, probs = made()
    expected = theirs(labels, probs, batch_size=10**6, verbose=False)
    np.testing.assert_array_equal(find_label_issues_batched(labels, probs, verbose=False), expected)


def test_files_are_mapped(tmp_path: Path) -> None:
    labels, probs = made()
    np.save(tmp_path / "labels.npy", labels)
    np.save(tmp_path / "probs.npy", probs)
    files = {"labels_file": str(tmp_path / "labels.npy"), "pred_probs_file": str(tmp_path / "probs.npy")}
    found = find_label_issues_batched(**files, verbose=False)
    np.testing.assert_array_equal(found, find_label_issues_batched(labels, probs, verbose=False))


@pytest.mark.parametrize("estimation", ["off_diagonal", "off_diagonal_calibrated"])
def test_an_inspector_knows_thresholds_scores_and_counts(estimation: str) -> None:
    labels, probs = made()
    inspector = LabelInspector(num_class=5, verbose=False, num_issue_kwargs={"estimation_method": estimation})
    for start in range(0, 3000, 700):
        inspector.update_confident_thresholds(labels[start : start + 700], probs[start : start + 700])
    np.testing.assert_array_equal(inspector.get_confident_thresholds(), count.get_confident_thresholds(labels, probs))
    for start in range(0, 3000, 700):
        inspector.score_label_quality(labels[start : start + 700], probs[start : start + 700])
    n = count.num_label_issues(labels, probs, estimation_method=estimation)
    assert inspector.get_num_issues() == n
    quality = rank.get_label_quality_scores(labels, probs)
    np.testing.assert_array_equal(inspector.get_quality_scores(), quality)
    np.testing.assert_array_equal(inspector.get_label_issues(), np.argsort(quality, kind="stable")[:n])


def test_what_cannot_be_used_is_refused() -> None:
    labels, probs = made(n=20)
    for arguments in ({}, {"labels": labels}, {"labels": labels, "labels_file": "a.npy", "pred_probs": probs}):
        with pytest.raises(InputError, match="be passed, one of them"):
            find_label_issues_batched(**arguments)
    with pytest.raises(InputError, match=r"be the path of an .npy file"):
        find_label_issues_batched(labels, pred_probs_file=3)
    with pytest.raises(InputError, match="20 rows in labels, 19 rows in pred_probs"):
        find_label_issues_batched(labels, probs[1:])
    with pytest.raises(InputError, match="batch_size must be a whole number, 1 or more"):
        find_label_issues_batched(labels, probs, batch_size=0)
    with pytest.raises(InputError, match="sum to 1"):
        find_label_issues_batched(Sliced(labels), Sliced(probs * 1.5), batch_size=7)
    inspector = LabelInspector(num_class=5, store_results=False)
    with pytest.raises(InputError, match="have seen a batch"):
        inspector.get_confident_thresholds()
    with pytest.raises(InputError, match="have been scored"):
        inspector.get_num_issues()
    with pytest.raises(InputError, match="store_results must be True"):
        inspector.get_quality_scores()
    with pytest.raises(InputError, match="num_class=5"):
        inspector.update_confident_thresholds(labels, probs[:, :3])
    with pytest.raises(InputError, match="estimation_method must be one of"):
        LabelInspector(num_class=5, num_issue_kwargs={"estimation_method": "other"})
