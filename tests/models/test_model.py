import numpy as np
import pytest

from dechaff.core.table import Table
from dechaff.errors import InputError
from dechaff.models.choose import bind_together, candidate_models, neighbour_model, selection_models
from dechaff.models.model import TrainingRows
from dechaff.models.out_of_fold import out_of_fold, stratified_group_folds
from dechaff.models.text import TextEncoder
from tests.models.tables import alone, column, numbers_and_categories, table, texts


def mixed():
    words, codes = texts()
    noise = np.random.default_rng(0).normal(size=len(codes))
    day = column("day", "datetime", np.where(noise > 2, np.nan, noise * 1e6 + 1e9))
    kind = column("kind", "categorical", [str(number) for number in range(len(codes))])
    return table(*words.columns, column("noise", "numeric", noise), day, kind), codes


def embedded():
    codes = np.random.default_rng(0).integers(0, 2, 150)
    features = np.random.default_rng(1).normal(size=(150, 12)) + 1.5 * codes[:, None]
    return features, codes


CASES = [
    (name, model, *data)
    for name, data in [("texts", texts()), ("columns", numbers_and_categories()), ("mixed", mixed())]
    for model in selection_models(data[0])
]


@pytest.mark.parametrize(("name", "model", "rows", "codes"), CASES, ids=[f"{c[0]}-{c[1].name}" for c in CASES])
def test_each_model_learns_out_of_fold_and_fits_new_rows(name, model, rows, codes):
    folds = stratified_group_folds(codes, alone(len(codes)), n_folds=3, seed=0)
    bound = model.bind(rows, None, 3, seed=0)
    probs = out_of_fold(bound, codes, folds, 3)
    np.testing.assert_allclose(probs.sum(axis=1), 1)
    np.testing.assert_array_equal(probs[:, 2], 0)  # a class without rows
    assert (probs.argmax(axis=1) == codes).mean() > 0.8
    np.testing.assert_array_equal(probs, out_of_fold(bound, codes, folds, 3, threads=3))
    fitted = model.fit(rows, None, np.where(np.arange(len(codes)) < 5, -1, codes), 3, seed=0)
    new = rows.take(np.arange(40))
    assert (fitted.probs(new).argmax(axis=1) == codes[:40]).mean() > 0.8
    assert fitted.probs(rows.take(np.arange(0))).shape == (0, 3)


def test_given_features_are_learnt_from_without_columns():
    features, codes = embedded()
    rows = Table((), 150)
    folds = stratified_group_folds(codes, alone(150), seed=0)
    models = selection_models(rows, features)
    for bound in bind_together(models, rows, features, 2, seed=0):
        assert (out_of_fold(bound, codes, folds, 2).argmax(axis=1) == codes).mean() > 0.85


def test_one_class_in_a_fold_is_predicted_for_sure():
    rows, codes = numbers_and_categories(60)
    ones = np.flatnonzero(codes == 1)
    probs = candidate_models(rows)[0].bind(rows, None, 2, seed=0)(ones, codes[ones], np.array([0, 1]))
    np.testing.assert_array_equal(probs, [[0, 1], [0, 1]])


def test_no_columns_are_refused_with_the_way_out():
    with pytest.raises(InputError, match="pass features= or probs="):
        candidate_models(Table((), 10))


def test_two_hundred_classes_get_no_boosted_trees():
    rows, _ = numbers_and_categories(30)
    assert [model.name for model in candidate_models(rows, n_classes=200)] == [
        "logistic regression",
        "k nearest neighbours",
    ]


def test_odd_columns_do_no_harm():
    n = 60
    codes = np.arange(n) % 2
    rows = table(
        column("empty", "numeric", np.full(n, np.nan)),
        column("endless", "numeric", np.where(np.arange(n) == 3, np.inf, codes)),
        column("constant", "categorical", ["x"] * n),
        column("none", "categorical", [""] * n),
        column("blank", "text", [""] * n),
    )
    for kept in (rows, rows.without(["blank"]), rows.take(np.arange(n)).without(["empty", "endless"])):
        for model in candidate_models(kept):
            probs = model.bind(kept, None, 2, seed=0)(np.arange(40), codes[:40], np.arange(40, n))
            np.testing.assert_allclose(probs.sum(axis=1), 1)


def test_new_levels_words_and_gaps_are_predicted():
    rows, codes = mixed()
    new = table(
        column("text", "text", ["", "good great"]),
        column("noise", "numeric", [np.nan, 0]),
        column("day", "datetime", [np.nan, 1e9]),
        column("kind", "categorical", ["unheard of", ""]),
    )
    for model in candidate_models(rows):
        probs = model.fit(rows, None, codes, 2, seed=0).probs(new)
        np.testing.assert_allclose(probs.sum(axis=1), 1)
        assert probs[1, 0] > 0.5


def test_neighbours_agree_with_scikit_learn():
    from sklearn.neighbors import KNeighborsClassifier

    from dechaff.models.neighbours import Neighbours

    matrix = np.random.default_rng(0).normal(size=(700, 4))
    codes = np.random.default_rng(1).integers(0, 3, 700)
    ours = Neighbours(7, prior_votes=0.0).learn(TrainingRows(matrix, codes), seed=0).probs(matrix)
    theirs = KNeighborsClassifier(7).fit(matrix, codes).predict_proba(matrix)
    np.testing.assert_allclose(ours, theirs)


def test_softmax_agrees_with_scikit_learn():
    from sklearn.linear_model import LogisticRegression

    from dechaff.models.softmax import SoftmaxRegression

    matrix = np.random.default_rng(0).normal(size=(300, 4))
    for n_classes in (2, 3):
        codes = (matrix[:, 0] > 0).astype(np.int64) + (n_classes == 3) * (matrix[:, 1] > 0)
        ours = SoftmaxRegression(0.5).learn(TrainingRows(matrix, codes), seed=0).probs(matrix)
        theirs = LogisticRegression(C=0.5).fit(matrix, codes).predict_proba(matrix)
        # Both stop early, at their own tolerances.
        np.testing.assert_allclose(ours, theirs, atol=0.02)


@pytest.mark.parametrize("least", [1, 2])
def test_n_grams_are_those_of_scikit_learn(least: int):
    from sklearn.feature_extraction.text import CountVectorizer

    from dechaff.models.text import _piece_counts, _word_counts

    rows, _ = texts(30)
    some = np.array([*rows["text"].values, "", "Ünder_scores, İ 我喜欢 a\u0301x ?!", "a", "A b a B"], dtype=object)
    words = CountVectorizer(token_pattern=r"(?u)\b\w+\b", ngram_range=(1, 2), min_df=least)
    pieces = CountVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=least)
    for vectorizer, count in ((words, _word_counts), (pieces, _piece_counts)):
        expected = vectorizer.fit_transform(some).toarray()
        names, counts = count(some, least)
        found = dict(zip(names, counts.toarray().T, strict=True))
        found = {name: column for name, column in found.items() if (column > 0).sum() >= least}
        assert sorted(found) == list(vectorizer.get_feature_names_out())
        np.testing.assert_array_equal(np.column_stack([found[name] for name in sorted(found)]), expected)


def test_a_row_is_the_same_among_any_others():
    rows, _ = texts(60)
    encoding, matrix = TextEncoder().fit(rows, None, 2, seed=0)
    some = np.array([3, 50, 7])
    np.testing.assert_array_equal(encoding.transform(rows.take(some), None).toarray(), matrix[some].toarray())
    assert encoding.transform(rows.take(some[:0]), None).shape == (0, matrix.shape[1])


def test_a_k_nn_stands_beside_each_kind_of_data():
    for rows, codes in (texts(), numbers_and_categories(), mixed()):
        probs = neighbour_model(rows).bind(rows, None, 2, seed=0)(np.arange(100), codes[:100], np.arange(100, 150))
        assert (probs.argmax(axis=1) == codes[100:150]).mean() > 0.6
