"""Curricula on scikit-learn's models: what comes first, which models train by steps, and clear words for the others."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import polars as pl
import pytest
import scipy.sparse as sp
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
)
from sklearn.linear_model import LogisticRegression, Perceptron, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder, StandardScaler

from dechaff.errors import InputError
from dechaff.estimators.curriculum import hardness
from dechaff.estimators.curriculum.curriculum_classifier import PLAIN, CurriculumClassifier
from dechaff.methods.curriculum.curriculum import Budget, Curriculum
from dechaff.methods.curriculum.orders import hard_first
from dechaff.methods.curriculum.pacing.fixed_steps import FixedSteps
from dechaff.methods.curriculum.pacing.polynomial import ROOT
from dechaff.methods.curriculum.self_paced import soft_weights
from tests.estimators.clean.noisy_clouds import noisy_clouds

X, TRUE, Y = noisy_clouds(300)
SGD = SGDClassifier(loss="log_loss", learning_rate="constant", eta0=0.01, random_state=0)
MLP = MLPClassifier(20, learning_rate_init=0.01, max_iter=30, tol=1.0, n_iter_no_change=30, random_state=0)
MODELS = [
    None,
    SGD,
    SGDClassifier(learning_rate="constant", eta0=0.01, random_state=0),
    GaussianNB(),
    MLP,
    make_pipeline(StandardScaler(), Perceptron()),
    GradientBoostingClassifier(n_estimators=8, random_state=0),
    HistGradientBoostingClassifier(max_iter=8),
    ExtraTreesClassifier(8, random_state=0),
    BaggingClassifier(n_estimators=8, random_state=0),
]


def test_suspected_errors_are_never_trained_on_unless_a_curriculum_is_given() -> None:
    made = CurriculumClassifier(hardness=hardness.noise_last).fit(X, Y)
    right = 1 - made.hardness_.mean()
    assert made.curriculum_.pacing(0.99).high == pytest.approx(right)
    assert 0.6 < right < 0.95
    assert CurriculumClassifier(hardness=hardness.noise_last, curriculum=PLAIN).fit(X, Y).curriculum_ == PLAIN
    assert CurriculumClassifier().fit(X, Y).curriculum_ == Curriculum()


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("model", MODELS)
def test_models_of_all_kinds_are_trained_by_steps(model: Any) -> None:
    made = CurriculumClassifier(model, hardness=hardness.noise_last).fit(X, Y)
    assert (made.predict(X) == TRUE).mean() > 0.7
    assert made.classes_.tolist() == [0, 1, 2]
    assert made.hardness_[Y != TRUE].mean() > made.hardness_[Y == TRUE].mean()
    assert (pickle.loads(pickle.dumps(made)).predict(X) == made.predict(X)).all()


@pytest.mark.parametrize("name", ["GradientBoostingClassifier", "HistGradientBoostingClassifier"])
def test_a_plain_curriculum_grows_the_same_trees_as_a_plain_fit(name: str) -> None:
    model = next(one for one in MODELS if type(one).__name__ == name)
    grown = CurriculumClassifier(model, curriculum=PLAIN, hardness=hardness.neighbours_disagree).fit(X, Y)
    assert np.allclose(grown.predict_proba(X), model.fit(X, Y).predict_proba(X))


class Seen(GaussianNB):  # type: ignore[misc]
    """Records the rows of each step."""

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Any:
        self.seen = [*getattr(self, "seen", []), X]
        return super().partial_fit(X, y, classes, sample_weight)


def first_step(**options: Any) -> set[float]:
    half = FixedSteps(start=0.5, full=0.5)
    made = CurriculumClassifier(Seen(), budget=Budget(4, None), **{"curriculum": Curriculum(pacing=half), **options})
    return set(made.fit(X, Y).estimator_.seen[0][:, 0])


def test_easy_rows_come_first_or_hard_ones() -> None:
    def given(rows: hardness.RankedRows) -> np.ndarray:
        return X[:, 0]

    easy = first_step(hardness=given)
    hard = first_step(hardness=given, curriculum=Curriculum(hard_first, FixedSteps(start=0.5, full=0.5)))
    assert len(easy & hard) <= 3  # the middle row of each class
    assert np.mean(list(easy)) < np.mean(list(hard))


METHODS = [
    hardness.out_of_fold_margin,
    hardness.noise_last,
    hardness.early_loss,
    hardness.forgetting,
    hardness.area_under_margin,
    hardness.neighbours_disagree,
]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("model", [MLP, SGD])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_wrong_labels_are_hard_by_every_method(method: hardness.Hardness, model: Any) -> None:
    found = CurriculumClassifier(model, hardness=method).fit(X, Y).hardness_
    assert found.shape == (300,)
    assert found[Y != TRUE].mean() > found[Y == TRUE].mean() + 0.1


def test_undecided_rows_vary_most() -> None:
    x = np.linspace(-3, 3, 200)[:, None]
    y = (x[:, 0] > 0).astype(int)
    found = CurriculumClassifier(MLP, hardness=hardness.variability, budget=Budget(60, 32)).fit(x, y).hardness_
    assert found.min() >= 0
    assert np.ptp(found) > 0


@pytest.mark.parametrize("weights", [None, soft_weights])
def test_self_paced_learning_follows_the_current_loss(weights: Any) -> None:
    curriculum = Curriculum() if weights is None else Curriculum(weights=weights)
    made = CurriculumClassifier(hardness=hardness.CurrentLoss(5), curriculum=curriculum).fit(X, Y)
    assert made.hardness_ is None
    assert (made.predict(X) == TRUE).mean() > 0.8


def test_weights_need_a_model_that_takes_them() -> None:
    class Plain(GaussianNB):  # type: ignore[misc]
        def partial_fit(self, X: Any, y: Any, classes: Any = None) -> Any:
            return super().partial_fit(X, y, classes)

    with pytest.raises(InputError, match="take sample_weight"):
        CurriculumClassifier(Plain(), curriculum=Curriculum(weights=soft_weights)).fit(X, Y)


def test_the_seed_decides() -> None:
    def probs(seed: int) -> np.ndarray:
        return CurriculumClassifier(random_state=seed).fit(X, Y).predict_proba(X)

    assert (probs(0) == probs(0)).all()
    assert (probs(0) != probs(1)).any()


def test_frames_sparse_matrices_and_groups_are_taken() -> None:
    frame = pl.DataFrame({"a": ["x", "y", "x", "y"] * 5, "b": ["u", "u", "v", "v"] * 5}).to_pandas()
    model = make_pipeline(OrdinalEncoder(), SGDClassifier(loss="log_loss", random_state=0))
    made = CurriculumClassifier(model).fit(frame, frame["a"])
    assert (made.predict(frame) == frame["a"]).all()
    assert made.feature_names_in_.tolist() == ["a", "b"]
    assert CurriculumClassifier().fit(sp.csr_matrix(X), Y).score(X, Y) > 0.6
    CurriculumClassifier().fit(X, Y, groups=np.arange(300) // 3)


def test_pacings_can_be_searched() -> None:
    grid = {"curriculum": [None, Curriculum(pacing=ROOT), PLAIN]}
    searched = GridSearchCV(CurriculumClassifier(hardness=hardness.neighbours_disagree), grid, cv=2).fit(X, Y)
    assert len(searched.cv_results_["params"]) == 3


@pytest.mark.parametrize(
    ("model", "y", "options", "words"),
    [
        (LogisticRegression(), Y, {}, "train by steps"),
        (None, np.zeros(300, int), {}, "at least two classes"),
        (None, Y, {"hardness": lambda rows: np.zeros(3)}, "one per row"),
        (None, Y, {"hardness": lambda rows: np.full(300, np.nan)}, "be finite"),
    ],
)
def test_what_cannot_be_trained_is_refused(model: Any, y: Any, options: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        CurriculumClassifier(model, **options).fit(X, y)


def test_sample_weights_are_refused() -> None:
    with pytest.raises(InputError, match="groups only"):
        CurriculumClassifier().fit(X, Y, sample_weight=np.full(300, 2.0))


def test_neighbours_need_numbers() -> None:
    rows = hardness.RankedRows(Y, [["a"]] * 300, lambda: np.zeros((0, 0)), lambda: np.zeros((0, 0, 0)))
    with pytest.raises(InputError, match="matrix of numbers"):
        hardness.neighbours_disagree(rows)


def test_a_loss_is_measured_every_few_steps() -> None:
    with pytest.raises(InputError, match="at least 1 step"):
        hardness.CurrentLoss(0)
