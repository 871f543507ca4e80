"""The public functions give the same answer wherever their work is done."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import dechaff
from dechaff.errors import InputError
from tests.clusters import CLUSTERS

pytestmark = pytest.mark.usefixtures("small_parts")


def rows(n: int = 300) -> dict[str, Any]:
    random = np.random.default_rng(0)
    x = random.normal(size=n)
    label = np.where((x > 0) ^ (random.random(n) < 0.05), "high", "low")
    return {"x": x, "kind": random.choice(["a", "b"], n), "label": label}


def files_of(folder: Path) -> dict[str, bytes]:
    """The content of a folder, less the summary, which tells the paths of the files."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "summary.json"}


def written_rows(folder: Path, n: int = 6_400) -> Path:
    """Probabilities of four classes in 64 row groups, with names for the rows."""
    random = np.random.default_rng(0)
    true = random.integers(0, 4, n)
    logits = random.normal(size=(n, 4)) + 3 * np.eye(4)[true]
    probs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.where(random.random(n) < 0.2, random.integers(0, 4, n), true)
    names = np.array(list("abcd"))
    frame = pl.DataFrame({name: probs[:, place] for place, name in enumerate(names)} | {"label": names[labels]})
    (folder / "probs").mkdir()
    frame.write_parquet(folder / "probs" / "rows.parquet", row_group_size=100)
    return folder / "probs"


@pytest.fixture(params=CLUSTERS)
def place(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Where to run: the backend, and the address of the cluster of this session."""
    cluster = request.getfixturevalue(f"{request.param}_cluster")
    return {"backend": request.param, "address": cluster.client if request.param == "dask" else None}


@pytest.fixture
def workers(place: dict[str, Any], request: pytest.FixtureRequest) -> list[int]:
    """The processes that work."""
    cluster = request.getfixturevalue(f"{place['backend']}_cluster")
    return sorted(set(cluster.results([cluster.submit(_process) for _ in range(8)])))


def _process() -> int:
    return os.getpid()


def test_an_audit_writes_the_same_bytes_on_a_cluster(place: dict[str, Any]) -> None:
    here = dechaff.audit(rows(), label="label")
    there = dechaff.audit(rows(), label="label", **place)
    for file in ("findings.parquet", "scores.parquet", "probs.npz", "metrics.json"):
        assert (here.folder / file).read_bytes() == (there.folder / file).read_bytes()


@pytest.mark.parametrize("function", [dechaff.audit, dechaff.pu, dechaff.run_recipe])
def test_a_backend_that_is_none_is_refused_before_anything_is_read(function: Any) -> None:
    with pytest.raises(InputError, match="backend must be one of local, dask, ray"):
        function("no such file.csv", label="label", backend="spark")


def test_a_proof_refuses_it_too() -> None:
    with pytest.raises(InputError, match="backend must be one of local, dask, ray"):
        dechaff.prove("before.csv", "after.csv", "test.csv", label="label", backend="spark")


def test_streamed_scores_are_the_same_bytes_on_a_cluster(
    place: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probs = written_rows(tmp_path)
    monkeypatch.chdir(tmp_path)
    dechaff.labels.stream_label_errors("label", probs.name, out="here")
    dechaff.labels.stream_label_errors("label", probs.name, out="there", **place)
    assert files_of(tmp_path / "there") == files_of(tmp_path / "here")


@pytest.mark.parametrize("step", ["Reading the noise", "Scoring the rows", "Writing the scores"])
def test_scores_are_the_same_bytes_though_a_worker_is_killed_half_way(
    step: str, place: dict[str, Any], workers: list[int], tmp_path: Path
) -> None:
    killed: list[int] = []

    def kill_once(now: str, done: int, total: int) -> None:
        if now == step and 0 < done < total and not killed:
            killed.append(workers[0])
            os.kill(workers[0], signal.SIGKILL)

    probs = written_rows(tmp_path)
    here = dechaff.labels.stream_label_errors("label", probs, out=tmp_path / "here")
    there = dechaff.labels.stream_label_errors("label", probs, out=tmp_path / "there", progress=kill_once, **place)
    assert killed
    assert files_of(there.folder) == files_of(here.folder)


def test_an_estimator_learns_the_same_where_joblib_works_on_a_cluster(
    place: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    from sklearn.linear_model import LogisticRegression

    random = np.random.default_rng(0)
    X = random.normal(size=(200, 2))
    y = (X[:, 0] > 0) ^ (random.random(200) < 0.1)
    here = dechaff.CleanClassifier(LogisticRegression()).fit(X, y)
    with request.getfixturevalue(f"{place['backend']}_cluster").joblib():
        there = dechaff.CleanClassifier(LogisticRegression()).fit(X, y)
    np.testing.assert_array_equal(there.predict_proba(X), here.predict_proba(X))
