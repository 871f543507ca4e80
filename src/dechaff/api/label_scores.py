"""``stream_label_errors``: which labels are wrong, in files that need not fit into memory."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dechaff.api.label_estimates import Estimate
from dechaff.api.score_files import ScoreFiles, StreamCall, plain_classes
from dechaff.core.progress import Progress, silent
from dechaff.recipe.stream_passes import StreamPasses
from dechaff.recipe.streamed_labels import JudgedStream, JudgePasses


@dataclass(frozen=True, repr=False)
class LabelScores(ScoreFiles):
    """What is wrong with the labels of many rows.

    What is said of each row stands in the Parquet files of a folder: row, the ids, given, suggested, score, log_odds
    and flag.
    """

    @property
    def noise_rate(self) -> Estimate:
        """Share of wrong labels, with its 95 % interval."""
        return Estimate(*self.summary["noise_rate"])

    @property
    def noise_matrix(self) -> Estimate:
        """(k, k) p(given = row | true = column), with a 95 % interval of each entry."""
        return Estimate(*(np.array(matrix) for matrix in self.summary["noise_matrix"]))

    @property
    def kind(self) -> str:
        """Whether labels go wrong by class or by row."""
        return str(self.summary["kind"])

    @property
    def kind_sure(self) -> float:
        """How sure that is, from 0 (a coin) to 1."""
        return float(self.summary["kind_sure"])

    def __repr__(self) -> str:
        return (
            f"<LabelScores: {self.n_flagged:,} of {len(self):,} labels flagged; "
            f"noise rate {self.noise_rate!r}, {self.kind}; {self.folder}>"
        )

    @property
    def _ranked_by(self) -> str:
        return "log_odds"


def stream_label_errors(  # noqa: PLR0913 - where the rows are, where the answers go, where the work is done
    labels: Any,
    probs: Any,
    *,
    out: str | os.PathLike[str],
    class_names: Sequence[Any] | None = None,
    id: str | None = None,
    backend: str = "local",
    address: Any = None,
    threads: int | None = None,
    progress: Progress = silent,
) -> LabelScores:
    """`find_label_errors` for files of any size: two passes over them, scores written as Parquet, the same bits.

    Memory does not grow with the rows. Labels are looked at once more before, to find the classes. A call that was
    killed goes on, when it is made again, after the last pass that was finished; one that was finished answers at once.

    Parameters
    ----------
    labels : name of a column, path of an ``.npy``, or None
        Given labels, of any type; may be wrong. None takes the column label, labels or y.
    probs : path of a file, of a folder, a pattern, or a list of paths
        Out-of-sample probabilities: Parquet, CSV or JSONL files of the same columns, with a column a class or one
        column of lists, or one ``.npy`` of shape (n, k). Several files are one data set, in the order of their names.
    out : folder for the results; new or empty, or one that was begun by the same call.
    class_names : k names, in the order of the columns
        Needed where neither the columns nor the labels tell.
    id : name of a column that names the rows.
    backend, address, threads : as for ``audit``: where the passes run. Workers must see the files and the folder.
    progress : told of each step and its rows.

    Returns
    -------
    LabelScores

    Raises
    ------
    InputError
        Where a file is damaged or differs from the first in its columns, a label has no column, or a row is no
        distribution; the message names file, row group and row.
    RunError
        Where the folder holds other results, or the disk is full.

    Examples
    --------
    >>> import dechaff, numpy as np, polars as pl, tempfile, pathlib
    >>> here = pathlib.Path(tempfile.mkdtemp())
    >>> labels, cat = np.repeat(["cat", "dog"], 50), np.repeat([0.9, 0.1], 50)
    >>> labels[:5] = "dog"
    >>> pl.DataFrame({"cat": cat, "dog": 1 - cat, "label": labels}).write_parquet(here / "probs.parquet")
    >>> found = dechaff.stream_label_errors("label", here / "probs.parquet", out=here / "scores")
    >>> found.n_flagged, found.worst(1)["suggested"].to_list()
    (5, ['cat'])
    """
    call = StreamCall(labels, probs, out, class_names, id)

    def work(passes: StreamPasses) -> dict[str, Any]:
        return _summary(JudgePasses(passes).run(class_names))

    found: LabelScores = call.run(LabelScores, work, progress, backend=backend, address=address, threads=threads)
    return found


def _summary(judged: JudgedStream) -> dict[str, Any]:
    found, noise, rate = judged.found, judged.found.noise, judged.found.rate
    return {
        "flagged": judged.flagged.tolist(),
        "noise_rate": [rate.value, rate.low, rate.high],
        "kind": noise.kind,
        "kind_sure": float(noise.kind_sure),
        "classes": plain_classes(judged.classes),
        "counts": judged.counts.tolist(),
        "noise_matrix": [matrix.tolist() for matrix in (noise.transition, noise.transition_low, noise.transition_high)],
        "prior": noise.prior.tolist(),
        "joint": noise.joint.tolist(),
        "expected_joint": found.joint.tolist(),
        "temperature": 1 / found.power,
        "steps": found.steps,
        "by_margin": noise.by_margin,
    }
