from zipfile import ZipFile

import numpy as np
import pytest

from dechaff.errors import InputError, RunError
from dechaff.models.choose import selection_models
from dechaff.models.estimator import user_model
from dechaff.models.persist import load, save
from tests.models.tables import column, numbers_and_categories, table, texts


@pytest.mark.parametrize("data", [texts(80), numbers_and_categories(80)], ids=["texts", "columns"])
def test_a_model_comes_back_with_the_same_probabilities(data, tmp_path):
    rows, codes = data
    for model in selection_models(rows):
        fitted = model.fit(rows, None, codes, 2, seed=0)
        save(fitted, tmp_path / "model.skops")
        np.testing.assert_array_equal(load(tmp_path / "model.skops").probs(rows), fitted.probs(rows))


@pytest.mark.slow
@pytest.mark.parametrize("data", [texts(80), numbers_and_categories(80)], ids=["texts", "columns"])
def test_a_model_fitted_twice_is_stored_with_the_same_content(data, tmp_path):
    rows, codes = data
    for model in selection_models(rows):
        for name in ("one", "two"):
            save(model.fit(rows, None, codes, 2, seed=0), tmp_path / name)
        assert _arrays(tmp_path / "one") == _arrays(tmp_path / "two")
        one, two = (load(tmp_path / name).probs(rows) for name in ("one", "two"))
        np.testing.assert_array_equal(one, two)


def _arrays(path):
    with ZipFile(path) as archive:
        return sorted(archive.read(name) for name in archive.namelist() if name != "schema.json")


def test_a_damaged_archive_is_refused(tmp_path):
    rows, codes = texts(40)
    save(selection_models(rows)[0].fit(rows, None, codes, 2, seed=0), tmp_path / "model.skops")
    (tmp_path / "model.skops").write_bytes((tmp_path / "model.skops").read_bytes()[:-200])
    with pytest.raises(RunError, match="Cannot read the model file"):
        load(tmp_path / "model.skops")


def test_text_beside_columns_and_a_user_pipeline_come_back(tmp_path):
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    words, codes = texts(80)
    both = table(*words.columns, column("size", "numeric", codes * 1.0))
    for model, rows in [
        (selection_models(both)[1], both),
        (user_model(make_pipeline(TfidfVectorizer(), LinearSVC())), words),
    ]:
        fitted = model.fit(rows, None, codes, 2, seed=0)
        save(fitted, tmp_path / "model.skops")
        np.testing.assert_array_equal(load(tmp_path / "model.skops").probs(rows), fitted.probs(rows))


def test_parts_of_other_packages_are_refused_by_name(tmp_path):
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import make_pipeline

    rows, codes = texts(40)
    fitted = user_model(make_pipeline(TfidfVectorizer(tokenizer=_split, token_pattern=None), MultinomialNB())).fit(
        rows, None, codes, 2, seed=0
    )
    with pytest.raises(InputError, match=r"test_persist\._split"):
        save(fitted, tmp_path / "model.skops")
    assert not list(tmp_path.iterdir())


def _split(text):
    return text.split()


def test_a_file_that_is_no_model_is_refused(tmp_path):
    (tmp_path / "model.skops").write_bytes(b"not a model")
    with pytest.raises(RunError, match="Cannot read the model file"):
        load(tmp_path / "model.skops")
    with pytest.raises(RunError, match="Cannot read the model file"):
        load(tmp_path / "absent.skops")
