"""The claim on real out-of-fold probabilities: benchmarks/label_errors_cifar10.py prints the same figures."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from dechaff.methods.label_errors.label_error_estimates import LabelErrorEstimates, estimate_label_errors
from tests.methods.label_errors.made import f1
from tests.shared_data import shared

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

pytestmark = pytest.mark.shared_data
NOISY = ["noise0.2_sparsity0.0", "noise0.4_sparsity0.0", "noise0.2_sparsity0.4", "noise0.4_sparsity0.4"]
NETS = ["worst_resnet18", "worst_swin", "aggre_resnet18", "aggre_swin"]


def loaded(name: str, key: str, labels: str, true: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Given labels, probabilities, true labels."""
    folder = shared(name)
    columns = np.load(folder / ("labels.npz" if name == "cifar10n" else "noisy_labels.npz"))
    probs = np.load(folder / "pred_probs_cv.npz")[key].astype(float)
    return columns[labels].astype(int), probs / probs.sum(axis=1, keepdims=True), columns[true].astype(int)


def of_the_paper(setting: str) -> tuple[LabelErrorEstimates, np.ndarray]:
    labels, probs, true = loaded("cifar10_synth", setting, setting, "true")
    return estimate_label_errors(labels, probs), labels != true


def test_the_flagged_set_reaches_its_f1_on_the_noise_of_the_paper() -> None:
    found = [of_the_paper(setting) for setting in NOISY]
    assert np.mean([f1(one.flag, wrong) for one, wrong in found]) > 0.88
    assert np.mean([average_precision_score(wrong, one.score) for one, wrong in found]) > 0.92
    for one, wrong in found:
        assert one.kind == "class-conditional"
        assert one.n_errors == pytest.approx(wrong.sum(), rel=0.12)


@pytest.mark.parametrize("net", NETS)
def test_human_noise_is_flagged_and_ranked_as_well_as_by_cleanlab(net: str) -> None:
    given = {"worst": "worse", "aggre": "aggre"}[net.partition("_")[0]]
    labels, probs, true = loaded("cifar10n", net, given, "clean")
    found, wrong = estimate_label_errors(labels, probs), labels != true
    assert found.kind == "instance-dependent"
    assert f1(found.flag, wrong) > f1(find_label_issues(labels, probs, n_jobs=1), wrong)
    for method in ["self_confidence", "normalized_margin", "confidence_weighted_entropy"]:
        theirs = average_precision_score(wrong, -get_label_quality_scores(labels, probs, method=method))
        assert average_precision_score(wrong, found.score) > theirs - 0.01


def test_clean_labels_get_fewer_flags_than_by_cleanlab() -> None:
    labels, probs, _ = loaded("cifar10_synth", "noise0.0_sparsity0.0", "noise0.0_sparsity0.0", "true")
    found, theirs = estimate_label_errors(labels, probs), find_label_issues(labels, probs, n_jobs=1)
    assert found.flag.mean() < 0.06 < theirs.mean()
    assert found.kind_sure < 0.5
