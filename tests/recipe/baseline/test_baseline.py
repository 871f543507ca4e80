import numpy as np
import polars as pl
import pytest

from dechaff.data.open import open_data
from dechaff.errors import LabelsError, ProbsError
from dechaff.recipe.baseline.baseline import baseline
from dechaff.recipe.passes.request import AuditSettings
from tests.models.tables import alone
from tests.shared_data import shared


def opened(features, codes, **options):
    names = {f"x{place}": column for place, column in enumerate(np.asarray(features).T)}
    labels = [f"class {code}" for code in codes]
    return open_data(pl.DataFrame({**names, "label": labels}), label="label", **options).train


def blobs(n=600, noise=0.2, n_classes=3, seed=0):
    random = np.random.default_rng(seed)
    true = random.integers(0, n_classes, n)
    features = random.normal(size=(n, 4)) + 3 * np.eye(4)[true]
    wrong = random.random(n) < noise
    return features, np.where(wrong, (true + random.integers(1, n_classes, n)) % n_classes, true)


def judged(train, **options):
    return baseline(train, alone(len(train)), AuditSettings(**options))


def test_noisy_labels_are_predicted_out_of_sample_and_trusted():
    result = judged(opened(*blobs()))
    assert result.trusted, result.reason
    assert 0.7 < result.metrics.accuracy < 0.83
    assert result.metrics.accuracy_low < result.metrics.accuracy < result.metrics.accuracy_high
    assert [candidate.chosen for candidate in result.candidates].count(True) == 1
    assert sum(step.rows for step in result.metrics.calibration) == 600


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_random_labels_are_not_trusted(seed):
    random = np.random.default_rng(seed)
    result = judged(opened(random.normal(size=(400, 4)), random.integers(0, 2, 400)), seed=seed)
    assert not result.trusted
    assert "too weak to judge labels" in result.reason


@pytest.mark.slow
def test_a_rare_class_that_can_be_learnt_is_trusted():
    random = np.random.default_rng(0)
    features = random.normal(size=(5000, 3))
    result = judged(opened(features, (features[:, 0] + 0.2 * random.normal(size=5000) > 2.4).astype(int)))
    assert result.trusted, result.reason


def test_a_model_far_behind_its_neighbours_is_not_trusted():
    from sklearn.linear_model import LogisticRegression

    random = np.random.default_rng(0)
    features = random.uniform(-1, 1, size=(1500, 2))
    checks = (features[:, 0] > 0) ^ (features[:, 1] > 0)
    slightly = random.random(1500) < 0.3
    codes = np.where(slightly, features[:, 0] > 0, checks).astype(int)
    result = judged(opened(features, codes), model=LogisticRegression())
    assert not result.trusted
    assert "nearest neighbours" in result.reason


def test_classes_of_one_and_two_rows_and_rows_without_label_are_predicted():
    features, codes = blobs(120, noise=0)
    labels = [f"class {code}" for code in codes]
    labels[0], labels[1], labels[2], labels[3] = "single", "pair", "pair", None
    names = {f"x{place}": column for place, column in enumerate(features.T)}
    train = open_data(pl.DataFrame({**names, "label": labels}), label="label").train
    result = judged(train)
    np.testing.assert_allclose(result.probs.sum(axis=1), 1)
    assert result.folds[1] != result.folds[2]


def test_duplicates_share_a_fold():
    features, codes = blobs(200)
    together = alone(200)
    together[[3, 50, 90]] = 0
    result = baseline(opened(features, codes), together, AuditSettings())
    assert len(set(result.folds[[3, 50, 90]])) == 1
    np.testing.assert_array_equal(np.flatnonzero(result.groups >= 0), [3, 50, 90])


@pytest.mark.slow
def test_the_answer_does_not_depend_on_threads():
    train = opened(*blobs(300))
    first, second = judged(train, threads=1), judged(train, threads=3)
    np.testing.assert_array_equal(first.probs, second.probs)
    assert first.metrics == second.metrics


def test_one_class_is_refused():
    with pytest.raises(LabelsError, match="at least two classes"):
        judged(opened(np.arange(40.0).reshape(20, 2), np.zeros(20, dtype=int)))


def in_sample(kind, features, codes):
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.tree import DecisionTreeClassifier

    model = {
        "forest": RandomForestClassifier(50, random_state=0),
        "boosting": HistGradientBoostingClassifier(random_state=0),
        "neighbour": KNeighborsClassifier(1),
        "tree": DecisionTreeClassifier(random_state=0),
    }[kind]
    return model.fit(features, codes).predict_proba(features)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["forest", "boosting", "neighbour", "tree"])
def test_in_sample_probabilities_are_refused(kind):
    features, codes = blobs(500)
    train = opened(features, codes, probs=in_sample(kind, features, codes))
    with pytest.raises(ProbsError, match="out-of-sample"):
        judged(train)


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.0, 0.1, 0.3])
@pytest.mark.parametrize("kind", ["forest", "boosting", "neighbour"])
def test_out_of_sample_probabilities_pass(kind, noise):
    features, codes = blobs(400, noise=noise)
    probs = np.zeros((400, 3))
    for fold in range(4):
        out = np.arange(400) % 4 == fold
        probs[out] = _fitted_elsewhere(kind, features[~out], codes[~out], features[out])
    result = judged(opened(features, codes, probs=probs))
    assert result.model is None
    assert result.name == "given probabilities"
    np.testing.assert_allclose(result.probs, probs)
    assert result.fit_predict is not None


def _fitted_elsewhere(kind, features, codes, held_out):
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.neighbors import KNeighborsClassifier

    model = {
        "forest": RandomForestClassifier(20, random_state=0),
        "boosting": HistGradientBoostingClassifier(max_iter=20, random_state=0),
        "neighbour": KNeighborsClassifier(5),
    }[kind]
    return model.fit(features, codes).predict_proba(held_out)


@pytest.mark.shared_data
def test_student_grades_are_trusted():
    frame = pl.read_csv(shared("student_grades") / "student-grades.csv").drop("letter_grade")
    result = judged(open_data(frame, label="noisy_letter_grade").train)
    assert result.trusted, result.reason
    assert result.metrics.accuracy > 0.7
