from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression

from dechaff.compat.cleanlab import count
from dechaff.errors import InputError, LabelsError, ProbsError
from tests.compat.cleanlab.rows import Rows, quietly, rows, same_cases, theirs


@same_cases
@given(rows())
def test_thresholds_are_cleanlabs(data: Rows) -> None:
    found = count.get_confident_thresholds(data.labels, data.probs)
    np.testing.assert_allclose(found, theirs.count.get_confident_thresholds(data.labels, data.probs), rtol=1e-6)


@same_cases
@given(rows(), st.booleans())
def test_the_joint_and_the_rows_off_its_diagonal_are_cleanlabs(data: Rows, supplied: bool) -> None:
    options = {"calibrate": False, "return_indices_of_off_diagonals": True}
    if supplied:
        options["thresholds"] = np.linspace(0.2, 0.7, data.k)
    joint, off = count.compute_confident_joint(data.labels, data.probs, **options)
    their_joint, their_off = quietly(theirs.count.compute_confident_joint, data.labels, data.probs, **options)
    np.testing.assert_array_equal(joint, their_joint)
    np.testing.assert_array_equal(off, their_off)


@same_cases
@given(rows(ties=True))
def test_the_joint_is_cleanlabs_where_probabilities_stand_on_their_thresholds(data: Rows) -> None:
    ours = count.compute_confident_joint(data.labels, data.probs, calibrate=False)
    np.testing.assert_array_equal(
        ours, quietly(theirs.count.compute_confident_joint, data.labels, data.probs, calibrate=False)
    )


@same_cases
@given(rows(), st.booleans())
def test_the_calibrated_joint_is_cleanlabs(data: Rows, ordered_by_rows: bool) -> None:
    ours = count.compute_confident_joint(data.labels, data.probs)
    np.testing.assert_array_equal(ours, quietly(theirs.count.compute_confident_joint, data.labels, data.probs))
    np.testing.assert_allclose(count.estimate_joint(data.labels, data.probs), ours / len(data.labels))
    joint = np.random.default_rng(len(data.labels)).integers(0, 9, (data.k, data.k))
    joint = joint if ordered_by_rows else np.asfortranarray(joint)
    calibrated = quietly(theirs.count.calibrate_confident_joint, joint, data.labels)
    np.testing.assert_array_equal(count.calibrate_confident_joint(joint, data.labels), calibrated)


def joints(data: Rows) -> np.ndarray:
    return quietly(theirs.count.compute_confident_joint, data.labels, data.probs)


@same_cases
@given(rows(absent=False), st.sampled_from(["cnt", "marginal", "marginal_ps"]))
def test_latent_estimates_are_cleanlabs(data: Rows, py_method: str) -> None:
    joint = joints(data)
    assume((joint.sum(axis=0) > 0).all())
    ours = count.estimate_latent(joint, data.labels, py_method=py_method)
    their = quietly(theirs.count.estimate_latent, joint, data.labels, py_method=py_method)
    for mine, other, loose in zip(ours, their, (1e-9, 1e-4, 1e-4), strict=True):
        np.testing.assert_allclose(mine, other, atol=loose)


@same_cases
@given(rows(absent=False))
def test_the_prior_by_inversion_is_cleanlabs(data: Rows) -> None:
    joint = joints(data)
    noise = joint / np.maximum(joint.sum(axis=0), 1)
    assume(np.linalg.cond(noise) < 1e6)
    ours = count.estimate_latent(joint, data.labels, py_method="eqn")[0]
    their = quietly(theirs.count.estimate_latent, joint, data.labels, py_method="eqn")[0]
    np.testing.assert_allclose(ours, their, atol=1e-8)


@same_cases
@given(rows(absent=False))
def test_converged_estimates_are_cleanlabs(data: Rows) -> None:
    joint = joints(data)
    assume((joint.sum(axis=0) > 0).all() and (np.diagonal(joint) > 0).all())
    ours = count.estimate_latent(joint, data.labels, converge_latent_estimates=True)
    their = quietly(theirs.count.estimate_latent, joint, data.labels, converge_latent_estimates=True)
    for mine, other in zip(ours, their, strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-4)


@same_cases
@given(rows())
def test_the_number_of_issues_is_cleanlabs(data: Rows) -> None:
    for method in ("off_diagonal", "off_diagonal_calibrated"):
        ours = count.num_label_issues(data.labels, data.probs, estimation_method=method)
        their = quietly(theirs.count.num_label_issues, data.labels, data.probs, estimation_method=method)
        assert ours == their


@same_cases
@given(rows())
def test_a_joint_that_is_handed_in_is_counted_and_not_ignored(data: Rows) -> None:
    joint = np.full((data.k, data.k), 1) + 9 * np.eye(data.k, dtype=int)
    ours = count.num_label_issues(data.labels, data.probs, confident_joint=joint)
    custom = {"confident_joint": joint, "estimation_method": "off_diagonal_custom"}
    assert ours == count.num_label_issues(data.labels, data.probs, **custom)
    assert ours == quietly(theirs.count.num_label_issues, data.labels, data.probs, **custom)


def test_a_class_of_which_there_is_no_row_keeps_its_label() -> None:
    joint = np.array([[5, 1, 0], [1, 4, 0], [0, 0, 0]])
    labels = np.array([0] * 6 + [1] * 5)
    prior, noise, inverse = count.estimate_latent(joint, labels)
    their_noise = quietly(theirs.count.estimate_latent, joint, labels)[1]
    assert noise[:, 2].tolist() == inverse[:, 2].tolist() == [0, 0, 1]
    assert their_noise[:, 2].tolist() == [0, 0, 0]
    assert prior.sum() == pytest.approx(1)
    assert count.estimate_latent(joint, labels, py_method="eqn")[0].sum() == pytest.approx(1)


def test_rates_near_one_are_not_cut() -> None:
    joint, labels = np.array([[1, 5], [99_999, 5]]), np.repeat([0, 1], [6, 100_004])
    ours = count.estimate_latent(joint, labels)[1]
    their = quietly(theirs.count.estimate_latent, joint, labels)[1]
    assert ours[1, 0] == pytest.approx(0.99999)
    assert their[1, 0] == pytest.approx(0.9999 / 0.99991)


@pytest.mark.parametrize("bad", [np.nan, 2.0])
def test_rows_that_are_no_distribution_are_refused(bad: float) -> None:
    probs = np.array([[0.5, 0.5], [bad, 0.5]])
    with pytest.raises(ProbsError, match="row 1"):
        count.compute_confident_joint(np.array([0, 1]), probs)


def test_unknown_words_and_absent_joints_are_errors_that_say_what_to_do() -> None:
    labels, probs = np.array([0, 1]), np.array([[0.9, 0.1], [0.2, 0.8]])
    with pytest.raises(InputError, match="py_method must be one of cnt, eqn"):
        count.estimate_latent(np.eye(2), labels, py_method="count")
    with pytest.raises(InputError, match="confident_joint must be passed"):
        count.num_label_issues(labels, probs, estimation_method="off_diagonal_custom")


def blobs(n: int = 120) -> tuple[np.ndarray, np.ndarray]:
    features, labels = make_classification(n, n_informative=4, n_classes=3, random_state=0)
    return features, labels


def test_cross_validated_estimates_are_cleanlabs() -> None:
    features, labels = blobs()
    ours = count.estimate_py_noise_matrices_and_cv_pred_proba(features, labels, LogisticRegression(C=0.5), seed=3)
    their = quietly(
        theirs.count.estimate_py_noise_matrices_and_cv_pred_proba, features, labels, LogisticRegression(C=0.5), seed=3
    )
    for mine, other in zip(ours, their, strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-9)
    probs = count.estimate_cv_predicted_probabilities(features, labels, seed=3, cv_n_folds=3)
    other = quietly(theirs.count.estimate_cv_predicted_probabilities, features, labels, seed=3, cv_n_folds=3)
    np.testing.assert_allclose(probs, other, atol=1e-9)
    noise, inverse = count.estimate_noise_matrices(features, labels, seed=3)
    their_matrices = quietly(theirs.count.estimate_noise_matrices, features, labels, seed=3)
    np.testing.assert_allclose(noise, their_matrices[0], atol=1e-6)
    np.testing.assert_allclose(inverse, their_matrices[1], atol=1e-6)


def test_fit_gets_its_arguments_and_those_made_of_the_held_out_rows() -> None:
    features, labels = blobs()
    seen = []

    class Spy(LogisticRegression):
        def fit(self, X, y, sample_weight=None, held_out=None):
            seen.append((sample_weight is not None, held_out))
            return super().fit(X, y)

    options = {"clf_kwargs": {"sample_weight": 1.0}, "validation_func": lambda X, y: {"held_out": len(y)}}
    count.estimate_cv_predicted_probabilities(features, labels, Spy(), cv_n_folds=4, **options)
    assert seen == [(True, 30)] * 4


def test_a_class_that_a_fold_cannot_learn_has_probability_zero_there() -> None:
    features, labels = blobs()
    labels = np.where(np.arange(120) == 7, 3, labels)
    with pytest.warns(UserWarning, match="least populated class"):
        probs = count.estimate_cv_predicted_probabilities(features, labels, seed=0)
    assert probs[7, 3] == 0.0
    np.testing.assert_allclose(probs.sum(axis=1), 1.0)


def test_class_names_are_refused_with_the_way_to_use_them() -> None:
    features, _ = blobs()
    with pytest.raises(LabelsError, match="CleanLearning"):
        count.estimate_cv_predicted_probabilities(features, ["a", "b"] * 60)


@pytest.mark.parametrize("thresholds", [[0.5], [0.5] * 2, [0.5] * 4, 0.3, ["a"] * 3, [np.nan] * 3])
def test_thresholds_of_other_classes_are_refused(thresholds: object) -> None:
    labels, probs = np.arange(30) % 3, np.random.default_rng(0).dirichlet(np.ones(3), 30)
    with pytest.raises(InputError, match="thresholds must contain a number for each of the 3 classes"):
        count.compute_confident_joint(labels, probs, thresholds=thresholds)
