import runpy
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

TOOL = runpy.run_path(str(Path(__file__).resolve().parents[2] / "tools" / "pu_picture.py"))
Population, picture = TOOL["Population"], TOOL["picture"]


def overlap_factor(distance, prior):
    def weighed(x):
        positive, negative = prior * norm.pdf(x - distance), (1 - prior) * norm.pdf(x)
        return positive / (positive + negative) * norm.pdf(x - distance)

    return quad(weighed, distance - 12, distance + 12)[0]


@pytest.mark.parametrize("distance", [0.5, 2.0, 4.0])
@pytest.mark.parametrize("prior", [0.1, 0.4])
def test_the_factor_is_the_mean_of_f_over_the_positives(distance, prior):
    assert Population(distance, prior).overlap_factor == pytest.approx(overlap_factor(distance, prior), abs=1e-6)


def test_classes_that_do_not_differ_leave_the_share_of_positives():
    assert Population(0.0, prior=0.4).overlap_factor == pytest.approx(0.4)


def test_rows_drawn_from_the_population_have_that_mean_score():
    one, random = Population(2.0), np.random.default_rng(0)
    labelled_rows = random.normal(size=200_000) + one.distance  # what they look like does not depend on c
    e1 = (one.c * one.positive_probs(labelled_rows)).mean()
    assert e1 == pytest.approx(one.c * one.overlap_factor, abs=0.005)


def test_the_picture_says_what_it_shows():
    drawn = picture(Population(2.0))
    assert "e1 = 0.36" in drawn
    assert "c = 0.50" in drawn
    assert "<desc>" in drawn
