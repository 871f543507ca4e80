"""``find_label_errors``: which labels are wrong, given the out-of-sample probabilities of a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy.typing as npt

from dechaff.api.labels.class_result import ClassResult
from dechaff.api.labels.inputs import read_inputs
from dechaff.api.labels.result import RowResult
from dechaff.checks import check_seed_and_threads
from dechaff.core.threads import use_threads
from dechaff.methods.label_errors.label_error_estimates import estimate_checked_labels
from dechaff.methods.label_evidence.gather_evidence import LabelEvidence, pool_evidence
from dechaff.models.baseline_guard import distrust
from dechaff.records.options import FileOptions
from dechaff.typing import Columns, Rows


@dataclass(frozen=True, repr=False, kw_only=True)
class LabelErrors(ClassResult, RowResult):
    """What is wrong with n labels of one class each.

    Examples
    --------
    See `find_label_errors`, which returns one.
    """

    evidence: LabelEvidence = field(repr=False)
    """The models and other sources behind `probs`."""
    several: bool = False
    """Whether there was more than the probabilities of one model."""
    distrust: str = ""
    """Why the result should not be believed; "" if there is no reason."""

    @property
    def why(self) -> tuple[str, ...]:
        """Which sources were used: models, a second view, training stages, reviews; and whether to trust them."""
        used = self.evidence.used_sources or ("probabilities of one model, which must be out-of-sample",)
        sentences = tuple(f"{fact[:1].upper()}{fact[1:]}." for fact in (*used, self.distrust) if fact)
        return (*sentences, *(() if self.review_update is None else self.review_update.words))

    @property
    def _kind_of_noise(self) -> str:
        return f", {self.kind}{'; doubtful, see .why' if self.distrust else ''}"

    def _more_columns(self, positions: Rows) -> Columns:
        return {"why": self._reasons(positions)}

    def _reasons(self, rows: Rows) -> list[str]:
        """Why each flagged row is one, in words; '' for the others."""
        reviewed = dict(zip(self.reviews.rows.tolist(), self.reviews.true.tolist(), strict=True))
        words = [_of_reviewer(self.class_names, reviewed[row]) if row in reviewed else "" for row in rows.tolist()]
        doubted = [place for place, row in enumerate(rows.tolist()) if self._flag[row] and row not in reviewed]
        more: Sequence[str] = [""] * len(doubted)
        if self.several and doubted:
            names = [str(name) for name in self.class_names.tolist()]
            more = self.evidence.why_of(rows[doubted], suggested=self.judged.suggested, names=names)
        for place, sources in zip(doubted, more, strict=True):
            words[place] = self._of_model(int(rows[place])) + (f" {sources}" if sources else "")
        return words

    def _of_model(self, row: int) -> str:
        given, suggested = int(self.labels[row]), int(self.judged.suggested[row])
        return (
            f"Out of sample the model gives {self.class_names[suggested]} {_percent(self.probs[row, suggested])} and "
            f"the given label {self.class_names[given]} {_percent(self.probs[row, given])}."
        )


def _of_reviewer(class_names: Any, code: int) -> str:
    return "Reviewed: none of the classes." if code < 0 else f"Reviewed: it is {class_names[code]}."


def _percent(share: float) -> str:
    percent = 100 * float(share)
    return f"{percent:.2g} %" if percent < 1 else f"{percent:.0f} %"


def find_label_errors(  # noqa: PLR0913 - one keyword for each kind of evidence
    labels: Any,
    probs: Any = None,
    *,
    log_probs: Any = None,
    class_names: Sequence[Any] | None = None,
    ids: Any = None,
    features: npt.ArrayLike | None = None,
    stages: Any = None,
    seed: int = 0,
    threads: int | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
) -> LabelErrors:
    """The rows whose given label is probably wrong, and what the right one would be.

    Parameters
    ----------
    labels : (n,) array, list, series, or the path of a file of labels and probabilities
        Given labels, of any type; may be wrong. An npz holds ``labels`` and ``pred_probs``, and ``ids`` and
        ``class_names`` if need be; a table the column labels, label or y. The name of a column if `probs` is a frame or
        file that holds the labels too.
    probs : (n, k) array, data frame, path, or list of them; from 0 to 1, rows sum to 1
        Out-of-sample probabilities; in-sample ones hide errors. A frame or a CSV or Parquet file has one column per
        class, named as the labels are. Several arrays are an ensemble. Arrays are never copied.
    log_probs : as probs, in nats
        Log-probabilities or logits instead: keeps what float32 probabilities lose near 0 and 1.
    class_names : k names, in the order of the columns
        Needed if neither the columns nor the labels name them.
    ids : (n,) names of the rows, or the column of `probs` that holds them
        Without them the index of a pandas frame or series, else the position.
    features : (n, d) float
        A second view of the rows, such as an embedding that the model has not seen; used if it helps.
    stages : (s, n, k) float
        Logits or probabilities after s epochs or boosting stages, out of fold; used if they help.
    seed : int, 0 or more
        Decides which rows are drawn for review.
    threads : int
        Number of threads; default one per core. The result does not depend on it.
    delimiter, encoding : str
        Of text files, if they are not to be inferred.

    Returns
    -------
    LabelErrors

    Raises
    ------
    InputError
        If labels and probabilities differ in length, a label has no column, or a row is not a distribution.

    Source
    ------
    This library, after Northcutt, Jiang, Chuang (2021), JAIR 70; see ``estimate_label_errors`` and ``gather_evidence``.

    Examples
    --------
    >>> import dechaff, numpy as np
    >>> labels, probs = np.repeat(["cat", "dog"], 50), np.repeat([[0.9, 0.1], [0.1, 0.9]], 50, axis=0)
    >>> labels[:3] = "dog"
    >>> found = dechaff.find_label_errors(labels, probs)
    >>> np.flatnonzero(found.flag), found.worst(3)["suggested"].to_list()
    (array([0, 1, 2]), ['cat', 'cat', 'cat'])
    >>> found.update({0: "cat", 1: "dog"}).score[:2].tolist()
    [1.0, 0.0]
    """
    check_seed_and_threads(seed, threads)
    with use_threads(threads):
        files = FileOptions(delimiter=delimiter, encoding=encoding)
        inputs = read_inputs(labels, probs, log_probs=log_probs, class_names=class_names, ids=ids, files=files)
        evidence = pool_evidence(inputs.labels, inputs.runs, features=features, stages=stages)
        return LabelErrors(
            names=inputs.names,
            judged=estimate_checked_labels(inputs.labels, evidence.probs),
            labels=inputs.labels,
            probs=evidence.probs,
            class_names=inputs.classes,
            evidence=evidence,
            several=len(inputs.runs) > 1 or features is not None or stages is not None,
            distrust=distrust(inputs.labels, evidence.probs),
            seed=seed,
        )
