"""What holds for both classifiers: containers, weights, labels, metadata, folds, and clear words for bad input."""

from __future__ import annotations

import pickle
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp
import sklearn
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, StratifiedKFold, cross_val_score
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC

from dechaff.classifiers import ElkanNotoClassifier, PUClassifier
from dechaff.errors import InputError
from tests.estimators.pu.pu_data import two_clouds

BOTH = pytest.mark.parametrize("kind", [ElkanNotoClassifier, PUClassifier])
WORDS = ["good fine", "fine film", "bad film", "bad dull", "dull plot"]


@BOTH
def test_probabilities_sum_to_one_and_agree_with_the_verdict(kind: Any) -> None:
    X, y, s = two_clouds()
    model = kind().fit(X, s)
    probs = model.predict_proba(X)
    assert np.allclose(probs.sum(axis=1), 1)
    assert probs.min() >= 0
    assert np.array_equal(model.predict(X), model.classes_[(probs[:, 1] >= 0.5).astype(int)])
    assert (model.predict(X) == y).mean() > 0.9


@BOTH
@pytest.mark.parametrize(
    ("labelled", "unlabelled", "options"),
    [
        (1, -1, {}),
        (True, False, {}),
        (1.0, float("nan"), {}),
        ("yes", "no", {}),
        ("a", "b", {"positive": "a"}),
        ("spam", None, {}),
    ],
)
def test_names_of_the_classes_change_nothing_but_the_names(
    kind: Any, labelled: Any, unlabelled: Any, options: dict[str, Any]
) -> None:
    X, _, s = two_clouds(200)
    expected = kind().fit(X, s.astype(int))
    y = np.where(s, labelled, unlabelled) if unlabelled is not None else np.where(s, labelled, None).astype(object)
    model = kind(**options).fit(X, y)
    place = list(model.classes_).index(labelled)
    assert np.array_equal(model.predict_proba(X)[:, place], expected.predict_proba(X)[:, 1])
    assert np.array_equal(model.predict(X) == labelled, expected.predict(X) == 1)
    assert (model.positive_class_, model.c_) == (labelled, expected.c_)


@BOTH
def test_a_row_of_weight_three_is_three_rows_and_one_of_weight_zero_is_none(kind: Any) -> None:
    X, _, s = two_clouds(300)
    times = np.random.default_rng(1).integers(0, 4, len(X))
    order = np.random.default_rng(2).permutation(int(times.sum()))
    weighted = kind().fit(X, s, sample_weight=times)
    repeated = kind().fit(X.repeat(times, axis=0)[order], s.repeat(times)[order])
    assert weighted.c_ == pytest.approx(repeated.c_, rel=1e-6)
    assert np.allclose(weighted.predict_proba(X), repeated.predict_proba(X), atol=1e-5)
    assert np.array_equal(np.isnan(weighted.label_probs_), times == 0)


@BOTH
def test_the_order_of_the_rows_does_not_matter(kind: Any) -> None:
    X, _, s = two_clouds(300)
    order = np.random.default_rng(3).permutation(len(X))
    one, other = kind().fit(X, s), kind().fit(X[order], s[order])
    assert np.allclose(one.label_probs_[order], other.label_probs_, atol=1e-6)
    assert one.c_ == pytest.approx(other.c_, rel=1e-6)


@BOTH
def test_a_sparse_matrix_gives_what_its_dense_form_gives(kind: Any) -> None:
    X, _, s = two_clouds(200)
    X = X * (np.random.default_rng(0).random(X.shape) > 0.3)
    dense = kind(LogisticRegression()).fit(X, s)
    for form in (sp.csr_array, sp.csc_matrix, sp.coo_array):
        assert np.allclose(kind(LogisticRegression()).fit(form(X), s).label_probs_, dense.label_probs_, atol=1e-6)
    assert kind().fit(sp.csr_array(X), s).predict_proba(sp.csr_array(X)).shape == (200, 2)


@BOTH
@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_a_pipeline_finds_the_columns_of_a_frame_by_name(kind: Any, frame: Any) -> None:
    X, _, s = two_clouds(200)
    table = frame(
        {"n": X[:, 0], "kind": np.where(X[:, 1] > 1, "big", "small"), "text": [WORDS[i % 5] for i in range(200)]}
    )
    columns = ColumnTransformer(
        [("n", StandardScaler(), ["n"]), ("kind", OneHotEncoder(), ["kind"]), ("text", TfidfVectorizer(), "text")]
    )
    model = kind(make_pipeline(columns, LogisticRegression())).fit(table, s)
    assert model.predict_proba(table).shape == (200, 2)
    assert model.feature_names_in_.tolist() == ["n", "kind", "text"]
    assert model.n_features_in_ == 3


@BOTH
def test_names_of_an_earlier_fit_are_forgotten(kind: Any) -> None:
    X, _, s = two_clouds(100)
    model = kind().fit(pd.DataFrame(X, columns=["a", "b"]), s).fit(X, s)
    assert not hasattr(model, "feature_names_in_")


@BOTH
@pytest.mark.parametrize("container", [list, np.array, pd.Series, pl.Series])
def test_texts_are_learnt_from_in_any_container(kind: Any, container: Any) -> None:
    texts = [f"{WORDS[place % 5]} {place}" for place in range(100)]
    s = np.arange(100) % 5 == 0
    s[50:] = False
    model = kind(make_pipeline(TfidfVectorizer(), LogisticRegression())).fit(container(texts), s)
    assert model.predict_proba(container(["good fine", "dull plot"]))[0, 1] > 0.5
    assert not hasattr(model, "n_features_in_")


@BOTH
def test_missing_values_go_to_a_model_that_takes_them(kind: Any) -> None:
    X, _, s = two_clouds(200)
    X[::7, 1] = np.nan
    boosting = HistGradientBoostingClassifier(max_iter=5, min_samples_leaf=5)
    assert kind(boosting).fit(X, s).predict_proba(X).shape == (200, 2)
    with pytest.raises(InputError, match=r"X must have no missing values(?s:.*)NaN(?s:.*)SimpleImputer"):
        kind(LogisticRegression()).fit(X, s)
    with pytest.raises(InputError, match="LogisticRegression does not take them"):
        kind().fit(X, s)
    with pytest.raises(InputError, match=r"X must have no missing values(?s:.*)SimpleImputer"):
        kind().fit(np.nan_to_num(X), s).predict(X)


@BOTH
def test_columns_of_text_are_refused_by_a_model_of_numbers_with_what_to_put_before_it(kind: Any) -> None:
    X, _, s = two_clouds(200)
    colours = pd.DataFrame({"size": X[:, 0], "colour": np.where(X[:, 1] > 0, "red", "blue")})
    with pytest.raises(InputError, match=r"LogisticRegression does not take texts(?s:.*)OneHotEncoder"):
        kind().fit(colours, s)
    numbers = pd.DataFrame(X, columns=["size", "colour"])
    with pytest.raises(InputError, match=r"X must contain numbers(?s:.*)OneHotEncoder"):
        kind().fit(numbers, s).predict(colours)


@BOTH
def test_it_is_searched_scored_cloned_and_pickled_like_any_other(kind: Any) -> None:
    X, _, s = two_clouds(200)
    search = GridSearchCV(kind(LogisticRegression()), {"estimator__C": [0.1, 1.0]}, cv=3, scoring="roc_auc").fit(X, s)
    model = search.best_estimator_
    again = pickle.loads(pickle.dumps(model))
    assert np.array_equal(again.predict_proba(X), model.predict_proba(X))
    assert not hasattr(clone(model), "c_")
    assert cross_val_score(kind(), X, s, cv=3, scoring="neg_log_loss").shape == (3,)
    assert "estimator" in repr(model)
    assert model._repr_html_()


@BOTH
def test_the_model_that_was_handed_in_is_never_fitted_and_nothing_is_written_to(kind: Any) -> None:
    X, _, s = two_clouds(100)
    X.flags.writeable = s.flags.writeable = False
    base = GaussianNB()
    kind(base).fit(X, s, sample_weight=np.full(100, 2.0))
    assert not hasattr(base, "classes_")


@BOTH
def test_the_same_rows_give_the_same_model_and_the_seed_decides_the_folds(kind: Any) -> None:
    X, _, s = two_clouds(200)
    first, second = kind().fit(X, s), kind().fit(X, s)
    assert np.array_equal(first.label_probs_, second.label_probs_)
    assert not np.array_equal(first.label_probs_, kind(random_state=1).fit(X, s).label_probs_)


@BOTH
def test_the_seed_settles_a_model_that_leaves_its_own_open(kind: Any) -> None:
    X, _, s = two_clouds(100)
    forest = RandomForestClassifier(3)
    first, second = (kind(forest, random_state=5).fit(X, s) for _ in range(2))
    assert np.array_equal(first.predict_proba(X), second.predict_proba(X))
    assert forest.random_state is None
    settled = kind(RandomForestClassifier(3, random_state=1), random_state=5).fit(X, s).estimator_
    assert all(model.random_state == 1 for model in getattr(settled, "models", [settled]))


@BOTH
def test_copies_of_a_row_do_not_tell_on_each_other(kind: Any) -> None:
    """A nearest neighbour would find the copy of each labelled row, and c would be 1."""
    random = np.random.default_rng(0)
    X, s = random.normal(size=(100, 2)), random.random(100) < 0.5
    twice = kind(HistGradientBoostingClassifier(max_iter=5, min_samples_leaf=2)).fit(X.repeat(4, axis=0), s.repeat(4))
    assert twice.label_probs_.reshape(100, 4).std(axis=1).max() < 1e-12
    assert abs(np.corrcoef(twice.label_probs_, s.repeat(4))[0, 1]) < 0.3


@BOTH
@pytest.mark.parametrize("cv", [KFold(3, shuffle=True, random_state=0), StratifiedKFold(3), 3])
def test_folds_may_be_a_number_a_splitter_or_pairs(kind: Any, cv: Any) -> None:
    X, _, s = two_clouds(100)
    model = kind(cv=cv).fit(X, s)
    assert not np.isnan(model.label_probs_).any()
    if not isinstance(cv, int):
        pairs = kind(cv=list(cv.split(X, s))).fit(X, s)
        assert np.array_equal(pairs.label_probs_, model.label_probs_)


@BOTH
@pytest.mark.parametrize("routing", [True, False])
@pytest.mark.parametrize("cv", [3, GroupKFold(3)])
def test_groups_reach_the_folds_with_and_without_routing(kind: Any, routing: bool, cv: Any) -> None:
    X, _, s = two_clouds(120)
    groups = np.arange(120) // 6
    noise = np.random.default_rng(0).normal(size=20)[groups]
    with sklearn.config_context(enable_metadata_routing=routing):
        _Spy.seen.clear()
        kind(_Spy(), cv=cv).fit(np.column_stack([X, groups, noise]), s, groups=groups)
    # Once more where models are averaged, for the weights of the second round.
    assert len(_Spy.seen) == (6 if kind is PUClassifier else 3)
    for learnt, asked in _Spy.seen:
        assert not set(learnt) & set(asked)


class _Spy(ClassifierMixin, BaseEstimator):
    """Writes down which groups it learns from and is asked about."""

    seen: ClassVar[list[Any]] = []

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        self.groups_, self.share_, self.classes_ = X[:, 2], np.average(y, weights=sample_weight), np.unique(y)
        return self

    def predict_proba(self, X: Any) -> Any:
        type(self).seen.append((self.groups_.tolist(), X[:, 2].tolist()))
        return np.tile([1 - self.share_, self.share_], (len(X), 1))


@BOTH
def test_weights_reach_the_model_where_routing_is_on_and_it_asks_for_them(kind: Any) -> None:
    X, _, s = two_clouds(150)
    weights = np.random.default_rng(0).integers(1, 4, 150)
    expected = kind(LogisticRegression()).fit(X, s, sample_weight=weights)
    with sklearn.config_context(enable_metadata_routing=True):
        asks = kind(LogisticRegression().set_fit_request(sample_weight=True)).fit(X, s, sample_weight=weights)
        model = LogisticRegression().set_fit_request(sample_weight=False)
        declines = kind(model, cv=KFold(3)).fit(X, s, sample_weight=weights)
        with pytest.raises(sklearn.exceptions.UnsetMetadataPassedError, match="sample_weight"):
            kind(LogisticRegression()).fit(X, s, sample_weight=weights)
        asking = kind(LogisticRegression().set_fit_request(sample_weight=True)).set_fit_request(sample_weight=True)
        search = GridSearchCV(asking.set_score_request(sample_weight=False), {}, cv=2)
        found = search.fit(X, s, sample_weight=weights).best_estimator_
    assert np.array_equal(found.label_probs_, expected.label_probs_)
    assert np.array_equal(asks.label_probs_, expected.label_probs_)
    plain = kind(LogisticRegression(), cv=KFold(3)).fit(X, s)
    assert np.array_equal(declines.label_probs_, plain.label_probs_)
    assert declines.c_ != plain.c_


@BOTH
def test_weights_may_be_routed_by_another_name_or_to_the_usual_model(kind: Any) -> None:
    X, _, s = two_clouds(150)
    weights = np.random.default_rng(0).integers(0, 4, 150)
    with sklearn.config_context(enable_metadata_routing=True):
        renamed = kind(LogisticRegression().set_fit_request(sample_weight="size")).fit(X, s, size=weights)
        usual = kind().fit(X, s, sample_weight=weights)
    expected = kind(LogisticRegression()).fit(X, s, sample_weight=weights)
    assert np.array_equal(renamed.label_probs_, expected.label_probs_, equal_nan=True)
    assert np.array_equal(usual.label_probs_, kind().fit(X, s, sample_weight=weights).label_probs_, equal_nan=True)


@BOTH
def test_other_arguments_of_fit_reach_the_model_row_by_row(kind: Any) -> None:
    class Taught(GaussianNB):
        def fit(self, X: Any, y: Any, sample_weight: Any = None, firsts: Any = None, name: str = "") -> Any:
            assert np.array_equal(firsts, X[:, 0])
            assert name == "a name"
            return super().fit(X, y, sample_weight)

    X, _, s = two_clouds(100)
    weights = np.arange(100) % 3
    kind(Taught()).fit(X, s, firsts=X[:, 0], name="a name")
    kind(Taught()).fit(X, s, sample_weight=weights, firsts=X[:, 0], name="a name")


@BOTH
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"estimator": LinearSVC()}, "CalibratedClassifierCV"),
        ({"estimator": GaussianNB}, "an instance"),
        ({"estimator": "logistic"}, "an instance"),
        ({"scheme": "both"}, "scheme must be"),
        ({"cv": 1}, "at least 2 folds"),
        ({"cv": "five"}, "a number of folds, a splitter"),
        ({"cv": 60}, "at least as many as cv=60"),
        ({"cv": KFold(2)}, "a fold that leaves unlabelled rows only"),
        ({"positive": 7}, "positive class, 7"),
    ],
)
def test_options_that_cannot_be_used_are_named(kind: Any, options: dict[str, Any], message: str) -> None:
    X, _, s = two_clouds(100)
    order = np.argsort(s)
    with pytest.raises(InputError, match=message):
        kind(**options).fit(X[order], s[order].astype(int))


@BOTH
@pytest.mark.parametrize(
    ("X", "y", "weights", "message"),
    [
        (np.zeros((4, 2)), [0, 0, 0, 0], None, "one class"),
        (np.zeros((4, 2)), [0, 1, 2, 1], None, "two values"),
        (np.zeros((4, 0)), [0, 1, 0, 1], None, "0 feature"),
        (np.zeros((4, 2)), [0, 1, 0], None, "4 rows in X, 3 in y"),
        (np.zeros((4, 2)), [0, 1, 0, 1], None, "distinct rows .or groups. must be at least 2"),
        (np.eye(4), [0, 0, 0, 1], None, "1 labelled and 3 unlabelled"),
        (np.eye(4), [0, 1, 0, 1], [1, 1, 1], "a 1d array of 4 numbers"),
        (np.eye(4), [0, 1, 0, 1], [1, 1, 1, -1], "-1.0 in row 3"),
        (np.eye(4), [0, 1, 0, 1], [1, np.nan, 1, 1], "nan in row 1"),
        (np.eye(4), [0, 1, 0, 1], [0, 0, 0, 0], "every weight is zero"),
        (np.eye(4), [0, 1, 0, 1], [1, 0, 1, 0], "one class: unlabelled rows only"),
    ],
)
def test_rows_that_cannot_be_used_are_named(kind: Any, X: Any, y: Any, weights: Any, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        kind().fit(X, y, sample_weight=weights)
    assert isinstance(caught.value, ValueError)


@BOTH
def test_nothing_is_predicted_before_fit(kind: Any) -> None:
    for ask in (kind().predict, kind().predict_proba, lambda _: kind().estimates()):
        with pytest.raises(NotFittedError):
            ask(np.zeros((1, 2)))


@BOTH
def test_case_control_rows_have_another_prior_and_the_same_c(kind: Any) -> None:
    X, _, s = two_clouds()
    one, two = kind().fit(X, s), kind(scheme="case-control").fit(X, s)
    assert one.c_ == two.c_
    n_labelled = s.sum()
    assert one.class_prior_ == pytest.approx(n_labelled / len(s) / one.c_)
    assert two.class_prior_ == pytest.approx(n_labelled * (1 - two.c_) / two.c_ / (len(s) - n_labelled))


@BOTH
def test_estimates_say_which_one_is_used_and_are_drawn_by_the_seed(kind: Any) -> None:
    X, _, s = two_clouds(300)
    model = kind().fit(X, s)
    table = model.estimates(n_bootstraps=10)
    (used,) = [row for row in table if row.used]
    assert used.name == ("e1" if kind is ElkanNotoClassifier else "consensus")
    assert used.c == pytest.approx(model.c_, rel=1e-3)
    assert used.class_prior == pytest.approx(model.class_prior_, rel=1e-3)
    assert table == model.estimates(n_bootstraps=10)


def test_a_model_without_weights_serves_elkan_and_noto_only() -> None:
    X, _, s = two_clouds(100)
    assert ElkanNotoClassifier(KNeighborsClassifier(20)).fit(X, s).c_ > 0
    with pytest.raises(InputError, match="found KNeighborsClassifier, which does not"):
        PUClassifier(KNeighborsClassifier(20)).fit(X, s)
    with pytest.raises(InputError, match="take sample_weight"):
        ElkanNotoClassifier(KNeighborsClassifier(20)).fit(X, s, sample_weight=np.arange(100) + 1)


def test_a_calibrated_model_serves_where_there_are_no_probabilities() -> None:
    X, y, s = two_clouds(200)
    model = PUClassifier(CalibratedClassifierCV(LinearSVC(), cv=3)).fit(X, s)
    assert (model.predict(X) == y).mean() > 0.85


def test_good_rows_are_said_to_be_good() -> None:
    drawn = two_clouds(3000, apart=4.0)
    found = PUClassifier().fit(drawn.X, drawn.s).diagnose(drawn.X)
    assert found.wrong == ()
    assert all(one.checked for one in found)
    assert "Wrong" not in repr(found)


def test_without_the_rows_two_are_not_checked() -> None:
    drawn = two_clouds(400)
    found = ElkanNotoClassifier().fit(drawn.X, drawn.s).diagnose()
    assert [one.name for one in found if not one.checked] == ["model misses structure", "selection not at random"]
    assert "Not checked" in repr(found)
    assert all(one.do == "Pass the training rows: diagnose(X)." for one in found if not one.checked)


@pytest.mark.slow
def test_a_linear_model_of_interleaved_classes_is_told_to_bend() -> None:
    """Half of the negatives lie among the positives for every line, though not for trees; all else looks good."""
    random = np.random.default_rng(0)
    X = random.uniform(-1, 1, size=(3000, 2))
    y, far = X[:, 0] * X[:, 1] > 0, random.random(3000) < 0.5
    X = np.column_stack([X, random.normal(size=3000) - 6 * (far & ~y)])
    s = y & (random.random(3000) < 0.5)
    model = PUClassifier(LogisticRegression()).fit(X, s)
    found = model.diagnose(X)
    assert model.c_ < 0.4
    assert not found["prior not identifiable"].wrong
    assert found["model misses structure"].wrong
    trees = HistGradientBoostingClassifier(max_iter=60, random_state=0)
    assert not PUClassifier(trees).fit(X, s).diagnose(X)["model misses structure"].wrong


def test_balanced_classes_are_noticed() -> None:
    drawn = two_clouds(400)
    model = ElkanNotoClassifier(LogisticRegression(class_weight="balanced")).fit(drawn.X, drawn.s)
    assert "class_weight='balanced'" in model.diagnose()["model uncalibrated"].message


def test_labels_that_follow_a_column_of_a_frame_are_caught_by_its_name() -> None:
    random = np.random.default_rng(0)
    y = random.random(2000) < 0.5
    frame = pl.DataFrame({"size": random.normal(size=2000) + 6 * y, "price": random.normal(size=2000)})
    s = y & (random.random(2000) < 1 / (1 + np.exp(-2 * frame["price"].to_numpy())))
    found = PUClassifier().fit(frame, s).diagnose(frame)["selection not at random"]
    assert found.wrong
    assert '"price"' in found.message


def test_wrong_labels_are_counted() -> None:
    drawn = two_clouds(2000, apart=5.0)
    s = drawn.s.copy()
    s[np.flatnonzero(~drawn.y)[:40]] = True
    found = PUClassifier().fit(drawn.X, s).diagnose()["errors among positives"]
    assert found.wrong
    assert found.figure == pytest.approx(40 / s.sum(), abs=0.03)


@pytest.mark.slow
def test_texts_are_diagnosed_without_columns_and_sparse_rows_without_a_reference() -> None:
    texts = [f"{'good' if place % 2 else 'bad'} {place % 7}" for place in range(300)]
    s = np.array([place % 4 == 1 for place in range(300)])
    model = make_pipeline(CountVectorizer(), MultinomialNB())
    found = PUClassifier(model, cv=3).fit(texts, s).diagnose(texts)
    assert not found["selection not at random"].checked
    drawn = two_clouds(300)
    sparse = csr_matrix(np.abs(drawn.X))
    found = PUClassifier().fit(sparse, drawn.s).diagnose(sparse)
    assert found["selection not at random"].checked
    assert not found["model misses structure"].checked


@pytest.mark.slow
def test_rows_of_weight_0_are_not_there() -> None:
    drawn = two_clouds(500)
    weights = np.where(np.arange(500) % 5 == 0, 0.0, 1.0)
    kept = weights > 0
    weighted = PUClassifier().fit(drawn.X, drawn.s, weights).diagnose(drawn.X, sample_weight=weights)
    fewer = PUClassifier().fit(drawn.X[kept], drawn.s[kept]).diagnose(drawn.X[kept])
    for one, other in zip(weighted, fewer, strict=True):
        assert one.figure == pytest.approx(other.figure), one.name


def test_a_diagnosis_is_had_by_name_or_place() -> None:
    drawn = two_clouds(300)
    found = PUClassifier().fit(drawn.X, drawn.s).diagnose()
    assert found[0] is found["few positives"]
    assert len(found) == 10
    with pytest.raises(KeyError, match="none of the diagnoses"):
        found["weather"]


def test_the_rows_must_be_those_of_fit() -> None:
    drawn = two_clouds(300)
    model = PUClassifier().fit(drawn.X, drawn.s)
    with pytest.raises(InputError, match="one row for each example"):
        model.diagnose(drawn.X[:5])
