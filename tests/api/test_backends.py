"""The public functions give the same answer wherever their work is done."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import dechaff
from dechaff.errors import InputError


def rows(n: int = 300) -> dict[str, Any]:
    random = np.random.default_rng(0)
    x = random.normal(size=n)
    label = np.where((x > 0) ^ (random.random(n) < 0.05), "high", "low")
    return {"x": x, "kind": random.choice(["a", "b"], n), "label": label}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dask", "ray"])
def test_an_audit_writes_the_same_bytes_on_a_cluster(name: str, request: pytest.FixtureRequest) -> None:
    cluster = request.getfixturevalue(f"{name}_cluster")
    address = cluster.client if name == "dask" else None
    here = dechaff.audit(rows(), label="label")
    there = dechaff.audit(rows(), label="label", backend=name, address=address)
    for file in ("findings.parquet", "scores.parquet", "probs.npz", "metrics.json"):
        assert (here.folder / file).read_bytes() == (there.folder / file).read_bytes()


@pytest.mark.parametrize("function", [dechaff.audit, dechaff.pu, dechaff.run_recipe])
def test_a_backend_that_is_none_is_refused_before_anything_is_read(function: Any) -> None:
    with pytest.raises(InputError, match="backend must be one of local, dask, ray"):
        function("no such file.csv", label="label", backend="spark")


def test_a_proof_refuses_it_too() -> None:
    with pytest.raises(InputError, match="backend must be one of local, dask, ray"):
        dechaff.prove("before.csv", "after.csv", "test.csv", label="label", backend="spark")
