"""`threads` is obeyed by every pass, kernel and training of an audit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import dechaff
from dechaff.core import files, over_arrays
from dechaff.core import threads as core_threads
from dechaff.core.kernels import native


@pytest.mark.parametrize("threads", [1, 3])
def test_an_audit_starts_no_more_threads_than_it_may(threads: int, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(32)), raising=False)
    monkeypatch.setattr(over_arrays, "BYTES_WORTH_A_THREAD", 1)
    monkeypatch.setattr(native, "NATIVE_WORTH", 1)
    monkeypatch.setattr(native, "NUMPY_WORTH", 1)
    monkeypatch.setattr(files, "_WAITING", 1)  # these wait for the disk, and compute nothing
    started: list[int] = []

    def counted(max_workers: int) -> ThreadPoolExecutor:
        started.append(max_workers)
        return ThreadPoolExecutor(max_workers=max_workers)

    monkeypatch.setattr(core_threads, "ThreadPoolExecutor", counted)
    random = np.random.default_rng(0)
    x = random.normal(size=(300, 3))
    label = np.where(x[:, 0] + 0.3 * random.normal(size=300) > 0, "yes", "no")
    columns = {name: x[:, place] for place, name in enumerate("abc")}
    dechaff.audit({**columns, "label": label}, label="label", threads=threads, out=tmp_path / "run")
    assert max(started, default=1) <= threads
    assert bool(started) == (threads > 1)
