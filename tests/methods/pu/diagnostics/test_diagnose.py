from dataclasses import replace

import numpy as np
import pytest

from dechaff.errors import InputError
from dechaff.methods.pu.diagnostics.diagnose import DiagnosisInputs, diagnose
from tests.methods.pu.population import two_gaussians, with_pure_region

NAMES = [
    "few positives",
    "model learns nothing",
    "model uncalibrated",
    "model misses structure",
    "classes overlap",
    "prior not identifiable",
    "prior uncertain",
    "nearly all labelled",
    "errors among positives",
    "selection not at random",
]


def evidence() -> DiagnosisInputs:
    people = with_pure_region(pure=0.9, prior=0.4, c=0.4, n=3000)
    features = np.column_stack([people.x, np.random.default_rng(1).normal(size=3000)])
    return DiagnosisInputs(people.label_probs, people.labelled, features=features, reference_probs=people.label_probs)


def test_nothing_is_wrong_with_good_rows_and_all_is_checked() -> None:
    found = diagnose(evidence())
    assert [one.name for one in found] == NAMES
    assert [one.name for one in found if one.wrong] == []
    assert all(one.checked for one in found)


def test_what_is_not_at_hand_is_said_to_be_not_checked() -> None:
    found = diagnose(replace(evidence(), features=None, reference_probs=None))
    assert [one.name for one in found] == NAMES
    assert [one.name for one in found if not one.checked] == ["model misses structure", "selection not at random"]


def test_what_is_wrong_says_what_to_do() -> None:
    people = two_gaussians(distance=1, prior=0.4, c=0.2, n=600)
    found = diagnose(DiagnosisInputs(people.label_probs, people.labelled, reweighting="class_weight='balanced'"))
    wrong = [one for one in found if one.wrong]
    assert {"few positives", "model uncalibrated", "prior not identifiable"} <= {one.name for one in wrong}
    assert all(one.do.endswith(".") for one in wrong)
    assert not any(one.do for one in found if not one.wrong)


@pytest.mark.slow
def test_rows_without_score_or_weight_are_left_out_everywhere() -> None:
    full = evidence()
    kept = np.arange(len(full.labelled)) % 5 > 1
    only = DiagnosisInputs(full.label_probs[kept], full.labelled[kept], None, full.features[kept])
    only = replace(only, reference_probs=full.reference_probs[kept])
    weights = np.where(np.arange(len(kept)) % 5 == 0, 0.0, 1.0)
    blank = np.where(np.arange(len(kept)) % 5 == 1, np.nan, full.label_probs)
    assert diagnose(replace(full, label_probs=blank, weights=weights)) == diagnose(only)


def test_lengths_must_agree() -> None:
    with pytest.raises(InputError, match="features"):
        diagnose(DiagnosisInputs(np.array([0.1, 0.2]), np.array([True, False]), features=np.zeros((3, 1))))
