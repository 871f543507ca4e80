"""Kinds of issues that ask for near rows or groups of rows, by the formulas of cleanlab's ``Datalab``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cleanlab.data_valuation import data_shapley_knn
from cleanlab.outlier import OutOfDistribution
from sklearn.cluster import DBSCAN
from sklearn.neighbors import NearestNeighbors

from dechaff.compat.cleanlab.datalab.datalab import Datalab
from dechaff.errors import InputError
from tests.compat.cleanlab.datalab.test_datalab import rows
from tests.compat.cleanlab.rows import quietly

FEATURES, LABELS, PROBS = rows()
FAR = np.where(np.arange(300)[:, None] == 5, -20.0, FEATURES)


def graph(features: np.ndarray, k: int = 10) -> Any:
    return NearestNeighbors(n_neighbors=k, metric="cosine").fit(features).kneighbors_graph(mode="distance")


def issues(name: str, options: dict[str, Any] | None = None, **inputs: Any) -> tuple[Datalab, np.ndarray, np.ndarray]:
    lab = Datalab({"y": LABELS}, label_name="y", verbosity=0)
    lab.find_issues(**inputs, issue_types={name: options or {}})
    found = lab.get_issues(name)
    return lab, found[f"is_{name}_issue"].to_numpy(), found[f"{name}_score"].to_numpy()


@pytest.mark.parametrize("by_graph", [False, True])
def test_outliers_are_those_beyond_a_quartile_of_the_distance(by_graph: bool) -> None:
    lab, flag, score = issues("outlier", **({"knn_graph": graph(FAR)} if by_graph else {"features": FAR}))
    np.testing.assert_allclose(score, quietly(OutOfDistribution().fit_score, features=FAR, verbose=False), atol=1e-9)
    distance = graph(FAR).data.reshape(300, 10).mean(axis=1)
    lower, upper = np.quantile(distance, [0.25, 0.75])
    np.testing.assert_array_equal(flag, distance > upper + (1 / 0.37037 - 1) * (upper - lower))
    assert flag[5]
    assert lab.get_issue_summary("outlier")["score"][0] == pytest.approx(score.mean())


def test_without_features_outliers_are_rows_of_which_the_model_knows_nothing() -> None:
    probs = np.where(np.arange(300)[:, None] == 5, 1 / 3, PROBS)
    _, flag, score = issues("outlier", pred_probs=probs)
    theirs = quietly(OutOfDistribution().fit_score, pred_probs=probs, labels=LABELS, verbose=False)
    np.testing.assert_allclose(score, theirs, atol=1e-9)
    np.testing.assert_array_equal(flag, score < 0.13 * np.median(score))
    lab = Datalab({"x": LABELS}, verbosity=0)
    lab.find_issues(pred_probs=probs)
    assert lab.issues["outlier_score"].idxmin() == 5


def test_options_reach_outliers() -> None:
    _, _, score = issues("outlier", {"k": 3, "t": 2}, features=FAR)
    theirs = OutOfDistribution({"k": 3, "t": 2})
    np.testing.assert_allclose(score, quietly(theirs.fit_score, features=FAR, verbose=False), atol=1e-9)
    _, few, _ = issues("outlier", {"threshold": 0.01}, features=FAR)
    assert not few.any()
    _, _, score = issues("outlier", {"method": "least_confidence", "adjust_pred_probs": False}, pred_probs=PROBS)
    np.testing.assert_allclose(score, PROBS.max(axis=1))


def test_a_row_with_gaps_is_compared_with_nothing() -> None:
    _, flag, score = issues("outlier", features=np.where(np.arange(300)[:, None] == 7, np.nan, FAR))
    assert np.flatnonzero(np.isnan(score)).tolist() == [7]
    assert not flag[7]
    assert flag[5]


def test_a_single_row_fits_in() -> None:
    lab = Datalab({"x": [1]}, verbosity=0)
    lab.find_issues(features=np.ones((1, 2)), issue_types={"outlier": {}})
    assert lab.issues["outlier_score"].tolist() == [1.0]


@pytest.mark.parametrize("by_graph", [False, True])
def test_rows_of_little_worth_are_cleanlabs(by_graph: bool) -> None:
    inputs = {"knn_graph": graph(FEATURES)} if by_graph else {"features": FEATURES}
    lab, flag, score = issues("data_valuation", **inputs)
    np.testing.assert_allclose(score, quietly(data_shapley_knn, LABELS, features=FEATURES))
    np.testing.assert_array_equal(flag, score < 0.5)
    assert lab.get_info("data_valuation")["num_low_valuation_issues"] == flag.sum()


def test_the_group_in_which_the_model_does_worst_is_an_issue_where_it_is_far_below_all() -> None:
    groups = np.where(np.arange(300) < 250, np.arange(300) % 3, -1)
    groups[:4] = 9  # too few to count
    probs = PROBS.copy()
    probs[groups == 1] = 0.999 * np.eye(3)[(LABELS[groups == 1] + 1) % 3] + 0.001 / 3
    lab, flag, score = issues("underperforming_group", {"cluster_ids": groups}, pred_probs=probs, features=FEATURES)
    np.testing.assert_array_equal(flag, groups == 1)
    own = probs[np.arange(300), LABELS]
    ratio = own[groups == 1].mean() / own[(groups >= 0) & (groups < 9)].mean()
    assert set(score.round(9)) == {1.0, round(ratio, 9)}
    assert lab.get_issue_summary("underperforming_group")["score"][0] == pytest.approx(ratio)
    _, few, same = issues("underperforming_group", {"cluster_ids": groups, "threshold": 0.0001}, pred_probs=probs,
                          features=FEATURES)  # fmt: skip
    assert not few.any()
    np.testing.assert_array_equal(same, score)


def test_groups_are_dense_parts_of_the_graph_of_near_rows() -> None:
    lab, _, _ = issues("underperforming_group", pred_probs=PROBS, features=FEATURES)
    expected = DBSCAN(metric="precomputed").fit_predict(graph(FEATURES))
    np.testing.assert_array_equal(lab.get_info("underperforming_group")["cluster_ids"], expected)
    _, flag, score = issues("underperforming_group", {"cluster_ids": np.arange(300)}, pred_probs=PROBS,
                            features=FEATURES)  # fmt: skip
    assert not flag.any()
    assert (score == 1).all()
    with pytest.raises(InputError, match="300 rows in labels, 9 rows in cluster_ids"):
        issues("underperforming_group", {"cluster_ids": np.arange(9)}, pred_probs=PROBS, features=FEATURES)


def test_a_drift_is_an_issue_of_the_row_that_shows_it_most() -> None:
    drifting = FEATURES + np.linspace(0, 40, 300)[:, None] * np.array([1, -1, 0, 0, 0, 0])
    lab, flag, score = issues("non_iid", features=drifting)
    assert lab.get_issue_summary("non_iid")["score"][0] == lab.get_info("non_iid")["p-value"] == 0.01
    assert np.flatnonzero(flag).tolist() == [score.argmin()]
    mixed = np.random.default_rng(0).permutation(300)
    for inputs in ({"features": drifting[mixed]}, {"knn_graph": graph(drifting[mixed])}, {"pred_probs": PROBS[mixed]}):
        lab, flag, _ = issues("non_iid", **inputs)
        assert lab.get_issue_summary("non_iid")["score"][0] > 0.05
        assert not flag.any()
    _, _, score = issues("non_iid", features=np.where(np.arange(300)[:, None] == 7, np.nan, drifting))
    assert np.flatnonzero(np.isnan(score)).tolist() == [7]


@pytest.mark.parametrize("columns", [1, 2, 4])
def test_rows_that_are_equally_near_show_no_order_where_there_is_none(columns: int) -> None:
    found = []
    for seed in range(20):
        lab = Datalab({"y": LABELS}, verbosity=0)
        lab.find_issues(
            features=np.random.default_rng(seed).integers(0, 2, (300, columns)), issue_types={"non_iid": {}}
        )
        found.append(lab.get_issue_summary("non_iid")["score"][0])
    assert np.mean(np.array(found) <= 0.2) <= 0.4


@pytest.mark.parametrize("name", ["outlier", "non_iid", "underperforming_group"])
def test_no_neighbour_at_all_is_no_number_of_neighbours(name: str) -> None:
    with pytest.raises(InputError, match="k must be at least 1; found 0"):
        issues(name, {"k": 0}, features=FAR, pred_probs=PROBS)


def test_a_single_row_has_no_order_and_no_neighbour() -> None:
    lab = Datalab({"y": LABELS[:1]}, verbosity=0)
    lab.find_issues(features=FEATURES[:1])
    assert lab.issue_summary.set_index("issue_type")["num_issues"][["outlier", "non_iid"]].tolist() == [0, 0]


def test_a_threshold_of_outliers_is_a_share() -> None:
    for wrong in (0, -1, 2):
        with pytest.raises(InputError, match=f"threshold must be above 0 and at most 1; found {wrong}"):
            issues("outlier", {"threshold": wrong}, features=FAR)


def test_a_column_that_numbers_the_rows_is_named() -> None:
    count = np.random.default_rng(0).permutation(300) + 1000.0
    lab, flag, score = issues("identifier_column", features=np.column_stack([FEATURES[:, 0], count, np.ones(300)]))
    assert lab.get_info("identifier_column")["identifier_columns"] == [1]
    assert lab.get_issue_summary("identifier_column")["score"][0] == 0
    assert not flag.any()
    assert (score == 1).all()
    lab, _, _ = issues("identifier_column", features=np.column_stack([FEATURES[:, 0], count / 2, count * np.nan]))
    assert lab.get_issue_summary("identifier_column")["score"][0] == 1


@pytest.mark.parametrize("columns", [1, 2, 3, 4, 8, 31, 32])
def test_a_row_that_is_nearly_another_is_found_in_any_number_of_columns(columns: int) -> None:
    false = 0
    for seed in range(5):
        features = np.random.default_rng(seed).normal(size=(200, columns))
        features[1] = features[0] + 1e-9 * np.random.default_rng(seed).normal(size=columns)
        _, flag, score = near_duplicates(features)
        assert flag[:2].all()
        assert (score[:2] < 1e-5).all()
        false += int(flag[2:].sum())
    assert false <= 2  # chance alone; cleanlab's threshold flags 2 to 22 of the 198 others


def near_duplicates(features: np.ndarray, **options: Any) -> tuple[Datalab, np.ndarray, np.ndarray]:
    lab = Datalab({"x": features[:, 0]}, verbosity=0)
    lab.find_issues(features=features, issue_types={"near_duplicate": options})
    found = lab.get_issues("near_duplicate")
    return lab, found["is_near_duplicate_issue"].to_numpy(), found["near_duplicate_score"].to_numpy()


def test_with_a_threshold_near_duplicates_are_cleanlabs() -> None:
    lab, flag, score = near_duplicates(FEATURES, threshold=0.5)
    nearest = graph(FEATURES).data.reshape(300, -1)[:, 0]
    assert flag[nearest < 0.5 * np.median(nearest)].all()
    np.testing.assert_allclose(score, 1 - np.exp(-nearest / np.median(nearest)), atol=1e-6)
    info = lab.get_info("near_duplicate")
    assert (info["threshold"], info["k"]) == (0.5, 10)
    _, flag, _ = near_duplicates(FEATURES, threshold=0.5, k=3, metric="manhattan")
    assert flag.any()


def test_a_graph_of_few_neighbours_does_for_all_kinds_and_is_kept() -> None:
    few = NearestNeighbors(n_neighbors=5, metric="cosine").fit(FEATURES).kneighbors_graph(mode="distance")
    lab = Datalab({"y": LABELS}, label_name="y", verbosity=0)
    lab.find_issues(knn_graph=few)
    assert {"outlier", "near_duplicate", "non_iid"} <= set(lab.issue_summary["issue_type"])
    assert lab.get_info("outlier")["k"] == 5
    lab.find_issues(issue_types={"data_valuation": {}})
    with pytest.raises(InputError, match="contain k=9 neighbours"):
        lab.find_issues(issue_types={"outlier": {"k": 9}})
    other = Datalab({"y": LABELS}, label_name="y", verbosity=0)
    other.find_issues(features=FEATURES, issue_types={"outlier": {}})
    other.find_issues(issue_types={"near_duplicate": {}})
    assert other.issue_summary["issue_type"].tolist() == ["outlier", "near_duplicate"]


def test_groups_that_are_passed_need_neither_features_nor_a_graph() -> None:
    groups = np.arange(300) % 3
    _, _, score = issues("underperforming_group", {"cluster_ids": groups}, pred_probs=PROBS)
    _, _, same = issues("underperforming_group", {"cluster_ids": groups}, pred_probs=PROBS, features=FEATURES)
    np.testing.assert_array_equal(score, same)
    with pytest.raises(InputError, match="needs; found no features or knn_graph"):
        issues("underperforming_group", pred_probs=PROBS)


def test_options_of_cleanlabs_reach_the_checks() -> None:
    _, _, score = issues("outlier", {"scaling_factor": 1.0}, features=FAR)
    mean = graph(FAR).data.reshape(300, 10).mean(axis=1)
    np.testing.assert_allclose(score, np.exp(-mean), atol=1e-9)
    for name in ("outlier", "data_valuation"):
        issues(name, {"metric": "manhattan"}, features=FAR)
        with pytest.raises(InputError, match="metric must be one of cosine, euclidean"):
            issues(name, {"metric": "crow"}, features=FAR)
    issues("non_iid", {"num_permutations": 9}, features=FEATURES)
    options = {"min_cluster_samples": 400, "clustering_kwargs": {"eps": 0.9}}
    lab, _, score = issues("underperforming_group", options, pred_probs=PROBS, features=FEATURES)
    assert lab.get_info("underperforming_group")["n_clusters"] == 0
    assert (score == 1).all()
