import numpy as np
import pytest

from dechaff.methods.cells.image_faults import FAULTS, image_faults

USUAL = [640.0, 480.0, 0.1, 0.9, 0.05, 7.0]


def names(*odd: list[float], usual: int = 20) -> list[str]:
    kind, score = image_faults(np.array([*[USUAL] * usual, *odd]))
    assert (kind[:usual] == -1).all()
    assert ((score > 0) == (kind >= 0)).all()
    return [FAULTS[one].name if one >= 0 else "" for one in kind[usual:]]


@pytest.mark.parametrize(
    ("at", "value", "fault"),
    [
        (0, 160.0, "of odd shape"),
        (2, 0.96, "too bright"),
        (3, 0.31, "too dark"),
        (4, 0.004, "blurred"),
        (5, 2.9, "almost empty"),
    ],
)
def test_an_image_beyond_a_bound_is_found_by_what_is_wrong(at: int, value: float, fault: str) -> None:
    odd = [*USUAL[:at], value, *USUAL[at + 1 :]]
    assert names(odd) == [fault]


def test_images_three_times_smaller_or_larger_than_the_others_have_an_odd_size() -> None:
    small, large, within = [210.0, 158.0], [1930.0, 1450.0], [320.0, 240.0]
    assert names(*([*size, *USUAL[2:]] for size in (small, large, within))) == ["of odd size", "of odd size", ""]


def test_the_worst_of_several_faults_is_named() -> None:
    assert names([160.0, 480.0, 0.0, 0.1, 0.001, 1.0]) == ["too dark"]


def test_what_most_images_have_in_common_is_no_fault() -> None:
    dark = [640.0, 480.0, 0.0, 0.1, 0.05, 7.0]
    kind, _ = image_faults(np.array([dark] * 11 + [USUAL] * 9))
    assert (kind == -1).all()


def test_unreadable_images_and_no_images_have_no_fault() -> None:
    assert names([np.nan] * 6) == [""]
    assert image_faults(np.full((3, 6), np.nan))[0].tolist() == [-1] * 3
    assert image_faults(np.zeros((0, 6)))[0].tolist() == []
