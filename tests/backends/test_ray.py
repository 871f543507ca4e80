from __future__ import annotations

import importlib.util
import subprocess
import sys

import numpy as np
import pytest

from dechaff.backends import ray
from dechaff.core.codes import ClassCounts
from dechaff.core.source import ArraySource
from dechaff.errors import InputError, MissingExtraError, RunError
from tests.clusters import of_squares

SOURCE = ArraySource({"labels": np.array([0, 1, 1])}, chunk_rows=1)
installed = importlib.util.find_spec("ray") is not None
pytestmark = pytest.mark.cluster
needs_ray = pytest.mark.skipif(not installed, reason="ray is not installed")


ELSEWHERE = """
import sys
import numpy as np
import ray as engine
from dechaff.backends import ray
from dechaff.core.codes import ClassCounts
from dechaff.core.source import ArraySource
source = ArraySource({"labels": np.array([0, 1, 1])}, chunk_rows=1)
if len(sys.argv) > 1:
    with ray.connected(sys.argv[1]) as cluster:
        print(ray.fold(ClassCounts(2), source, cluster=cluster))
else:
    print(ray.fold(ClassCounts(2), source))
print(engine.is_initialized())
"""


def in_another_process(*words: str) -> list[str]:
    script = [sys.executable, "-c", ELSEWHERE, *words]
    done = subprocess.run(script, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.splitlines()


@needs_ray
def test_a_pass_alone_starts_workers_and_ends_them() -> None:
    assert in_another_process() == ["[1 2]", "False"]


@needs_ray
def test_a_cluster_at_an_address_is_used_and_left_alone(ray_cluster: ray.RayCluster) -> None:
    from ray import get_runtime_context

    assert in_another_process(get_runtime_context().gcs_address) == ["[1 2]", "False"]
    assert ray.fold(ClassCounts(2), SOURCE, cluster=ray_cluster).tolist() == [1, 2]


@needs_ray
def test_a_connection_is_used_and_left_alone(ray_cluster: ray.RayCluster) -> None:
    with ray.connected() as there:
        assert there.n_workers == 2
    assert ray_cluster.n_workers == 2


@needs_ray
def test_a_second_connection_is_refused(ray_cluster: ray.RayCluster) -> None:
    refused = pytest.raises(InputError, match="address must be left out, because the process is connected to Ray")
    with refused, ray.connected("auto"):
        pass


@needs_ray
def test_joblib_works_on_the_cluster(ray_cluster: ray.RayCluster) -> None:
    with ray_cluster.joblib():
        assert of_squares(5) == [0, 1, 4, 9, 16]


@needs_ray
def test_workers_that_cannot_be_started_end_in_an_error_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def init(**options: object) -> None:
        raise Exception("The current node timed out during startup.\nMore.")

    monkeypatch.setattr("ray.is_initialized", lambda: False)
    monkeypatch.setattr("ray.init", init)
    monkeypatch.setattr("ray.shutdown", None)  # what was not begun is not ended
    refused = pytest.raises(RunError, match="Ray could not start workers on this machine: The current node timed")
    with refused, ray.connected():
        pass


@pytest.mark.skipif(installed, reason="ray is installed")
def test_without_ray_the_error_says_what_to_install() -> None:
    with pytest.raises(MissingExtraError, match=r"pip install 'dechaff\[ray\]'"):
        ray.fold(ClassCounts(1), SOURCE)
