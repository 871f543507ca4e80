"""cleanlab's README and tutorials, shortened, with the import replaced, on small data: each runs to its end."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neighbors import NearestNeighbors

import dechaff.compat.cleanlab as cleanlab

RNG = np.random.default_rng(0)
TRUE = RNG.integers(0, 3, 240)
X = RNG.normal(size=(240, 4)) + 4 * np.eye(4)[TRUE]
Y = np.where(np.arange(240) < 16, (TRUE + 1) % 3, TRUE)


@pytest.fixture(scope="module")
def probs() -> np.ndarray:
    return np.asarray(cross_val_predict(LogisticRegression(), X, Y, method="predict_proba"))


def test_readme_and_dataset_health(probs: np.ndarray) -> None:
    cl = cleanlab.classification.CleanLearning(LogisticRegression(), seed=0)
    issues = cl.find_label_issues(X, Y)
    cl.fit(X, Y, label_issues=issues)
    assert cl.predict(X).shape == (240,)
    assert issues["is_label_issue"][:16].mean() > 0.8
    assert cleanlab.dataset.health_summary(Y, probs, class_names=["a", "b", "c"])["overall_label_health_score"] > 0.8
    assert cleanlab.dataset.find_overlapping_classes(confident_joint=cl.confident_joint).shape == (3, 4)


def test_datalab_of_tables_with_a_graph_of_k_neighbours(probs: np.ndarray) -> None:
    graph = NearestNeighbors(n_neighbors=5).fit(X).kneighbors_graph(mode="distance")
    lab = cleanlab.Datalab(data={"X": X, "y": Y}, label_name="y", verbosity=0)
    lab.find_issues(pred_probs=probs, knn_graph=graph)
    lab.report()
    issues = lab.get_issues("label")
    worst = issues.query("is_label_issue").sort_values("label_score").index[:10]
    assert (worst < 16).mean() > 0.8
    assert lab.get_issue_summary()["issue_type"].tolist()[0] == "label"


def test_workflows_by_group_and_features_alone(probs: np.ndarray) -> None:
    lab = cleanlab.Datalab(data=pd.DataFrame({"y": Y}), label_name="y", verbosity=0)
    lab.find_issues(pred_probs=probs, issue_types={"underperforming_group": {"cluster_ids": TRUE}})
    lab.find_issues(features=X, issue_types={"outlier": {}, "near_duplicate": {}, "non_iid": {}, "data_valuation": {}})
    assert len(lab.get_issue_summary()) == 5


def test_outliers_and_multiannotator(probs: np.ndarray) -> None:
    ood = cleanlab.outlier.OutOfDistribution()
    assert ood.fit_score(features=X[:200]).shape == (200,)
    assert ood.score(features=X[200:] + 30).max() < 0.2
    answers = pd.DataFrame({f"a{one}": np.where(RNG.random(240) < 0.5, TRUE, np.nan) for one in range(5)}).fillna(0)
    consensus = cleanlab.multiannotator.get_majority_vote_label(answers)
    found = cleanlab.multiannotator.get_label_quality_multiannotator(answers, probs, verbose=False)
    assert len(consensus) == len(found["label_quality"]) == 240


def test_multilabel() -> None:
    labels = [[int(code)] if code else [0, 2] for code in TRUE]
    labels[0] = [1] if TRUE[0] != 1 else [0]
    onehot = cleanlab.internal.multilabel_utils.int2onehot(labels, K=3)
    stacked = cross_val_predict(MultiOutputClassifier(LogisticRegression()), X, onehot, method="predict_proba")
    chances = np.stack([one[:, 1] for one in stacked], axis=1)
    lab = cleanlab.Datalab(data={"labels": labels}, label_name="labels", task="multilabel", verbosity=0)
    lab.find_issues(pred_probs=chances, issue_types={"label": {}})
    lab.report()
    assert lab.get_issues("label")["is_label_issue"][0]
    summary = cleanlab.multilabel_classification.dataset.common_multilabel_issues(labels, chances)
    assert summary["Num Examples"].sum() >= 1


def test_regression() -> None:
    y = X.sum(axis=1)
    y[:10] += 25
    cl = cleanlab.regression.learn.CleanLearning(HistGradientBoostingRegressor(max_iter=30), seed=0)
    issues = cl.find_label_issues(X, y)
    assert issues["is_label_issue"][:10].all()
    cl.fit(X, y, label_issues=issues)
    assert abs(cl.predict(X)[10:] - y[10:]).mean() < 3
    lab = cleanlab.Datalab(data={"X": X, "y": y}, label_name="y", task="regression", verbosity=0)
    lab.find_issues(pred_probs=issues["predicted_label"], features=X)
    assert lab.get_issues("label")["is_label_issue"][:10].any()


def test_tokens(capsys: pytest.CaptureFixture[str]) -> None:
    labels = [[0, 1, 0], [1, 0], [0, 0, 0, 1]] * 20
    words = [["In", "May", "."], ["Rome", "fell"], ["It", "is", "in", "Bonn"]] * 20
    seen = [np.where(np.eye(2)[sentence] > 0, 0.9, 0.1) for sentence in labels]
    labels[1] = [0, 0]
    issues = cleanlab.token_classification.filter.find_label_issues(labels, seen)
    assert issues == [(1, 0)]
    summary = cleanlab.token_classification.summary
    summary.display_issues(issues, words, labels=labels, pred_probs=seen, class_names=["O", "LOC"])
    table = summary.common_label_issues(issues, words, labels=labels, pred_probs=seen, class_names=["O", "LOC"])
    assert table["token"].tolist() == ["Rome"]
    assert summary.filter_by_token("rome", issues, words) == issues
    sentences, tokens = cleanlab.token_classification.rank.get_label_quality_scores(labels, seen, tokens=words)
    assert sentences.argmin() == 1
    assert cleanlab.token_classification.rank.issues_from_scores(sentences, token_scores=tokens, threshold=0.2)
    assert "Rome" in capsys.readouterr().out
