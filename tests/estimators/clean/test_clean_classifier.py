"""Classifiers that doubt their labels: containers, labels, weights, metadata, folds, leaks, and clear words."""

from __future__ import annotations

import pickle
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp
import sklearn
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import BaggingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from dechaff.errors import InputError
from dechaff.estimators.clean.clean_classifier import CleanClassifier, ReweightingClassifier
from tests.estimators.clean.noisy_clouds import noisy_clouds

BOTH = pytest.mark.parametrize("kind", [CleanClassifier, ReweightingClassifier])


@BOTH
def test_a_tree_that_follows_the_noise_gets_better(kind: Any) -> None:
    X, true, y = noisy_clouds(600)
    test, test_true, _ = noisy_clouds(600, seed=1)
    tree = DecisionTreeClassifier(min_samples_leaf=3, random_state=0)
    model = kind(tree).fit(X, y)
    assert (model.predict(test) == test_true).mean() > (tree.fit(X, y).predict(test) == test_true).mean() + 0.05
    wrong = true != y
    assert model.found_.score[wrong].mean() > model.found_.score[~wrong].mean() + 0.4
    assert max(model.found_.gains.values()) > 0


@BOTH
def test_what_does_not_help_is_not_done(kind: Any) -> None:
    """Labels of random points cannot be agreed with more by leaving any of them out, but by chance."""
    X, _, _ = noisy_clouds(200)
    y = np.random.default_rng(0).integers(0, 2, 200)
    model = kind(GaussianNB()).fit(X, y)
    assert model.found_.treatment == "none" or max(model.found_.gains.values()) > 0
    if model.found_.treatment == "none":
        assert np.array_equal(model.predict(X), GaussianNB().fit(X, y).predict(X))


@BOTH
@pytest.mark.parametrize("names", [("a", "b", "c"), (10, 20, 30), (-1.0, 0.0, 2.0)])
def test_names_of_the_classes_change_nothing_but_the_names(kind: Any, names: Any) -> None:
    X, _, y = noisy_clouds()
    expected, model = kind(GaussianNB()).fit(X, y), kind(GaussianNB()).fit(X, np.array(names)[y])
    assert model.classes_.tolist() == list(names)
    assert np.array_equal(model.predict(X), np.array(names)[expected.predict(X)])
    assert np.allclose(model.predict_proba(X), expected.predict_proba(X))
    assert np.array_equal(model.found_.suggested, np.array(names)[expected.found_.suggested])


@pytest.mark.parametrize("container", [list, pd.Series, pl.Series, np.array])
def test_labels_come_in_any_container(container: Any) -> None:
    X, _, y = noisy_clouds(150)
    names = [f"class {code}" for code in y]
    model = CleanClassifier(GaussianNB()).fit(X, container(names))
    assert set(model.predict(X)) == set(names)


def test_the_model_sees_the_names_of_the_classes() -> None:
    X, _, y = noisy_clouds(150)
    names = np.array(["a", "b", "c"])[y]
    model = LogisticRegression(class_weight={"a": 2.0, "b": 1.0, "c": 1.0})
    assert CleanClassifier(model).fit(X, names).predict(X).dtype.kind == "U"


@BOTH
def test_a_row_of_weight_three_is_three_rows_and_one_of_weight_zero_is_none(kind: Any) -> None:
    X, _, y = noisy_clouds()
    times = np.random.default_rng(1).integers(0, 4, len(X))
    order = np.random.default_rng(2).permutation(int(times.sum()))
    weighted = kind(GaussianNB()).fit(X, y, sample_weight=times)
    repeated = kind(GaussianNB()).fit(X.repeat(times, axis=0)[order], y.repeat(times)[order])
    assert np.allclose(weighted.predict_proba(X), repeated.predict_proba(X), atol=1e-6)
    assert np.array_equal(np.isnan(weighted.found_.score), times == 0)
    assert weighted.found_.treatment == repeated.found_.treatment


@BOTH
def test_the_order_of_the_rows_does_not_matter(kind: Any) -> None:
    X, _, y = noisy_clouds()
    order = np.random.default_rng(3).permutation(len(X))
    one, other = kind(GaussianNB()).fit(X, y), kind(GaussianNB()).fit(X[order], y[order])
    assert np.allclose(one.found_.score[order], other.found_.score, atol=1e-9)
    assert np.allclose(one.predict_proba(X), other.predict_proba(X))


@BOTH
@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_a_pipeline_finds_the_columns_of_a_frame_by_name(kind: Any, frame: Any) -> None:
    X, _, y = noisy_clouds(200)
    table = frame({"n": X[:, 0], "m": X[:, 1], "kind": np.where(X[:, 2] > 1, "big", "small")})
    columns = ColumnTransformer([("n", StandardScaler(), ["n", "m"]), ("kind", OneHotEncoder(), ["kind"])])
    model = kind(make_pipeline(columns, LogisticRegression())).fit(table, y)
    assert model.feature_names_in_.tolist() == ["n", "m", "kind"]
    assert model.predict_proba(table).shape == (200, 3)


def test_a_sparse_matrix_gives_what_its_dense_form_gives() -> None:
    X, _, y = noisy_clouds(200)
    X = X * (np.random.default_rng(0).random(X.shape) > 0.3)
    dense = CleanClassifier(LogisticRegression()).fit(X, y)
    sparse = CleanClassifier(LogisticRegression()).fit(sp.csr_array(X), y)
    assert np.allclose(dense.found_.score, sparse.found_.score, atol=1e-4)


def test_only_what_the_model_has_can_be_asked() -> None:
    assert hasattr(CleanClassifier(GaussianNB()), "predict_proba")
    assert not hasattr(CleanClassifier(GaussianNB()), "decision_function")
    assert hasattr(CleanClassifier(RidgeClassifier()), "decision_function")
    assert not hasattr(CleanClassifier(RidgeClassifier()), "predict_proba")
    X, true, y = noisy_clouds()
    model = CleanClassifier(RidgeClassifier()).fit(X, y)
    assert model.decision_function(X).shape == (300, 3)
    assert model.found_.score[true != y].mean() > 0.5


def test_a_model_without_weights_is_corrected_and_never_reweighted() -> None:
    X, _, y = noisy_clouds()
    found = CleanClassifier(KNeighborsClassifier(3)).fit(X, y).found_
    assert list(found.gains) == ["correct"]
    with pytest.raises(InputError, match="sample_weight"):
        ReweightingClassifier(KNeighborsClassifier(3)).fit(X, y)


def test_treated_rows_are_counted() -> None:
    X, _, y = noisy_clouds()
    found = CleanClassifier(GaussianNB(), check=False).fit(X, y).found_
    changed = found.learnt_as != y
    assert found.n_relabelled == changed.sum() > 0
    assert (found.learnt_as[changed] == found.suggested[changed]).all()
    assert found.n_left_out == (found.learnt_weight == 0).sum()
    assert found.n_downweighted == 0
    found = ReweightingClassifier(GaussianNB(), check=False).fit(X, y).found_
    assert (found.n_left_out, found.n_relabelled) == (0, 0)
    assert found.n_downweighted == (found.flag & (found.learnt_weight < 0.5)).sum() > 0


def test_rare_classes_stay_whole_even_where_no_fold_has_learnt_them() -> None:
    X, _, y = noisy_clouds()
    y = y.astype(object)
    y[:] = np.array(["a", "b", "c"])[y.astype(int)]
    y[:1] = "alone"
    y[1:4] = "few"
    model = CleanClassifier(GaussianNB(), check=False).fit(X, y)
    assert model.classes_.tolist() == ["a", "alone", "b", "c", "few"]
    assert (model.found_.learnt_weight[:4] == 1).all()
    assert (model.found_.learnt_as[:4] == y[:4]).all()


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA])
def test_a_missing_label_is_named_by_its_row(missing: Any) -> None:
    X, _, y = noisy_clouds(50)
    names = y.astype(object)
    names[7] = missing
    with pytest.raises(InputError, match=r"y must name a class for every row(?s:.*)row 7"):
        CleanClassifier().fit(X, names)


def test_what_cannot_be_used_is_said() -> None:
    X, _, y = noisy_clouds(50)
    with pytest.raises(InputError, match="at least 3 folds"):
        CleanClassifier(cv=2).fit(X, y)
    with pytest.raises(InputError, match="cv must be a number of folds"):
        CleanClassifier(cv="five").fit(X, y)
    with pytest.raises(InputError, match="an instance"):
        CleanClassifier(GaussianNB).fit(X, y)
    with pytest.raises(InputError, match="predict_proba or decision_function"):
        CleanClassifier(_Mute()).fit(X, y)
    with pytest.raises(InputError, match=r"y must name classes(?s:.*)continuous"):
        CleanClassifier().fit(X, X[:, 0])
    with pytest.raises(InputError, match="y must name classes; found inf in row 0"):
        CleanClassifier().fit(X, np.full(50, np.inf))


def test_a_model_that_says_too_little_can_be_wrapped_as_the_error_says() -> None:
    X, true, y = noisy_clouds(60)
    vote = VotingClassifier([("one", GaussianNB())])
    with pytest.raises(InputError, match=r"neither before it is fitted(?s:.*)BaggingClassifier\(estimator\)"):
        CleanClassifier(vote).fit(X, y)
    model = CleanClassifier(BaggingClassifier(vote, n_estimators=3, random_state=0), check=False).fit(X, y)
    assert (model.predict(X) == true).mean() > 0.8


class _Mute(ClassifierMixin, BaseEstimator):
    def fit(self, X: Any, y: Any) -> Any:
        return self


def test_cleaned_rows_come_back_as_they_were_handed_in() -> None:
    X, true, y = noisy_clouds(600)
    table = pd.DataFrame(X, columns=["a", "b", "c"], index=[f"row {place}" for place in range(600)])
    labels = pd.Series(np.array(["x", "y", "z"])[y], index=table.index, name="kind")
    kept, cleaned, weights = CleanClassifier(DecisionTreeClassifier(min_samples_leaf=5), check=False).clean(
        table, labels
    )
    assert isinstance(kept, pd.DataFrame)
    assert kept.index.equals(cleaned.index)
    assert kept.equals(table.loc[kept.index])
    assert (weights == 1).all()
    right = pd.Series(np.array(["x", "y", "z"])[true], index=table.index)
    assert (cleaned == right[cleaned.index]).mean() > (labels == right).mean() + 0.05
    assert labels.tolist() == np.array(["x", "y", "z"])[y].tolist()


def test_weights_of_cleaned_rows_come_back_with_them() -> None:
    X, _, y = noisy_clouds()
    own = np.random.default_rng(0).integers(1, 3, 300).astype(float)
    kept, cleaned, weights = ReweightingClassifier(GaussianNB(), check=False).clean(X.tolist(), y.tolist(), own)
    assert (len(kept), isinstance(kept, list), cleaned) == (300, True, y.tolist())
    model = ReweightingClassifier(GaussianNB(), check=False).fit(X, y, own)
    assert np.allclose(weights, own * model.found_.learnt_weight)


@pytest.mark.parametrize("routing", [True, False])
@pytest.mark.parametrize("cv", [3, GroupKFold(3)])
def test_groups_reach_the_folds_with_and_without_routing(routing: bool, cv: Any) -> None:
    X, _, y = noisy_clouds(120)
    groups = np.arange(120) // 6
    with sklearn.config_context(enable_metadata_routing=routing):
        _Spy.seen.clear()
        CleanClassifier(_Spy(), cv=cv).fit(np.column_stack([X, groups]), y, groups=groups)
    assert len(_Spy.seen) >= 3
    for learnt, asked in _Spy.seen:
        assert not learnt & asked


def test_duplicates_of_a_row_do_not_leak_across_folds() -> None:
    X, _, y = noisy_clouds(60)
    _Spy.seen.clear()
    CleanClassifier(_Spy()).fit(np.column_stack([X, np.arange(60)]).repeat(3, axis=0), y.repeat(3))
    for learnt, asked in _Spy.seen:
        assert not learnt & asked


def test_a_search_never_sees_nor_cleans_rows_it_is_scored_on() -> None:
    """What is fitted, judged and cleaned inside each split are its training rows; scores are of all other rows."""
    X, _, y = noisy_clouds(150)
    X = np.column_stack([X, np.arange(150)])
    _Spy.seen.clear()
    search = GridSearchCV(make_pipeline(CleanClassifier(_Spy(), cv=3)), {"cleanclassifier__check": [True, False]}, cv=3)
    search.fit(X, y)
    for learnt, asked in _Spy.seen:
        assert not learnt & asked or learnt == asked
    sizes = [len(asked) for _, asked in _Spy.seen]
    assert sizes.count(50) >= 6  # each validation part whole, for each candidate: nothing of it was dropped


class _Spy(ClassifierMixin, BaseEstimator):
    """Writes down by their last column which rows it learns from and is asked about."""

    seen: ClassVar[list[tuple[set[float], set[float]]]] = []

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        self.rows_, self.model_ = set(X[:, -1]), GaussianNB().fit(X[:, :3], y, sample_weight)
        self.classes_ = self.model_.classes_
        return self

    def predict_proba(self, X: Any) -> Any:
        type(self).seen.append((self.rows_, set(X[:, -1])))
        return self.model_.predict_proba(X[:, :3])

    def predict(self, X: Any) -> Any:
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


@BOTH
def test_it_travels_and_repeats_and_leaves_what_it_is_given_alone(kind: Any) -> None:
    X, _, y = noisy_clouds(150)
    X.flags.writeable = y.flags.writeable = False
    base = GaussianNB()
    one, two = kind(base, random_state=3).fit(X, y), kind(base, random_state=3, n_jobs=2).fit(X, y)
    assert np.array_equal(one.predict_proba(X), two.predict_proba(X))
    again = pickle.loads(pickle.dumps(one))
    assert np.array_equal(again.found_.score, one.found_.score)
    assert not hasattr(base, "classes_")


def test_one_class_is_left_to_the_model() -> None:
    from sklearn.dummy import DummyClassifier

    X = np.arange(10.0)[:, None]
    model = CleanClassifier(DummyClassifier()).fit(X, ["a"] * 10)
    assert model.predict(X).tolist() == ["a"] * 10
    assert model.found_.kind == "none found"
