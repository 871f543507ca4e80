import numpy as np
import pytest

from dechaff.errors import InputError
from dechaff.models.estimator import load_model_spec, user_model
from tests.models.tables import numbers_and_categories, texts


def predicted(model, rows, codes, features=None):
    half = len(codes) // 2
    bound = model.bind(rows, features, 2, seed=0)
    probs = bound(np.arange(half), codes[:half], np.arange(half, len(codes)))
    np.testing.assert_allclose(probs.sum(axis=1), 1)
    return (probs.argmax(axis=1) == codes[half:]).mean()


def test_a_text_pipeline_gets_a_list_of_texts():
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import make_pipeline

    model = user_model(make_pipeline(TfidfVectorizer(), MultinomialNB()))
    assert model.name == "TfidfVectorizer → MultinomialNB"
    assert predicted(model, *texts()) > 0.9


def test_a_column_transformer_gets_a_frame_with_gaps():
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    columns = make_column_transformer((SimpleImputer(), ["size"]), (OneHotEncoder(), ["colour"]))
    assert predicted(user_model(make_pipeline(columns, LogisticRegression())), *numbers_and_categories()) > 0.8


def test_an_estimator_without_probabilities_is_calibrated_inside_the_fold():
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    assert predicted(user_model(make_pipeline(TfidfVectorizer(), LinearSVC())), *texts()) > 0.9


def test_a_class_too_rare_to_calibrate_gets_no_probability():
    from sklearn.svm import LinearSVC

    features = np.random.default_rng(0).normal(size=(60, 3))
    codes = (features[:, 0] > 0).astype(np.int64)
    codes[:2] = 2
    rows, _ = numbers_and_categories(60)
    probs = user_model(LinearSVC()).bind(rows, features, 3, seed=0)(np.arange(60), codes, np.arange(60))
    np.testing.assert_array_equal(probs[:, 2], 0)
    assert (probs.argmax(axis=1) == codes).mean() > 0.9


def test_the_estimator_is_never_touched_and_the_seed_is_set_where_it_is_open():
    from sklearn.ensemble import RandomForestClassifier

    features = np.random.default_rng(0).normal(size=(60, 3))
    codes = (features[:, 0] > 0).astype(np.int64)
    rows, _ = numbers_and_categories(60)
    estimator = RandomForestClassifier(5)
    runs = [
        user_model(estimator).bind(rows, features, 2, seed=4)(np.arange(40), codes[:40], np.arange(60)) for _ in "ab"
    ]
    np.testing.assert_array_equal(*runs)
    assert estimator.random_state is None
    assert not hasattr(estimator, "estimators_")


def test_errors_inside_name_the_model():
    from sklearn.linear_model import LogisticRegression

    with pytest.raises(InputError, match=r"The model LogisticRegression could not fit the rows: ValueError"):
        predicted(user_model(LogisticRegression()), *texts())


@pytest.mark.parametrize("wrong", [int, len, 3])
def test_what_is_no_estimator_is_refused(wrong):
    with pytest.raises(InputError, match="be a scikit-learn estimator"):
        user_model(wrong)


def test_an_estimator_without_any_score_is_refused():
    from sklearn.cluster import AgglomerativeClustering

    with pytest.raises(InputError, match="predict_proba or decision_function"):
        user_model(AgglomerativeClustering())


def test_a_model_is_found_by_module_and_name(tmp_path, monkeypatch):
    (tmp_path / "my_models_here.py").write_text(
        "from sklearn.naive_bayes import GaussianNB\nready = GaussianNB()\ndef make(): return GaussianNB(priors=None)\n"
    )
    monkeypatch.chdir(tmp_path)
    for spec in ("my_models_here:ready", "my_models_here:make", "my_models_here:GaussianNB"):
        assert user_model(load_model_spec(spec)).name == "GaussianNB"


@pytest.mark.parametrize("spec", ["no_colon", "absent_module_xyz:model", "math:nothing"])
def test_a_wrong_spec_is_refused(spec):
    with pytest.raises(InputError, match=r"model must be named as module:object|Cannot load --model"):
        load_model_spec(spec)
