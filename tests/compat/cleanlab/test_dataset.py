from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dechaff.compat.cleanlab as flat
from dechaff.compat.cleanlab import dataset
from dechaff.errors import InputError
from tests.compat.cleanlab.rows import Rows, fewer_cases, quietly, rows, same_cases, theirs


def assert_same_table(ours: Any, their: Any, by: str, names: list[str]) -> None:
    """The same lines; those of equal rank may stand in another order."""
    assert list(ours.columns) == list(their.columns)
    np.testing.assert_allclose(ours[by], their[by], atol=1e-12)
    sort = [name for name in names if name in ours.columns]
    mine, other = (table.sort_values(sort, ignore_index=True) for table in (ours, their))
    pandas.testing.assert_frame_equal(mine, other, check_exact=False, rtol=1e-9, atol=1e-9)


def their_joint(data: Rows) -> np.ndarray:
    return quietly(theirs.count.estimate_joint, data.labels, data.probs)


@fewer_cases
@given(rows(), st.booleans())
def test_classes_are_ranked_as_by_cleanlab(data: Rows, named: bool) -> None:
    options: dict[str, Any] = {"joint": their_joint(data), "num_examples": len(data.labels)}
    options |= {"class_names": list("abcdefgh"[: data.k])} if named else {}
    ours = dataset.rank_classes_by_label_quality(**options)
    their = theirs.dataset.rank_classes_by_label_quality(**options)
    # cleanlab has a class without labels as without noise, and with a quality of 1, too.
    assert_same_table(ours, their, "Label Quality Score", ["Class Index"])


@fewer_cases
@given(rows(), st.booleans(), st.booleans())
def test_overlapping_classes_are_cleanlabs(data: Rows, asymmetric: bool, named: bool) -> None:
    options: dict[str, Any] = {"joint": their_joint(data), "num_examples": len(data.labels), "asymmetric": asymmetric}
    options |= {"class_names": list("abcdefgh"[: data.k])} if named else {}
    ours = dataset.find_overlapping_classes(**options)
    their = theirs.dataset.find_overlapping_classes(**options)
    assert_same_table(ours, their, "Joint Probability", ["Class Index A", "Class Index B"])


@same_cases
@given(rows())
def test_the_health_score_is_cleanlabs(data: Rows) -> None:
    ours = dataset.overall_label_health_score(data.labels, data.probs)
    assert ours == quietly(theirs.dataset.overall_label_health_score, data.labels, data.probs, verbose=False)
    joint = their_joint(data)
    of_joint = {"joint": joint, "num_examples": 100, "verbose": False}
    assert dataset.overall_label_health_score(**of_joint) == pytest.approx(
        theirs.dataset.overall_label_health_score(**of_joint)
    )


def test_the_summary_has_cleanlabs_parts_and_prints_nothing_if_so_asked(capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(0)
    labels, probs = rng.integers(0, 3, 200), rng.dirichlet(np.ones(3), 200)
    ours = dataset.health_summary(labels, probs, class_names=["a", "b", "c"], verbose=False)
    assert capsys.readouterr().out == ""
    their = quietly(theirs.dataset.health_summary, labels, probs, class_names=["a", "b", "c"], verbose=False)
    assert list(ours) == list(their)
    assert ours["overall_label_health_score"] == their["overall_label_health_score"]
    np.testing.assert_allclose(ours["joint"], their["joint"])
    assert_same_table(
        ours["classes_by_label_quality"], their["classes_by_label_quality"], "Label Quality Score", ["Class Index"]
    )


def test_the_number_of_rows_can_be_told_from_a_joint_of_counts_only() -> None:
    counts = np.array([[8, 2], [1, 9]])
    table = dataset.rank_classes_by_label_quality(confident_joint=counts)
    assert table["Label Issues"].tolist() == [2, 1]
    with pytest.raises(InputError, match="num_examples must be passed"):
        dataset.rank_classes_by_label_quality(joint=counts / 20)


def test_a_joint_that_is_handed_in_decides_the_health_score() -> None:
    labels, probs = np.array([0, 1] * 10), np.full((20, 2), 0.5)
    score = dataset.overall_label_health_score(labels, probs, confident_joint=np.array([[8, 2], [1, 9]]))
    assert score == pytest.approx(0.85)


def test_shares_of_no_rows_are_refused_and_everything_else_of_them_is_empty() -> None:
    labels, probs = np.zeros(0, dtype=int), np.zeros((0, 3))
    for shares_of in (
        flat.estimate_joint,
        flat.health_summary,
        flat.overall_label_health_score,
        flat.rank_classes_by_label_quality,
        flat.find_overlapping_classes,
        flat.estimate_py_and_noise_matrices_from_probabilities,
    ):
        with pytest.raises(InputError, match="labels must have at least one row"):
            shares_of(labels, probs)
    assert len(flat.find_label_issues(labels, probs)) == len(flat.get_label_quality_scores(labels, probs)) == 0
    assert (
        len(flat.get_label_quality_ensemble_scores(labels, [probs, probs])) == flat.num_label_issues(labels, probs) == 0
    )


@pytest.mark.parametrize("check", [dataset.rank_classes_by_label_quality, dataset.find_overlapping_classes])
def test_names_and_joints_of_other_classes_are_refused(check: Any) -> None:
    labels, probs = np.array([0, 1]), np.array([[0.9, 0.1], [0.2, 0.8]])
    for names in (["a"], ["a", "b", "c"]):
        with pytest.raises(InputError, match=r"class_names must name each of the 2 classes; found [13] names"):
            check(labels, probs, class_names=names)
    with pytest.raises(InputError, match="joint must have as many rows as columns"):
        check(joint=np.ones((2, 3)) / 6, num_examples=9)


def test_a_summary_is_printed_unless_it_must_not_be(capsys: pytest.CaptureFixture[str]) -> None:
    labels, probs = np.repeat([0, 1], 50), np.repeat([[0.9, 0.1], [0.1, 0.9]], 50, axis=0)
    dataset.health_summary(labels, probs)
    assert "Overall label health score: 100.0%" in capsys.readouterr().out
    dataset.health_summary(labels, probs, verbose=False)
    assert not capsys.readouterr().out
