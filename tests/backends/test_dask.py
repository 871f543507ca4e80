from __future__ import annotations

import importlib.util
import time
from typing import Any

import numpy as np
import pytest

from dechaff.backends import dask
from dechaff.core.codes import ClassCounts
from dechaff.core.source import ArraySource
from dechaff.errors import InputError, MissingExtraError, RunError
from dechaff.methods.label_errors.confident_joint import ConfidentJoint
from tests.clusters import of_squares

SOURCE = ArraySource({"labels": np.array([0, 1, 1])}, chunk_rows=1)
installed = importlib.util.find_spec("distributed") is not None
pytestmark = pytest.mark.cluster
needs_dask = pytest.mark.skipif(not installed, reason="distributed is not installed")


@needs_dask
def test_a_pass_alone_starts_workers_and_ends_them() -> None:
    from distributed import Client

    assert dask.fold(ClassCounts(2), SOURCE).tolist() == [1, 2]
    with pytest.raises(ValueError, match="No clients found"):
        Client.current()


@needs_dask
def test_workers_that_do_not_start_are_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(**options: Any) -> None:
        raise RuntimeError("Nanny failed to start.")

    monkeypatch.setattr("distributed.LocalCluster", failing)
    with pytest.raises(RunError, match=r"Dask could not start workers on this machine: Nanny .*\n.*__main__"):
        dask.fold(ClassCounts(2), SOURCE)


@needs_dask
def test_a_cluster_at_an_address_is_used_and_left_alone(dask_cluster: dask.DaskCluster) -> None:
    address = dask_cluster.client.scheduler_info()["address"]
    with dask.connected(address) as there:
        assert there.n_workers == 2
        assert dask.fold(ClassCounts(2), SOURCE, cluster=there).tolist() == [1, 2]
    assert dask_cluster.n_workers == 2


@needs_dask
def test_a_client_is_used_and_left_alone(dask_cluster: dask.DaskCluster) -> None:
    with dask.connected(dask_cluster.client) as handed_in:
        assert handed_in == dask_cluster
    with dask_cluster.client.as_current(), dask.connected() as found:
        assert found == dask_cluster
    assert dask_cluster.client.status == "running"


@needs_dask
def test_joblib_works_on_the_cluster(dask_cluster: dask.DaskCluster) -> None:
    with dask_cluster.joblib():
        assert of_squares(5) == [0, 1, 4, 9, 16]


@needs_dask
def test_a_pass_that_fails_leaves_nothing_waiting_and_the_client_connected(dask_cluster: dask.DaskCluster) -> None:
    from distributed import Client

    many = ArraySource({"labels": np.zeros(100, dtype=int)}, chunk_rows=1)
    joint = ConfidentJoint(np.ones(2))
    with Client(dask_cluster.client.scheduler.address, set_as_default=False) as client:
        with pytest.raises(InputError, match="the column probs must be in the source"):
            dask.fold(joint, many, cluster=dask.DaskCluster(client))
        for _ in range(100):
            known, waiting = client.run_on_scheduler(_known_and_waiting)
            if not waiting:
                break
            time.sleep(0.1)
        assert client.id in known
        assert waiting == 0
        assert dask.fold(ClassCounts(1), many, cluster=dask.DaskCluster(client)).tolist() == [100]


def _known_and_waiting(dask_scheduler: Any) -> tuple[list[str], int]:
    return list(dask_scheduler.clients), len(dask_scheduler.tasks)


@pytest.mark.skipif(installed, reason="distributed is installed")
def test_without_dask_the_error_says_what_to_install() -> None:
    with pytest.raises(MissingExtraError, match=r"pip install 'dechaff\[dask\]'"):
        dask.fold(ClassCounts(1), SOURCE)
