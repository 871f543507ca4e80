import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, log_loss

import dechaff
from dechaff.estimators.pu.meta_estimator import sparse_models
from tests.estimators.pu.made_texts import PUTexts, made_texts


@pytest.fixture(scope="module")
def texts() -> PUTexts:
    return made_texts(n=2000, n_words=3000, c=0.85, slope=2.0, seed=1)


def f1(texts: PUTexts, c: float | None, X: csr_matrix, s: np.ndarray) -> float:
    model = dechaff.PUClassifier(LogisticRegression(C=10, max_iter=1000), c=c).fit(X[:1400], s[:1400])
    return float(f1_score(texts.positive[1400:], model.predict(X[1400:])))


def test_texts_whose_easy_positives_are_labelled_get_the_compromise(texts: PUTexts) -> None:
    X, s = texts.features, texts.labelled
    model = dechaff.PUClassifier(LogisticRegression(C=10, max_iter=1000)).fit(X, s)
    table = model.estimates(n_bootstraps=20)
    assert model.c_from_ == "compromise"
    assert [one.name for one in table if one.used] == ["compromise"]
    assert table["compromise"].c == pytest.approx(model.c_)
    assert table["compromise"].c_low < texts.c < table["compromise"].c_high
    assert abs(model.c_ - texts.c) < 0.5 * abs(table["consensus"].c - texts.c)


def test_the_classes_are_told_apart_as_with_the_true_c(texts: PUTexts) -> None:
    X, s = texts.features, texts.labelled
    assert f1(texts, None, X, s) > f1(texts, texts.c, X, s) - 0.01


def test_a_known_c_is_said_to_be_given(texts: PUTexts) -> None:
    assert dechaff.PUClassifier(c=0.85).fit(texts.features, texts.labelled).c_from_ == "given"


def test_the_default_learner_of_sparse_rows_goes_by_the_log_loss(texts: PUTexts) -> None:
    X, s = texts.features[:1400], texts.labelled[:1400]
    ours = dechaff.PUClassifier().fit(X, s)
    losses = [log_loss(s, dechaff.PUClassifier(model).fit(X, s).label_probs_) for model in sparse_models()]
    assert log_loss(s, ours.label_probs_) == pytest.approx(min(losses))
    assert ours.estimator_[-1].C == sparse_models()[int(np.argmin(losses))][-1].C
    assert min(losses) < losses[-1] - 0.05  # the default of dense rows
