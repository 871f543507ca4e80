"""``Datalab`` of numbers, and of rows with several labels: issues as cleanlab's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dechaff.compat.cleanlab import Datalab, IssueManager
from dechaff.compat.cleanlab.datalab.internal.issue_manager_factory import register
from dechaff.errors import InputError
from tests.compat.cleanlab.multilabel_classification.test_multilabel import made
from tests.compat.cleanlab.rows import quietly, theirs


def lab_of(labels: Any, task: str) -> Datalab:
    return Datalab({"y": labels}, label_name="y", task=task, verbosity=0)


def test_numbers_are_judged_by_their_predictions_as_in_cleanlab() -> None:
    rng = np.random.default_rng(0)
    predictions = rng.normal(size=300)
    labels = predictions + 0.1 * rng.normal(size=300)
    labels[:9] += 5
    lab = lab_of(labels, "regression")
    lab.find_issues(pred_probs=predictions, issue_types={"label": {}})
    quality = quietly(theirs.regression.rank.get_label_quality_scores, labels, predictions)
    np.testing.assert_allclose(lab.issues["label_score"], quality, atol=1e-12)
    np.testing.assert_array_equal(lab.issues["is_label_issue"], quality < 0.05 * np.median(quality))
    assert lab.issues["is_label_issue"][:9].all()
    assert lab.get_issues("label").columns.tolist()[2:] == ["given_label", "predicted_label"]


def test_numbers_are_judged_by_features_and_other_checks_run() -> None:
    rng = np.random.default_rng(1)
    features = rng.normal(size=(300, 3))
    labels = features.sum(axis=1)
    labels[:9] += 8
    lab = lab_of(labels, "regression")
    lab.find_issues(features=features)
    assert lab.issues["is_label_issue"][:9].all()
    assert set(lab.issue_summary["issue_type"]) == {"label", "null", "outlier", "near_duplicate", "non_iid"}


def test_rows_of_several_labels_are_judged_as_in_cleanlab(tmp_path: Path) -> None:
    labels, probs = made(0)
    lab = lab_of(labels, "multilabel")
    lab.find_issues(pred_probs=probs, features=np.random.default_rng(0).normal(size=(len(labels), 4)))
    found = quietly(theirs.multilabel_classification.filter.find_label_issues, labels, probs)
    np.testing.assert_array_equal(lab.issues["is_label_issue"], found)
    assert lab.get_issues("label")["given_label"].tolist() == labels
    assert lab.get_info("statistics")["multi_label"] is True
    lab.report()
    lab.save(tmp_path / "lab")
    again = Datalab.load(tmp_path / "lab", {"y": labels})
    assert again.issue_summary.equals(lab.issue_summary)
    assert again.labels == labels
    with pytest.raises(InputError, match="labels that were saved"):
        Datalab.load(tmp_path / "lab", {"y": [[0]] * len(labels)})


def test_kinds_of_other_tasks_are_refused_and_users_kinds_belong_to_theirs() -> None:
    lab = lab_of([0.5, 1.5, 2.5], "regression")
    with pytest.raises(InputError, match="class_imbalance"):
        lab.find_issues(issue_types={"class_imbalance": {}})
    with pytest.raises(InputError, match="task"):
        lab_of([0, 1], "ranking")

    class Large(IssueManager):
        issue_name = "large_number"

        def find_issues(self, **_: Any) -> None:
            import pandas as pd

            large = self.datalab.labels > 2
            self.issues = pd.DataFrame({"is_large_number_issue": large, self.issue_score_key: 1.0 - large})
            self.summary = self.make_summary(score=1 - large.mean())

    register(Large, task="regression")
    lab.find_issues(issue_types={"large_number": {}})
    assert lab.issues["is_large_number_issue"].tolist() == [False, False, True]
    assert "large_number" not in lab_of([0, 1], "classification").list_possible_issue_types()
