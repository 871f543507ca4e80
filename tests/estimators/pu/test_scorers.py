from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn import config_context
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.model_selection import GridSearchCV, cross_val_score, cross_validate

from dechaff import PUClassifier
from dechaff.errors import InputError
from dechaff.estimators.pu.scorers import metric_of_names, pu_scorer
from dechaff.metrics import lee_liu, pu_accuracy, pu_auc, pu_f1, pu_log_loss, pu_precision, pu_recall
from tests.estimators.pu.pu_data import Drawn, two_clouds

EACH = {
    "lee_liu": pu_scorer(lee_liu),
    "recall": pu_scorer(pu_recall),
    "precision": pu_scorer(pu_precision, c=0.4),
    "f1": pu_scorer(pu_f1, c=0.4),
    "accuracy": pu_scorer(pu_accuracy, c=0.4),
    "auc": pu_scorer(pu_auc, c=0.4),
    "log_loss": pu_scorer(pu_log_loss, c=0.4),
}


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    return two_clouds(1200, c=0.4, apart=2.0)


def test_all_go_into_cross_validation_at_once(drawn: Drawn) -> None:
    found = cross_validate(PUClassifier(LogisticRegression()), drawn.X, drawn.s, scoring=EACH, cv=2)
    for name in EACH:
        assert np.isfinite(found[f"test_{name}"]).all()
    assert (found["test_log_loss"] < 0).all()


def test_they_estimate_what_the_truth_would_say(drawn: Drawn) -> None:
    half = np.arange(1200) % 2 == 0
    model = PUClassifier(LogisticRegression()).fit(drawn.X[half], drawn.s[half])
    X, s, y = drawn.X[~half], drawn.s[~half], drawn.y[~half]
    assert EACH["f1"](model, X, s) == pytest.approx(f1_score(y, model.predict(X)), abs=0.06)
    assert EACH["auc"](model, X, s) == pytest.approx(roc_auc_score(y, model.predict_proba(X)[:, 1]), abs=0.04)


def test_a_search_picks_the_model_that_is_best_in_truth(drawn: Drawn) -> None:
    grid = {"estimator__C": [1e-6, 1.0]}
    for name in ("lee_liu", "f1", "log_loss"):
        search = GridSearchCV(PUClassifier(LogisticRegression()), grid, scoring=EACH[name], cv=2)
        assert search.fit(drawn.X, drawn.s).best_params_ == {"estimator__C": 1.0}, name


def test_names_mean_the_same_as_numbers(drawn: Drawn) -> None:
    """A positive class whose name is the lesser one is the first column of the probabilities."""
    names = np.where(drawn.s, "gold", "unknown")
    by_number = cross_val_score(PUClassifier(LogisticRegression()), drawn.X, drawn.s, scoring=EACH["auc"], cv=2)
    model = PUClassifier(LogisticRegression(), positive="gold")
    for metric, usual in ((pu_auc, by_number), (pu_f1, None)):
        found = cross_val_score(model, drawn.X, names, scoring=pu_scorer(metric, c=0.4, positive="gold"), cv=2)
        if usual is None:
            usual = cross_val_score(PUClassifier(LogisticRegression()), drawn.X, drawn.s, scoring=EACH["f1"], cv=2)
        assert found == pytest.approx(usual)


def test_a_model_of_the_labels_with_a_decision_function_can_be_ranked(drawn: Drawn) -> None:
    model = LogisticRegression().fit(drawn.X, drawn.s)
    assert EACH["auc"](model, drawn.X, drawn.s) == pytest.approx(pu_auc(drawn.s, model.decision_function(drawn.X), 0.4))


def test_weights_are_counted_and_routed(drawn: Drawn) -> None:
    model = PUClassifier(LogisticRegression()).fit(drawn.X, drawn.s)
    weights = np.random.default_rng(0).integers(0, 3, 1200).astype(float)
    expected = pu_f1(drawn.s, model.predict(drawn.X), 0.4, weights=weights)
    assert EACH["f1"](model, drawn.X, drawn.s, sample_weight=weights) == pytest.approx(expected)
    with config_context(enable_metadata_routing=True):
        scorer = pu_scorer(pu_f1, c=0.4).set_score_request(sample_weight=True)
        routed = PUClassifier(LogisticRegression().set_fit_request(sample_weight=True))
        routed = routed.set_fit_request(sample_weight=True)
        found = cross_validate(
            routed, drawn.X, drawn.s, scoring=scorer, cv=2, params={"sample_weight": np.ones(1200)}, error_score="raise"
        )
    plain = cross_val_score(PUClassifier(LogisticRegression()), drawn.X, drawn.s, scoring=EACH["f1"], cv=2)
    assert found["test_score"] == pytest.approx(plain)


def test_a_scorer_travels_by_pickle(drawn: Drawn) -> None:
    model = PUClassifier(LogisticRegression()).fit(drawn.X, drawn.s)
    again = pickle.loads(pickle.dumps(EACH["f1"]))
    assert again(model, drawn.X, drawn.s) == EACH["f1"](model, drawn.X, drawn.s)


def test_the_case_control_scheme_is_handed_on(drawn: Drawn) -> None:
    model = PUClassifier(LogisticRegression()).fit(drawn.X, drawn.s)
    found = pu_scorer(pu_f1, c=0.4, scheme="case-control")(model, drawn.X, drawn.s)
    assert found == pytest.approx(pu_f1(drawn.s, model.predict(drawn.X), 0.4, scheme="case-control"))


def test_missing_labels_are_unlabelled() -> None:
    y_true, y_pred = ["yes", None, "yes"], np.array(["yes", "yes", "not yes"])
    assert metric_of_names(y_true, y_pred, metric=pu_recall, options={}) == 0.5


def test_c_is_asked_for_exactly_where_it_is_needed() -> None:
    with pytest.raises(InputError, match="c for pu_f1 must be given"):
        pu_scorer(pu_f1)
    with pytest.raises(InputError, match="c for lee_liu must be omitted"):
        pu_scorer(lee_liu, c=0.4)
    with pytest.raises(InputError, match="metric must be a metric of labelled and unlabelled rows; found f1_score"):
        pu_scorer(f1_score)
