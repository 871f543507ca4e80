import numpy as np
import pytest

from dechaff.errors import InputError
from dechaff.methods.pu.class_prior import kernel_mean as module
from dechaff.methods.pu.class_prior.kernel_mean import kernel_mean


def two_clouds(*, n_labelled: int, n_unlabelled: int, alpha: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    positive = np.arange(n_labelled + n_unlabelled) < n_labelled + alpha * n_unlabelled
    features = random.normal(size=(len(positive), 3))
    features[positive, 0] += 5
    return features, np.arange(len(positive)) < n_labelled


@pytest.mark.parametrize("alpha", [0.2, 0.5])
def test_it_finds_the_share_of_a_cloud_of_its_own(alpha: float) -> None:
    # 150 labelled rows and alpha * 300 positives without a label.
    found = kernel_mean(*two_clouds(n_labelled=150, n_unlabelled=300, alpha=alpha))
    assert found == pytest.approx(150 / (150 + alpha * 300), abs=0.09)


def test_the_units_of_a_column_do_not_matter() -> None:
    features, labelled = two_clouds(n_labelled=50, n_unlabelled=100, alpha=0.4)
    assert kernel_mean(features * [1, 1000, 0.1], labelled) == pytest.approx(kernel_mean(features, labelled))


def test_where_there_are_many_rows_a_part_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 60)
    features, labelled = two_clouds(n_labelled=200, n_unlabelled=400, alpha=0.25)
    assert kernel_mean(features, labelled, seed=3) == kernel_mean(features, labelled, seed=3)
    assert kernel_mean(features, labelled) == pytest.approx(200 / 300, abs=0.2)


def test_features_that_say_nothing_make_every_row_positive() -> None:
    assert kernel_mean(np.zeros((100, 2)), np.arange(100) < 20) == pytest.approx(0.2)


def test_one_labelled_row_gives_a_chance() -> None:
    assert 0 < kernel_mean(np.arange(30.0)[:, None], np.arange(30) == 3) <= 1


def test_bad_rows_are_refused() -> None:
    with pytest.raises(InputError, match="same number of rows"):
        kernel_mean(np.zeros((3, 1)), np.array([True, False]))
    with pytest.raises(InputError, match="at least one column"):
        kernel_mean(np.zeros((2, 0)), np.array([True, False]))
