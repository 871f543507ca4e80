from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.sparse import csr_matrix
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

from dechaff.classifiers import ElkanNotoClassifier, PUClassifier
from dechaff.errors import InputError
from tests.estimators.pu.pu_data import two_clouds


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
    assert "class_weight='balanced'" in model.diagnose()["model uncalibrated"].says


def test_labels_that_follow_a_column_of_a_frame_are_caught_by_its_name() -> None:
    random = np.random.default_rng(0)
    y = random.random(2000) < 0.5
    frame = pl.DataFrame({"size": random.normal(size=2000) + 6 * y, "price": random.normal(size=2000)})
    s = y & (random.random(2000) < 1 / (1 + np.exp(-2 * frame["price"].to_numpy())))
    found = PUClassifier().fit(frame, s).diagnose(frame)["selection not at random"]
    assert found.wrong
    assert '"price"' in found.says


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
