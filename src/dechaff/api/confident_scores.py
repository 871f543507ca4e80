"""``stream_confident_learning``: confident learning as published, in files that need not fit into memory."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.api.score_files import ScoreFiles, StreamCall, plain_classes
from dechaff.core.progress import Progress, silent
from dechaff.data.streams.label_stream import Options
from dechaff.recipe.stream_passes import StreamPasses
from dechaff.recipe.streamed_pruning import PrunedStream, PrunePasses


@dataclass(frozen=True, repr=False)
class ConfidentScores(ScoreFiles):
    """What confident learning says of the labels of many rows.

    What is said of each row stands in the Parquet files of a folder: row, given, suggested (the class that the model
    prefers), score (one less the probability of the given label) and flag (pruned by noise rate).
    """

    @property
    def thresholds(self) -> npt.NDArray[np.float64]:
        """(k,) threshold of each class; infinite for one without rows."""
        return np.array([np.inf if value is None else value for value in self.summary["thresholds"]])

    def __repr__(self) -> str:
        return f"<ConfidentScores: {self.n_flagged:,} of {len(self):,} labels flagged; {self.folder}>"


def stream_confident_learning(  # noqa: PLR0913 - where the rows are, where the answers go, where the work is done
    labels: Any,
    probs: Any,
    *,
    out: str | os.PathLike[str],
    class_names: Sequence[Any] | None = None,
    backend: str = "local",
    address: Any = None,
    threads: int | None = None,
    progress: Progress = silent,
) -> ConfidentScores:
    """Joint, scores and pruned rows of confident learning for files of any size: the bits of the functions for arrays.

    Faster than `stream_label_errors` and weaker: no temperature, no posterior, no interval. One pass over the files,
    after a look at some of their rows; where that was misleading, two.

    Parameters
    ----------
    labels, probs, out, class_names, backend, address, threads, progress : as for `stream_label_errors`.

    Returns
    -------
    ConfidentScores

    Raises
    ------
    InputError, RunError
        As `stream_label_errors`.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70: equations 1 to 3, method 4 "prune by noise rate".

    Examples
    --------
    >>> import dechaff, numpy as np, polars as pl, tempfile, pathlib
    >>> here = pathlib.Path(tempfile.mkdtemp())
    >>> labels, cat = np.repeat(["cat", "dog"], 50), np.repeat([0.9, 0.1], 50)
    >>> labels[:5] = "dog"
    >>> pl.DataFrame({"cat": cat, "dog": 1 - cat, "label": labels}).write_parquet(here / "probs.parquet")
    >>> found = dechaff.stream_confident_learning("label", here / "probs.parquet", out=here / "scores")
    >>> found.joint, found.n_flagged
    (array([[45,  0],
           [ 5, 50]]), 5)
    """
    call = StreamCall(labels, probs, out, class_names, options=Options(label="labels=", id=""))

    def work(passes: StreamPasses) -> dict[str, Any]:
        return _summary(PrunePasses(passes).run(class_names))

    found: ConfidentScores = call.run(
        ConfidentScores, work, progress, backend=backend, address=address, threads=threads
    )
    return found


def _summary(pruned: PrunedStream) -> dict[str, Any]:
    finite = [None if np.isinf(value) else value for value in pruned.thresholds.tolist()]
    return {
        "flagged": pruned.flagged.tolist(),
        "classes": plain_classes(pruned.codes.classes.tolist()),
        "counts": pruned.counts.tolist(),
        "thresholds": finite,
        "joint": pruned.joint.tolist(),
    }
