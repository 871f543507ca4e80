"""``AugmentationSelector``: what helps is accepted, and what breaks labels or fails is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from dechaff.errors import InputError, LabelsError
from dechaff.estimators.augmentation.augmentation_selector import AugmentationSelector
from dechaff.estimators.augmentation.changeable_rows import changeable_rows
from dechaff.methods.augmentation.gaussian_noise import gaussian_noise
from dechaff.methods.augmentation.operation import RowChange
from dechaff.methods.augmentation.usual_operations import OF_TABLES, OF_TEXTS
from dechaff.methods.augmentation.warp import shift


def bars(seed: int, n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Images with an upright or a lying bar at a random place: a model must see it at every place."""
    rng = np.random.default_rng(seed)
    y, at = np.arange(n) % 2, rng.integers(0, 8, n)
    images = rng.normal(scale=0.3, size=(n, 8, 8))
    for image, label, place in zip(images, y, at, strict=True):
        image[(slice(None), place) if label else (place, slice(None))] += 1
    return images, y


def upright(rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Turns lying bars into upright ones."""
    return rows.transpose(0, 2, 1)


class Flat(KNeighborsClassifier):  # type: ignore[misc]
    """Nearest neighbours of images."""

    def fit(self, X: Any, y: Any) -> Flat:
        return super().fit(np.reshape(X, (len(X), -1)), y)

    def predict_proba(self, X: Any) -> np.ndarray:
        return super().predict_proba(np.reshape(X, (len(X), -1)))


class Trees(ExtraTreesClassifier):  # type: ignore[misc]
    """A forest of images, to which copies of rows mean nothing."""

    def fit(self, X: Any, y: Any) -> Trees:
        return super().fit(np.reshape(X, (len(X), -1)), y)

    def predict_proba(self, X: Any) -> np.ndarray:
        return super().predict_proba(np.reshape(X, (len(X), -1)))


SHIFT = RowChange("shift", "image", shift, (0.5,))
X, Y = bars(0)


@pytest.fixture(scope="module")
def fitted() -> AugmentationSelector:
    model = AugmentationSelector(
        Trees(10, random_state=0), operations=[upright, SHIFT, broken, short], copies=3, random_state=0
    )
    return model.fit(X, Y)


def broken(rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    raise RuntimeError("no such thing")


def short(rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return rows[:1]


def test_an_operation_gets_no_credit_for_more_rows() -> None:
    """A weak penalty suits these rows, and copies weaken it as well as rows with hardly any noise."""
    rng = np.random.default_rng(0)
    y = np.arange(120) % 2
    rows = rng.normal(size=(120, 3)) + 1.2 * y[:, None]
    hardly = RowChange("hardly any noise", "table", gaussian_noise, (0.001,))
    tested = (
        AugmentationSelector(LogisticRegression(C=0.003), operations=[hardly], repeats=2).fit(rows, y).study_.tested
    )
    assert tested is not None
    assert tested.gain.low > 0
    assert tested.against == "copies of the same rows may help as much"


def test_an_operation_that_helps_is_accepted_and_used(fitted: AugmentationSelector) -> None:
    assert fitted.study_.accepted is not None, fitted.study_.words
    assert fitted.study_.accepted.operation.name == "shift"
    assert fitted.study_.tested.gain.low > 0
    assert fitted.new_rows_.shape == (3 * 60, 8, 8)
    assert (Y[fitted.parents_] == np.tile(Y, 3)).all()
    test, labels = bars(1, 400)
    plain = Trees(10, random_state=0).fit(X, Y)
    assert (fitted.predict(test) == labels).mean() > (plain.predict_proba(test).argmax(axis=1) == labels).mean()


def test_an_operation_that_breaks_labels_or_fails_is_refused(
    fitted: AugmentationSelector,
) -> None:
    refused = {one.candidate.operation.name: one for one in fitted.study_.tried if one.refused}
    assert set(refused) == {"upright", "broken", "short"}
    assert "look like another class" in refused["upright"].refused
    assert refused["upright"].flips.low > 0.15
    assert refused["broken"].refused == "RuntimeError: no such thing"
    assert "must be of shape" in refused["short"].refused


def test_nothing_is_accepted_if_labels_are_random() -> None:
    accepted = []
    for seed in range(3):
        y = np.random.default_rng(seed).permutation(Y)
        model = AugmentationSelector(Flat(3), operations=[SHIFT, RowChange("noise", "image", noise)], copies=2)
        accepted.append(model.fit(X, y).study_.accepted)
    assert accepted == [None] * 3


def noise(rows: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    return rows + rng.normal(size=rows.shape)


def test_texts_lists_and_frames_are_augmented_in_their_own_form() -> None:
    words = ["good film", "bad film", "good acting", "bad acting"] * 8
    model = make_pipeline(TfidfVectorizer(), MultinomialNB())
    option: dict[str, Any] = {"repeats": 1, "cv": 2, "copies": 1}
    of_texts = AugmentationSelector(model, operations=OF_TEXTS[2:3], **option).fit(words, ["yes", "no"] * 16)
    assert {one.candidate.operation.name for one in of_texts.study_.tried} == {"word swap"}
    assert of_texts.predict(["good"]).tolist() == ["yes"]
    frame = pl.DataFrame({"a": np.arange(20), "b": np.arange(20) / 7, "c": ["x"] * 20})
    form = changeable_rows(frame)
    part = form.part(frame)
    again = form.filled(frame, part + 0.2)
    assert again["a"].to_list() == frame["a"].to_list()
    assert again["c"].to_list() == frame["c"].to_list()
    np.testing.assert_allclose(again["b"], frame["b"] + 0.2)
    assert len(form.joined([frame, again])) == 40
    columns = AugmentationSelector(_of_frames(), operations=OF_TABLES[:1], **option).fit(frame, np.arange(20) % 2)
    assert {one.candidate.operation.name for one in columns.study_.tried} == {"Gaussian noise"}


def _of_frames() -> Any:
    from sklearn.compose import make_column_transformer

    return make_pipeline(make_column_transformer(("passthrough", ["a", "b"])), GaussianNB())


def test_rows_without_an_operation_are_learnt_as_they_are() -> None:
    frame = pl.DataFrame({"c": ["x", "y"] * 10})
    assert changeable_rows(frame) == "no column of X is numeric"
    one = make_pipeline(TfidfVectorizer(token_pattern=r"\w"), MultinomialNB())
    assert changeable_rows(np.array([["a"]])) == "X has no numbers, texts or images"
    nothing = AugmentationSelector(one, operations=[]).fit(["a", "b"] * 10, [0, 1] * 10)
    assert nothing.study_.words == "No augmentation: there is no operation for such rows."
    assert nothing.predict(["b"]).tolist() == [1]


def test_a_seed_decides() -> None:
    option: dict[str, Any] = {"operations": [SHIFT], "copies": 1, "repeats": 1}
    one, same = (AugmentationSelector(Flat(3), random_state=3, **option).fit(X, Y).study_ for _ in range(2))
    assert one.tested == same.tested


@pytest.mark.parametrize(
    ("option", "said"),
    [({"repeats": 0}, "repeats must be at least 1"), ({"copies": 0}, "copies"), ({"cv": "x"}, "be a number of folds")],
)
def test_bad_options_are_errors(option: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        AugmentationSelector(**option).fit(X[:, 0], Y)


def test_bad_data_are_errors() -> None:
    with pytest.raises(LabelsError, match="at least two classes"):
        AugmentationSelector().fit(X[:, 0], np.zeros(60))
    with pytest.raises(InputError, match="have predict_proba"):
        AugmentationSelector(RidgeClassifier()).fit(X[:, 0], Y)
    with pytest.raises(InputError, match="image_shape must have as many numbers"):
        AugmentationSelector(image_shape=(3, 3)).fit(X[:, 0], Y)
    with pytest.raises(InputError, match="be groups only"):
        AugmentationSelector().fit(X[:, 0], Y, sample_weight=np.ones(60))
