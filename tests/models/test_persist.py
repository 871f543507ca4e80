import json
from copy import deepcopy

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    StackingClassifier,
)
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.feature_selection import SelectKBest
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, KBinsDiscretizer, OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

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
        save(fitted, tmp_path / "model.npz")
        np.testing.assert_array_equal(load(tmp_path / "model.npz").probs(rows), fitted.probs(rows))


@pytest.mark.parametrize("data", [texts(80), numbers_and_categories(80)], ids=["texts", "columns"])
def test_a_model_fitted_twice_is_stored_with_the_same_bytes(data, tmp_path):
    rows, codes = data
    for model in selection_models(rows):
        for name in ("one", "two"):
            save(model.fit(rows, None, codes, 2, seed=0), tmp_path / name)
        assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_damaged_archive_is_refused(tmp_path):
    rows, codes = texts(40)
    save(selection_models(rows)[0].fit(rows, None, codes, 2, seed=0), tmp_path / "model.npz")
    (tmp_path / "model.npz").write_bytes((tmp_path / "model.npz").read_bytes()[:-200])
    with pytest.raises(RunError, match="Cannot read the model file"):
        load(tmp_path / "model.npz")


def test_text_beside_columns_and_a_user_pipeline_come_back(tmp_path):
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    words, codes = texts(80)
    both = table(*words.columns, column("size", "numeric", codes * 1.0))
    for model, rows in [
        (selection_models(both)[1], both),
        (user_model(make_pipeline(TfidfVectorizer(), LinearSVC())), words),
    ]:
        fitted = model.fit(rows, None, codes, 2, seed=0)
        save(fitted, tmp_path / "model.npz")
        np.testing.assert_array_equal(load(tmp_path / "model.npz").probs(rows), fitted.probs(rows))


def test_parts_of_other_packages_are_refused_by_name(tmp_path):
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.naive_bayes import MultinomialNB

    rows, codes = texts(40)
    fitted = user_model(make_pipeline(TfidfVectorizer(tokenizer=_split, token_pattern=None), MultinomialNB())).fit(
        rows, None, codes, 2, seed=0
    )
    with pytest.raises(InputError, match=r"test_persist\._split"):
        save(fitted, tmp_path / "model.npz")
    assert not list(tmp_path.iterdir())


def _split(text):
    return text.split()


def test_a_file_that_is_no_model_is_refused(tmp_path):
    (tmp_path / "model.npz").write_bytes(b"not a model")
    with pytest.raises(RunError, match="Cannot read the model file"):
        load(tmp_path / "model.npz")
    with pytest.raises(RunError, match="Cannot read the model file"):
        load(tmp_path / "absent.npz")


def _stored(path, *nodes):
    """A file whose model is its first node."""
    graph = json.dumps([[0], nodes]).encode()
    with path.open("wb") as out:
        np.savez(out, graph=np.frombuffer(graph, np.uint8))
    return path


@pytest.mark.parametrize(
    "name",
    [
        "os.system", "builtins.eval", "builtins.getattr", "builtins.open", "subprocess.Popen", "numpy.memmap",
        "numpy.load", "joblib.load", "sklearn.utils._testing.TempMemmap", "sklearn.datasets._base.load_files",
        "sklearn.utils.os", "dechaff.models.persist.load", "dechaff.models.persist.Path",
        "sklearn.datasets._base.Path", "numpy.os", "system",
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["call", "new", "name"])
def test_a_file_makes_known_types_only(name, kind, tmp_path):
    content = [kind, name] if kind == "name" else [kind, name, ["true"], None, [], []]
    with pytest.raises(RunError, match="types that are not known to be safe"):
        load(_stored(tmp_path / "model.npz", content))


@pytest.mark.parametrize(
    "nodes",
    [
        [["unheard of"]],
        [["list", [[7]]]],
        [["list", [[0]]]],
        [["array", "none"]],
        [["call", "sklearn.tree._tree.Tree", [1], None, [], []]],
        [["new", "sklearn.linear_model._logistic.LogisticRegression", [], 5, [], []]],
        [],
    ],
)
def test_a_file_of_wrong_values_is_refused(nodes, tmp_path):
    with pytest.raises(RunError, match="Cannot read the model file"):
        load(_stored(tmp_path / "model.npz", *nodes))


@pytest.mark.parametrize(
    ("kind", "name", "given"),
    [
        ("call", "builtins.str", ["x"]),  # nested lists would become a text of any length
        ("call", "numpy.void", [10**9]),
        ("new", "numpy.void", [10**9]),
        ("call", "numpy.exp", [1]),
        ("call", "sklearn.utils.validation.check_array", ["x"]),
        ("call", "sklearn.linear_model._logistic.LogisticRegression", []),
        ("call", "dechaff.models.text.Grams", []),
    ],
)
def test_what_is_only_an_option_of_an_estimator_is_never_called(kind, name, given, tmp_path):
    with pytest.raises(RunError, match="types that are not known to be safe"):
        load(_stored(tmp_path / "model.npz", [kind, name, given, None, [], []]))


def test_no_state_replaces_a_method(tmp_path):
    save({"model": _changed(LogisticRegression(), predict=np.exp)}, tmp_path / "model.npz")
    with pytest.raises(RunError, match="LogisticRegression with a replaced method"):
        load(tmp_path / "model.npz")


def test_parts_that_contain_each_other_without_end_are_refused(tmp_path):
    nested = [["list", [[number + 1]]] for number in range(20_000)]
    with pytest.raises(RunError, match="Cannot read the model file"):
        load(_stored(tmp_path / "model.npz", *nested, ["list", []]))


def _changed(model, **attributes):
    vars(model).update(attributes)
    return model


def _with_wrong_indices():
    """Fitted models in which one index points outside an array, each of which may crash the interpreter."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(60, 3))
    labels = (rows[:, 0] > 0).astype(int)
    other = (rows[:, :2], labels)

    matrix = csr_array(np.eye(3))
    matrix.indices[:] = 10**9
    yield matrix
    yield _changed(DecisionTreeClassifier().fit(rows, labels), n_features_in_=2)
    yield _changed(RandomForestClassifier(2).fit(rows, labels), n_features_in_=2)
    forest = RandomForestClassifier(2).fit(rows, labels)
    yield _changed(forest, estimators_=RandomForestClassifier(2).fit(*other).estimators_)
    boosting = GradientBoostingClassifier(n_estimators=2).fit(rows, labels)
    yield _changed(boosting, estimators_=np.repeat(boosting.estimators_, 2, axis=1))
    isolation = IsolationForest(n_estimators=2).fit(rows)
    yield _changed(isolation, estimators_features_=[one[:2] for one in isolation.estimators_features_])
    histogram = HistGradientBoostingClassifier(max_iter=1).fit(rows, labels)
    for name, value in [("left", 10**9), ("right", 0), ("feature_idx", 3), ("is_categorical", 1)]:
        again = deepcopy(histogram)
        again._predictors[0][0].nodes[name][0] = value
        yield again
    vectors = SVC().fit(rows, labels)
    yield _changed(vectors, _dual_coef_=vectors._dual_coef_[:, :1])
    neighbours = KNeighborsClassifier(algorithm="brute").fit(rows, labels)
    yield _changed(neighbours, _y=neighbours._y[:2])
    words = CountVectorizer().fit(["one two"])
    yield _changed(words, vocabulary_={"one": 0, "two": 10**9})
    one_hot = OneHotEncoder().fit([["one"], ["two"]])
    yield _changed(one_hot, _n_features_outs=[1])


@pytest.mark.parametrize("model", list(_with_wrong_indices()), ids=lambda model: type(model).__name__)
def test_an_index_outside_its_array_is_refused(model, tmp_path):
    save(model, tmp_path / "model.npz")
    with pytest.raises(RunError, match=r"outside its array|indices must be"):
        load(tmp_path / "model.npz")


@pytest.mark.parametrize(("field", "value"), [("left_child", 10**9), ("right_child", 0), ("feature", 3)])
def test_a_tree_with_a_wrong_node_is_refused(field, value, tmp_path):
    rows = np.random.default_rng(0).normal(size=(60, 3))
    tree = DecisionTreeClassifier().fit(rows, rows[:, 0] > 0)
    save(tree, tmp_path / "model.npz")
    with np.load(tmp_path / "model.npz") as stored:
        arrays = dict(stored)
    for nodes in (array for array in arrays.values() if array.dtype.names):
        nodes[field][0] = value
    np.savez(tmp_path / "model.npz", **arrays)
    with pytest.raises(RunError, match="of a tree is outside its array"):
        load(tmp_path / "model.npz")


@pytest.mark.parametrize("given", [[3, [1], 1], [3, [1], 10**6]])
def test_an_empty_tree_is_refused(given, tmp_path):
    number, classes, outputs = given
    path = tmp_path / "model.npz"
    graph = [[1], [["array", "a0"], ["call", "sklearn.tree._tree.Tree", [number, [0], outputs], None, [], []]]]
    np.savez(path, graph=np.frombuffer(json.dumps(graph).encode(), np.uint8), a0=np.array(classes))
    with pytest.raises(RunError, match="Cannot read the model file"):
        load(path)


def _of_all_kinds():
    """Classifiers whose state has parts of every kind that is stored."""
    parts = ColumnTransformer([("a", StandardScaler(), [0]), ("b", KBinsDiscretizer(3), slice(1, 3))])
    yield GradientBoostingClassifier(n_estimators=3)
    yield GradientBoostingClassifier(n_estimators=3, loss="exponential")
    yield HistGradientBoostingClassifier(max_iter=3)
    yield RandomForestClassifier(3, random_state=np.random.RandomState(0))
    yield CalibratedClassifierCV(SVC(), method="isotonic", cv=3)
    yield StackingClassifier([("one", LogisticRegression()), ("two", SVC())], cv=3)
    yield GaussianProcessClassifier()
    yield MLPClassifier((4,), max_iter=5)
    yield SGDClassifier(loss="modified_huber", random_state=0)
    yield make_pipeline(parts, LogisticRegression())
    yield make_pipeline(FunctionTransformer(np.abs), SelectKBest(k=2), LogisticRegression())


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning", "ignore::FutureWarning")
@pytest.mark.parametrize("estimator", list(_of_all_kinds()), ids=lambda estimator: type(estimator).__name__)
def test_estimators_of_scikit_learn_come_back(estimator, tmp_path):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(60, 3))
    names = np.where(rows[:, 0] > 0, "high", "low").astype(object)
    estimator.fit(rows, names)
    save(estimator, tmp_path / "model.npz")
    again = load(tmp_path / "model.npz")
    np.testing.assert_array_equal(again.predict_proba(rows), estimator.predict_proba(rows))
    assert again.predict(rows).tolist() == estimator.predict(rows).tolist()


def test_a_part_that_is_used_twice_stays_one_part(tmp_path):
    shared = np.arange(3)
    save(
        [shared, {"again": shared, "few": {1, 2}, "raw": np.dtype("i2"), "one": np.float32(0.1)}],
        tmp_path / "model.npz",
    )
    first, rest = load(tmp_path / "model.npz")
    assert rest["again"] is first
    assert rest["few"] == {1, 2}
    assert rest["raw"] == np.dtype("i2")
    assert rest["one"] == np.float32(0.1)
    assert rest["one"].dtype == np.float32
