"""cleanlab's README and tutorials, shortened, with the import replaced, on small data: each runs to its end."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import dechaff.compat.cleanlab as cleanlab
from tests.methods.object_detection.made_boxes import made_boxes

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


def test_images_and_audio(probs: np.ndarray, tmp_path: Path) -> None:
    data = {"image": [f"{row}.png" for row in range(240)], "label": [("cat", "dog", "owl")[code] for code in Y]}
    with pytest.warns(UserWarning, match="image_key has no effect"):
        lab = cleanlab.Datalab(data=data, label_name="label", image_key="image", verbosity=0)
    twice = X.copy()
    twice[31] = twice[30]
    lab.find_issues(features=twice, pred_probs=probs)
    lab.report(num_examples=3, verbosity=2, include_description=True, show_all_issues=True)
    pairs = lab.get_issues("near_duplicate").query("is_near_duplicate_issue")
    assert {30, 31} <= set(pairs.index)
    assert 30 in pairs["near_duplicate_sets"][31]
    assert lab.get_issues("label")["given_label"][0] == data["label"][0]
    lab.save(str(tmp_path / "lab"), force=True)
    assert cleanlab.Datalab.load(str(tmp_path / "lab")).issues.equals(lab.issues)
    sounds = cleanlab.Datalab({"path": data["image"], "label": data["label"]}, label_name="label", verbosity=0)
    sounds.find_issues(pred_probs=probs, issue_types={"label": {}})
    ranked = cleanlab.filter.find_label_issues(Y, probs, return_indices_ranked_by="self_confidence")
    assert set(ranked) == set(np.flatnonzero(sounds.get_issues("label")["is_label_issue"]))


def test_in_depth_overview(probs: np.ndarray, capsys: pytest.CaptureFixture[str]) -> None:
    cl = cleanlab.classification.CleanLearning(LogisticRegression(), seed=0)
    cl.fit(X, Y)
    assert cl.score(X, TRUE) > 0.9
    assert cl.get_label_issues()["is_label_issue"][:16].mean() > 0.8
    cleanlab.internal.util.print_joint_matrix(
        cleanlab.count.estimate_joint(Y, probs, confident_joint=cl.confident_joint)
    )
    cleanlab.internal.util.print_noise_matrix(cl.noise_matrix)
    cleanlab.internal.util.print_inverse_noise_matrix(cl.inverse_noise_matrix)
    assert "trace" in capsys.readouterr().out
    summary = cleanlab.dataset.health_summary(Y, confident_joint=cl.confident_joint, class_names=["a", "b", "c"])
    assert set(summary) >= {"overall_label_health_score", "joint", "classes_by_label_quality", "overlapping_classes"}
    py, noise, inverse, counts = cleanlab.count.estimate_py_and_noise_matrices_from_probabilities(Y, probs)
    assert (py.shape, noise.shape, inverse.shape, counts.shape) == ((3,), (3, 3), (3, 3), (3, 3))
    made = cleanlab.benchmarking.noise_generation
    matrix = made.generate_noise_matrix_from_trace(K=3, trace=2.4, py=py, valid_noise_matrix=True, seed=0)
    noisy = made.generate_noisy_labels(TRUE, matrix)
    again = cleanlab.classification.CleanLearning(LogisticRegression(), seed=0)
    assert again.fit(X, noisy, noise_matrix=matrix).predict(X).shape == (240,)
    for filter_by in ("prune_by_noise_rate", "both", "confident_learning", "low_self_confidence"):
        assert cleanlab.filter.find_label_issues(Y, probs, filter_by=filter_by)[:16].any()
    assert cleanlab.rank.get_label_quality_ensemble_scores(Y, [probs, probs], verbose=False).shape == (240,)
    cl.save_space()


def test_faq(probs: np.ndarray) -> None:
    inspector = cleanlab.experimental.label_issues_batched.LabelInspector(num_class=3)
    batches = [slice(start, start + 100) for start in range(0, 240, 100)]
    for rows in batches:
        inspector.update_confident_thresholds(Y[rows], probs[rows])
    for rows in batches:
        inspector.score_label_quality(Y[rows], probs[rows])
    assert inspector.get_num_issues() == len(inspector.get_label_issues())
    cl = cleanlab.classification.CleanLearning(make_pipeline(StandardScaler(), LogisticRegression()), seed=0)
    cl.find_label_issues(X, Y)
    cl.fit(X, Y, label_issues=cl.get_label_issues())
    frame = pd.DataFrame(X, index=[f"r{row}" for row in range(240)]).assign(label=Y)
    lab = cleanlab.Datalab(frame, label_name="label", verbosity=0)
    options = {"clean_learning_kwargs": {"find_label_issues_kwargs": {"filter_by": "both"}}}
    lab.find_issues(pred_probs=probs, issue_types={"label": options})
    lab.find_issues(features=X, issue_types={"near_duplicate": {"threshold": 0.5}, "outlier": {"k": 5}})
    assert lab.issues.index[0] == "r0"
    assert cleanlab.internal.util.value_counts(Y).sum() == 240
    half = cleanlab.filter.find_label_issues(Y, probs, frac_noise=0.5, min_examples_per_class=5)
    assert 0 < half.sum() < cleanlab.filter.find_label_issues(Y, probs).sum()


def test_object_detection() -> None:
    made = made_boxes(5, 40)
    inputs = (made.labels, made.predictions)
    ranked = cleanlab.object_detection.filter.find_label_issues(*inputs, return_indices_ranked_by_score=True)
    scores = cleanlab.object_detection.rank.get_label_quality_scores(*inputs)
    assert set(cleanlab.object_detection.rank.issues_from_scores(scores, threshold=0.5)) <= set(range(40))
    assert made.wrong[ranked].mean() > 1.5 * made.wrong.mean()
    summary = cleanlab.object_detection.summary
    counts, _ = summary.object_counts_per_image(*inputs)
    assert len(counts) == 40
    assert summary.get_sorted_bbox_count_idxs(*inputs)[0][0][1] == max(counts)
    assert set(summary.bounding_box_size_distribution(*inputs)[0]) == set(summary.class_label_distribution(*inputs)[0])
    assert all(0 < one["average f1"] <= 1 for one in summary.calculate_per_class_metrics(*inputs).values())


def test_segmentation() -> None:
    labels = np.random.default_rng(1).integers(0, 2, size=(4, 16, 16))
    seen = np.stack([np.where(labels == code, 0.9, 0.1) for code in (0, 1)], axis=1)
    labels[2, 3:7, 3:7] = 1 - labels[2, 3:7, 3:7]
    doors = cleanlab.segmentation
    issues = doors.filter.find_label_issues(labels, seen, downsample=4, n_jobs=None, batch_size=100_000, verbose=False)
    assert issues[2, 3:7, 3:7].all()
    quality, pixels = doors.rank.get_label_quality_scores(labels, seen, verbose=False)
    assert quality.argmin() == 2
    np.testing.assert_array_equal(doors.rank.issues_from_scores(quality, pixels, threshold=0.5), issues)
    table = doors.summary.common_label_issues(issues, labels=labels, pred_probs=seen, class_names=["sky", "road"])
    assert table["num_pixel_issues"].sum() == 16
    assert doors.summary.filter_by_class(0, issues, labels=labels, pred_probs=seen).sum() > 0
