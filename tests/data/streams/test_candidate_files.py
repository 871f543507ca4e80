from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from dechaff.core.source import RowSpan
from dechaff.data.streams.candidate_files import CandidateSink


def test_scores_are_written_once_with_their_flags(tmp_path: Path) -> None:
    sink = CandidateSink(tmp_path, {"given": pl.Series(["ant", "bee"])}, n_classes=2)
    rows = RowSpan(100, 3)
    some = {"row": np.arange(100, 103), "given": np.array([0, 1, 1]), "score": np.array([0.5, 0.75, 0.25])}
    candidates = {"rows": np.array([101]), "margins": np.array([0.5]), "cells": np.array([2])}
    none = {"unsettled.labels": np.zeros(0, dtype=np.int64), "unsettled.probs": np.zeros((0, 2))}
    sink.write(rows, {**some, **{f"candidates.{name}": column for name, column in candidates.items()}, **none})
    assert (sink.paths(), len(sink.scored()), sink.spans()) == ([], 1, [rows])
    for flags in ([False, True, False], [True, True, True]):  # the second time they stand already
        sink.flag(rows, np.array(flags))
    (path,) = sink.paths()
    assert sink.scored() == []
    frame = pl.read_parquet(path)
    assert frame.columns == ["row", "given", "score", "flag"]
    assert frame.rows()[1] == (101, "bee", 0.75, True)
    assert frame["flag"].to_list() == [False, True, False]
