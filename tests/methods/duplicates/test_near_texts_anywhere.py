"""Near copies of texts that lie in files, on every backend."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from dechaff.core.backend import Backend
from dechaff.core.parts import numbered
from dechaff.core.source import ArraySource, PartedSource
from dechaff.data.streams.frame_files import ScratchSink
from dechaff.methods.duplicates.near_texts import NearTexts, near_texts, near_texts_of
from dechaff.methods.duplicates.text_keys import TextKeys
from tests.clusters import CLUSTERS, on
from tests.laws.same import assert_same
from tests.methods.duplicates.made_texts import families, texts


@pytest.fixture(params=["local", *CLUSTERS])
def backend(request: pytest.FixtureRequest) -> Backend:
    return on(request.param, request)


def near_of_files(source: PartedSource, backend: Backend, folder: Path) -> NearTexts:
    """Keys written where the texts are read, and folds over both."""
    sink = ScratchSink(folder)
    backend.row_map(TextKeys(), source, sink=sink)
    run_texts = partial(backend.fold, source=numbered(source))
    run_keys = partial(backend.fold, source=sink.written(source.n_rows))
    return near_texts_of(run_texts, run_keys, source.n_rows)


@pytest.mark.parametrize("chunk_rows", [37, 400])
def test_near_copies_in_files_are_those_in_memory(backend: Backend, tmp_path: Path, chunk_rows: int) -> None:
    items = families(np.random.default_rng(6), 400)
    found = near_of_files(ArraySource({"texts": items}, chunk_rows), backend, tmp_path)
    assert len(found.pairs) > 50
    assert_same(found, near_texts(items))


def test_no_texts_have_no_near_copies_in_files_either(backend: Backend, tmp_path: Path) -> None:
    assert len(near_of_files(ArraySource({"texts": texts()}), backend, tmp_path).pairs) == 0
