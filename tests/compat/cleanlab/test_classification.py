from __future__ import annotations

import inspect
import pickle
from typing import Any, ClassVar

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from dechaff.compat.cleanlab.classification import CleanLearning
from dechaff.compat.cleanlab.count import estimate_cv_predicted_probabilities
from dechaff.compat.cleanlab.label_issues import LabelIssues, rows_alike
from dechaff.errors import InputError
from tests.compat.cleanlab.rows import Rows, fewer_cases, quietly, rows, theirs

Theirs = theirs.classification.CleanLearning


@parametrize_with_checks(
    [
        CleanLearning(),
        CleanLearning(GaussianNB(), seed=3, find_label_issues_kwargs={"min_examples_per_class": 1}),
        CleanLearning(LogisticRegression(), cv_n_folds=3, converge_latent_estimates=True),
        # Probabilities of 0 and 1: ties everywhere. With half of the seeds the tree itself answers the weighted and the
        # repeated rows differently, though it gets the same ones: see the test below.
        CleanLearning(DecisionTreeClassifier(random_state=1)),
    ],
    expected_failed_checks=lambda estimator: {},
)
@pytest.mark.filterwarnings("ignore")
def test_every_check_of_an_estimator_passes(estimator: Any, check: Any) -> None:
    check(estimator)


class Recorded(DecisionTreeClassifier):
    """A tree that notes the weight of every different row that it is given."""

    given: ClassVar[list[dict[tuple[bytes, int], float]]] = []

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Recorded:
        weights: dict[tuple[bytes, int], float] = {}
        for row, label, weight in zip(X, y, np.ones(len(y)) if sample_weight is None else sample_weight, strict=True):
            if weight:
                weights[row.tobytes(), label] = weights.get((row.tobytes(), label), 0) + weight
        self.given.append(weights)
        return super().fit(X, y, sample_weight=sample_weight)


@pytest.mark.parametrize("seed", range(5))
def test_the_model_gets_the_same_rows_whether_they_are_weighted_or_repeated(seed: int) -> None:
    random = np.random.default_rng(seed)
    labels, weights = random.integers(0, 3, 60), random.integers(0, 4, 60)
    features = random.normal(size=(60, 4)) + labels[:, None]
    Recorded.given.clear()
    model = Recorded(random_state=seed)
    CleanLearning(model).fit(features, labels, sample_weight=weights)
    fits = len(Recorded.given)
    CleanLearning(model).fit(features.repeat(weights, axis=0), labels.repeat(weights))
    assert len(Recorded.given) == 2 * fits > 2
    for weighted, repeated in zip(Recorded.given[:fits], Recorded.given[fits:], strict=True):
        assert weighted == pytest.approx(repeated, abs=1e-12)


@fewer_cases
@given(rows(absent=False, most=120), st.booleans(), st.sampled_from([1, 10]))
def test_the_table_of_given_probabilities_is_cleanlabs(data: Rows, converge: bool, least: int) -> None:
    find = {"min_examples_per_class": least, "n_jobs": 1}
    options = {"converge_latent_estimates": converge, "find_label_issues_kwargs": find}
    ours = CleanLearning(**options).find_label_issues(labels=data.labels, pred_probs=data.probs)
    their = quietly(Theirs(**options).find_label_issues, labels=data.labels, pred_probs=data.probs)
    assert list(ours.columns) == list(their.columns)
    pandas.testing.assert_frame_equal(ours, their, check_dtype=False)


def noisy(n: int = 400, k: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    true = random.integers(0, k, n)
    features = random.normal(size=(n, 2)) + 4 * np.eye(k)[true][:, :2]
    return features, np.where(np.arange(n) < n // 10, (true + 1) % k, true), true


def test_matrices_and_prior_are_cleanlabs() -> None:
    features, labels, _ = noisy()
    probs = LogisticRegression().fit(features, labels).predict_proba(features)
    ours, their = CleanLearning(), Theirs()
    ours.find_label_issues(labels=labels, pred_probs=probs)
    quietly(their.find_label_issues, labels=labels, pred_probs=probs)
    for name in ("confident_joint", "py", "noise_matrix", "inverse_noise_matrix"):
        np.testing.assert_allclose(getattr(ours, name), getattr(their, name), atol=1e-9)


@pytest.mark.parametrize("name", ["noise_matrix", "inverse_noise_matrix"])
def test_a_matrix_that_is_handed_in_is_used_as_by_cleanlab(name: str) -> None:
    features, labels, _ = noisy()
    probs = LogisticRegression().fit(features, labels).predict_proba(features)
    matrix = np.array([[0.8, 0.1, 0.0], [0.2, 0.8, 0.1], [0.0, 0.1, 0.9]])
    ours, their = CleanLearning(), Theirs()
    ours.find_label_issues(labels=labels, pred_probs=probs, **{name: matrix})
    quietly(their.find_label_issues, labels=labels, pred_probs=probs, **{name: matrix})
    for matrix_name in ("noise_matrix", "inverse_noise_matrix"):
        np.testing.assert_allclose(getattr(ours, matrix_name), getattr(their, matrix_name), atol=1e-9)
    with pytest.raises(InputError, match=f"{name} must be"):
        ours.find_label_issues(labels=labels, pred_probs=probs, **{name: np.full((3, 3), 1 / 3)})


@pytest.mark.slow
def test_most_errors_are_left_out_and_the_model_gets_better() -> None:
    features, labels, true = noisy()
    model = KNeighborsClassifier(1)
    cleaned = CleanLearning(model, seed=0).fit(features, labels)

    def found(learning: Any) -> float:  # one draw of folds finds from 0.8 to 0.95 of the errors
        fitted = [quietly(learning(KNeighborsClassifier(1), seed=seed).fit, features, labels) for seed in range(6)]
        return float(np.mean([one.get_label_issues()["is_label_issue"][:40].mean() for one in fitted]))

    assert found(CleanLearning) > found(Theirs) - 0.02
    assert found(CleanLearning) > 0.8
    assert (cleaned.predict(features) == true).mean() > (model.fit(features, labels).predict(features) == true).mean()


def test_weights_make_up_for_the_rows_that_are_left_out() -> None:
    features, labels, _ = noisy()
    cleaned = CleanLearning(GaussianNB(), seed=0).fit(features, labels)
    table = cleaned.get_label_issues()
    right = np.diagonal(cleaned.noise_matrix)
    np.testing.assert_allclose(table["sample_weight"], np.where(table["is_label_issue"], 0, 1 / right[labels]))
    assert "sample_weight" not in CleanLearning(KNeighborsClassifier()).fit(features, labels).get_label_issues()


def test_class_names_and_the_index_are_kept() -> None:
    features, labels, _ = noisy()
    index = [f"row {i}" for i in range(400)]
    y = pandas.Series(np.array(["ant", "bee", "cat"])[labels], index=index)
    table = CleanLearning(seed=0).find_label_issues(features, y)
    assert list(table.index) == index
    assert table["given_label"].tolist() == y.tolist()
    assert set(table["predicted_label"]) == {"ant", "bee", "cat"}
    X = pandas.DataFrame(features, columns=["a", "b"], index=index)
    fitted = CleanLearning(seed=0).fit(X, labels)
    assert list(fitted.get_label_issues().index) == index
    assert fitted.feature_names_in_.tolist() == ["a", "b"]


def test_nothing_is_left_over_from_the_call_before() -> None:
    features, labels, true = noisy()
    again = CleanLearning(seed=0)
    again.fit(features, true)
    fresh = CleanLearning(seed=0).fit(features, labels)
    np.testing.assert_array_equal(again.fit(features, labels).label_issues_mask, fresh.label_issues_mask)
    np.testing.assert_array_equal(clone(again).fit(features, labels).label_issues_mask, fresh.label_issues_mask)
    assert pickle.loads(pickle.dumps(again)).label_issues_df.equals(again.label_issues_df)


def test_issues_can_be_handed_in_as_a_table_a_mask_or_rows() -> None:
    features, labels, _ = noisy()
    table = CleanLearning(seed=0).find_label_issues(features, labels)
    mask = table["is_label_issue"].to_numpy()
    masks = [
        CleanLearning().fit(features, labels, label_issues=issues).label_issues_mask
        for issues in (table, mask, np.flatnonzero(mask))
    ]
    for found in masks:
        np.testing.assert_array_equal(found, mask)
    with pytest.raises(InputError, match="label_issues must have a column is_label_issue"):
        CleanLearning().fit(features, labels, label_issues=table[:10])
    with pytest.raises(InputError, match="label_issues must contain the given labels"):
        CleanLearning().fit(features, (labels + 1) % 3, label_issues=table)
    with pytest.raises(InputError, match="label_issues must be a table, a mask"):
        CleanLearning().fit(features, labels, label_issues=np.array([1, 1]))


def test_labels_have_two_names_and_are_wanted_by_one() -> None:
    features, labels, _ = noisy()
    one = CleanLearning(seed=0).fit(features, labels=labels).predict(features)
    np.testing.assert_array_equal(one, CleanLearning(seed=0).fit(features, labels).predict(features))
    with pytest.raises(InputError, match="found both"):
        CleanLearning().fit(features, labels, labels=labels)


def test_arguments_reach_the_model_in_folds_and_in_the_last_fit() -> None:
    features, labels, _ = noisy()
    seen: list[Any] = []

    class Spy(LogisticRegression):
        def fit(self, X: Any, y: Any, sample_weight: Any = None, note: Any = None) -> Any:
            seen.append((len(X), note))
            return super().fit(X, y)

    cleaner = CleanLearning(Spy(), cv_n_folds=4, seed=0)
    cleaner.fit(features, labels, clf_kwargs={"note": "fold"}, clf_final_kwargs={"note": "last"})
    assert [note for _, note in seen] == ["fold"] * 4 + ["last"]
    assert seen[-1][0] < 400
    seen.clear()
    cleaner.find_label_issues(features, labels, validation_func=lambda X, y: {"note": len(y)})
    assert seen == [(300, 100)] * 4


def test_names_stand_for_columns_in_sorted_order_and_numbers_for_their_place() -> None:
    labels, probs = ["b", "a"] * 20, np.tile([[0.1, 0.9], [0.8, 0.2]], (20, 1))
    table = CleanLearning().find_label_issues(labels=labels, pred_probs=probs)
    assert not table["is_label_issue"].any()
    assert table["predicted_label"].tolist() == labels
    with pytest.raises(InputError, match="one column for each name"):
        CleanLearning().find_label_issues(labels=labels, pred_probs=np.full((40, 3), 1 / 3))
    wide = CleanLearning().find_label_issues(labels=[0, 1] * 20, pred_probs=np.full((40, 3), 1 / 3))
    assert wide["given_label"].tolist() == [0, 1] * 20


def test_it_works_in_a_pipeline_and_in_a_grid() -> None:
    features, labels, _ = noisy()
    pipeline = make_pipeline(StandardScaler(), CleanLearning(LogisticRegression(), seed=0))
    grid = GridSearchCV(pipeline, {"cleanlearning__clf__C": [0.1, 1.0]}, cv=3).fit(features, labels)
    assert grid.best_score_ > 0.8


def test_what_has_a_better_home_is_named() -> None:
    features, labels, _ = noisy()
    with pytest.raises(InputError, match=r"PUClassifier"):
        CleanLearning(pulearning=1).fit(features, labels)
    with pytest.raises(InputError, match="not contain return_indices_ranked_by"):
        CleanLearning(find_label_issues_kwargs={"return_indices_ranked_by": "self_confidence"}).fit(features, labels)


def test_what_was_found_can_be_forgotten() -> None:
    features, labels, _ = noisy()
    cleaner = CleanLearning(seed=0).fit(features, labels)
    cleaner.save_space()
    assert cleaner.get_label_issues() is None
    assert cleaner.noise_matrix is None
    assert cleaner.label_issues_mask is None
    assert cleaner.predict(features[:2]).shape == (2,)
    cleaner.find_label_issues(features, labels, save_space=True)
    assert cleaner.get_label_issues() is None


@pytest.mark.parametrize("method", ["__init__", "fit", "find_label_issues"])
def test_the_arguments_are_cleanlabs(method: str) -> None:
    ours, their = (set(inspect.signature(getattr(kind, method)).parameters) for kind in (CleanLearning, Theirs))
    assert ours == their


def test_ties_are_broken_by_content_and_not_by_the_order_of_the_rows() -> None:
    random = np.random.default_rng(0)
    X, y = random.integers(0, 9, (120, 2)).astype(float), random.integers(0, 3, 120)
    moved = random.permutation(120)
    cleaner = CleanLearning(DecisionTreeClassifier(max_depth=2, random_state=0))
    mask = cleaner.fit(X, y).label_issues_mask
    assert 0 < mask.sum() < 120
    assert np.array_equal(cleaner.fit(X[moved], y[moved]).label_issues_mask, mask[moved])


def test_a_table_that_is_handed_in_comes_back_whole() -> None:
    random = np.random.default_rng(0)
    X, y = random.normal(size=(90, 2)), np.array(["ant", "bee", "cat"])[random.integers(0, 3, 90)]
    table = CleanLearning(GaussianNB()).find_label_issues(X, y)
    again = CleanLearning(GaussianNB()).fit(X, y, label_issues=table).get_label_issues()
    pandas.testing.assert_frame_equal(again, table)
    table["predicted_label"] = "dog"
    with pytest.raises(InputError, match="predicted_label must be among the class names"):
        CleanLearning(GaussianNB()).fit(X, y, label_issues=table)


class Centroids:
    """Keeps cleanlab's contract and no more: fit, predict and predict_proba of labels 0 … k-1."""

    def fit(self, X: Any, y: Any) -> None:
        self.centres = np.stack([X[y == code].mean(axis=0) for code in range(max(y) + 1)])

    def predict_proba(self, X: Any) -> np.ndarray:
        raised = np.exp(-((X[:, None] - self.centres) ** 2).sum(axis=2))
        return raised / raised.sum(axis=1, keepdims=True)

    def predict(self, X: Any) -> np.ndarray:
        return self.predict_proba(X).argmax(axis=1)


class ClonableCentroids(Centroids, BaseEstimator):
    def fit(self, X: Any, y: Any) -> Any:
        super().fit(X, y)
        return self


@pytest.mark.parametrize("model", [Centroids(), ClonableCentroids()])
def test_a_model_needs_no_more_than_fit_predict_and_predict_proba(model: Any) -> None:
    features, labels, true = noisy()
    cleaner = CleanLearning(model, seed=0)
    assert cleaner.find_label_issues(features, labels)["is_label_issue"][:40].mean() > 0.9
    assert (cleaner.fit(features, labels).predict(features) == true).mean() > 0.95
    assert cleaner.score(features, true) > 0.95
    validated = cleaner.find_label_issues(features, labels, validation_func=lambda X, y: {})
    assert validated["is_label_issue"][:40].mean() > 0.9
    probs = cleaner.predict_proba(features)
    assert CleanLearning(model).fit(features, labels, pred_probs=probs).predict(features).shape == (400,)


def test_held_out_probabilities_of_a_model_without_classes_are_cleanlabs() -> None:
    features, labels, _ = noisy()
    ours, their = (
        library(features, labels, clf=ClonableCentroids(), cv_n_folds=5, seed=0)
        for library in (estimate_cv_predicted_probabilities, theirs.count.estimate_cv_predicted_probabilities)
    )
    np.testing.assert_allclose(ours, their)


def test_clf_is_the_fitted_model_and_the_one_that_was_passed_stays_as_it_was() -> None:
    features, labels, _ = noisy()
    model = LogisticRegression()
    cleaner = CleanLearning(model, seed=0).fit(features, labels)
    np.testing.assert_array_equal(cleaner.clf.predict(features), cleaner.predict(features))
    assert not hasattr(model, "coef_")
    assert cleaner.get_params()["clf"] is model
    assert cleaner.set_params(clf__C=3.0).get_params()["clf__C"] == model.C == 3.0


def test_a_model_that_was_fitted_beforehand_predicts_and_its_own_score_counts() -> None:
    features, labels, _ = noisy()

    class Proud(LogisticRegression):
        def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
            return 7.0

    fitted = CleanLearning(Proud().fit(features, labels))
    assert fitted.score(features, labels) == 7
    assert fitted.predict(features).shape == fitted.predict_proba(features).argmax(axis=1).shape
    with pytest.raises(NotFittedError):
        CleanLearning(Proud()).predict(features)


def test_a_class_of_copies_of_one_row_is_no_issue() -> None:
    random = np.random.default_rng(0)
    X = np.concatenate([random.normal(size=(200, 4)), np.tile([4.0, 4, 0, 0], (50, 1))])
    y = np.repeat([0, 1], [200, 50])
    cleaner = CleanLearning(LogisticRegression(), seed=0)
    assert not cleaner.find_label_issues(X, y)["is_label_issue"].any()
    assert cleaner.fit(X, y).predict(X[-1:]).tolist() == [1]
    one_row_each = np.repeat(np.eye(3), 100, axis=0)
    found = CleanLearning(LogisticRegression()).fit(one_row_each, np.repeat([0, 1, 2], 100))
    assert not found.label_issues_mask.any()


def test_copies_of_flagged_rows_are_flagged_as_long_as_the_fewest_rows_are_left() -> None:
    kinds = np.array([7, 7, 7, 8, 8, 9, 9, 9, 5], dtype=np.uint64)  # nine rows of one class, two kinds flagged once
    mask, quality = np.isin(np.arange(9), [0, 3]), np.array([0.1] * 3 + [0.2] * 2 + [0.9] * 4)
    found = LabelIssues(mask, np.zeros(9, dtype=int), quality)
    assert rows_alike(found, kinds, None, 4).tolist() == [True] * 5 + [False] * 4
    assert rows_alike(found, kinds, None, 5).tolist() == [True] * 3 + [False] * 6  # the worst first
    assert rows_alike(found, kinds, None, 7).tolist() == [False] * 3 + [True] * 2 + [False] * 4


def test_issues_that_are_handed_back_keep_the_joint_of_their_search() -> None:
    features, labels, _ = noisy()
    cleaner = CleanLearning(seed=0)
    found = cleaner.find_label_issues(features, labels)
    joint = cleaner.confident_joint
    cleaner.fit(features, labels, label_issues=found)
    np.testing.assert_array_equal(cleaner.confident_joint, joint)
    assert cleaner.py is not None
    other = cleaner.fit(features[:300], labels[:300], label_issues=found["is_label_issue"][:300])
    assert other.confident_joint is None


def test_the_default_model_takes_rows_of_several_axes() -> None:
    features, labels, true = noisy()
    cubes = np.stack([features, features], axis=1)
    cleaner = CleanLearning(seed=0).fit(cubes, labels)
    assert cleaner.score(cubes, true) > 0.95
    assert cleaner.predict_proba(cubes).shape == (400, 3)


def test_attributes_of_a_fitted_one_are_cleanlabs() -> None:
    features, labels, _ = noisy()
    ours, their = CleanLearning(GaussianNB(), seed=0), Theirs(GaussianNB(), seed=0)
    for name in ("ps", "num_classes", "sample_weight", "clf_kwargs", "clf_final_kwargs"):
        assert getattr(ours, name) is None
    for one in (ours, their):
        quietly(one.fit, features, labels, clf_final_kwargs={})
    np.testing.assert_allclose(ours.ps, np.ravel(their.ps))
    assert ours.num_classes == their.num_classes == 3
    assert ours.clf_kwargs == their.clf_kwargs == ours.clf_final_kwargs == {}
    assert len(ours.sample_weight) == 400


def test_labels_without_rows_are_an_error_that_names_what_is_missing() -> None:
    with pytest.raises(InputError, match="X or pred_probs must be passed"):
        CleanLearning().find_label_issues(labels=[0, 1])


def test_whole_numbers_that_came_as_objects_are_labels() -> None:
    features, labels, _ = noisy()
    as_objects = pandas.Series(labels, dtype=object)
    found = [CleanLearning(seed=0).find_label_issues(features, y) for y in (labels, as_objects)]
    pandas.testing.assert_frame_equal(*found)
