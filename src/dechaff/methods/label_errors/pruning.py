"""Rows that may be flagged, and rules that flag them: argmax, off the diagonal, by class, by noise rate, by both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs, check_rows, check_shapes
from dechaff.core.codes import class_rows
from dechaff.core.kernels.given_sums import GivenSums, given_sums
from dechaff.core.kernels.leading_rows import leading_rows
from dechaff.core.kernels.row_classes import other_ahead, row_classes
from dechaff.core.top_rows import top_rows
from dechaff.methods.label_errors.confident_joint import ConfidentClass
from dechaff.methods.label_errors.confident_thresholds import thresholds_of, with_slack
from dechaff.methods.label_errors.prune_counts import counts_for
from dechaff.typing import Chunk, ClassVector, Labels, Mask, Probs, Score

SLACK = 1e-6
"""How far another class must be ahead: probabilities that are the same but for rounding prefer none."""


@dataclass(frozen=True)
class PrefersAnother:
    """The row map behind `prune_by_argmax`."""

    columns: ClassVar[tuple[str, ...]] = ("labels", "probs")

    def rows(self, chunk: Chunk) -> Mask:
        """Whether another class is ahead of each given label; of equals, the first class is."""
        return other_ahead(chunk["labels"], chunk["probs"], slack=SLACK)


def prune_by_argmax(labels: Labels, probs: Probs) -> Mask:
    """Rows whose given label is not the model's most probable class.

    The bluntest rule: it takes every mistake of the model for one of the labels. Every other rule flags some of
    these rows and no others.

    Parameters and errors as in `confident_joint`.

    Returns
    -------
    (n,) bool

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, the baseline "argmax"; with cleanlab's slack of a millionth.

    Examples
    --------
    >>> prune_by_argmax(np.array([0, 0]), np.array([[0.9, 0.1], [0.4, 0.6]]))
    array([False,  True])
    """
    labels, probs = check_labels_and_probs(labels, probs)
    return PrefersAnother().rows({"labels": labels, "probs": probs})


@dataclass(frozen=True)
class Candidates:
    """Labels and probabilities with what one pass over them shows."""

    labels: Labels
    probs: Probs
    given: npt.NDArray[Any]
    """(n,) probability of each given label."""
    doubted: Mask
    """(n,) whether the model prefers another class; no other row is ever flagged."""
    class_counts: npt.NDArray[np.int64]
    """(k,) rows given each label."""

    @property
    def n_classes(self) -> int:
        """Columns of the probabilities."""
        return int(self.probs.shape[1])


def find_candidates(labels: Labels, probs: Probs) -> Candidates:
    """The rows that can be flagged, from labels and probabilities that are checked here."""
    labels, probs, picked = picked_and_checked(labels, probs)
    none_reached = np.full(probs.shape[1], np.inf, dtype=probs.dtype)
    seen = row_classes(labels, probs, none_reached, slack=SLACK, of_reached=True)
    if not seen.fine:
        check_rows(probs)
    return Candidates(labels, probs, picked.given, seen.ahead, picked.rows)


def picked_and_checked(labels: Labels, probs: Probs) -> tuple[Labels, Probs, GivenSums]:
    """Labels and probabilities, and the probability of each given label, from one pass over the labels.

    Labels without a column, and probabilities of given labels outside [0, 1], raise an error that names the row.
    """
    labels, probs = check_shapes(labels, probs)
    picked = given_sums(labels, probs)
    if not picked.fine:
        check_labels_and_probs(labels, probs)
    return labels, probs, picked


@dataclass(frozen=True)
class ConfidentCounts(Candidates):
    """The candidates, with the thresholds and the joint."""

    thresholds: ClassVector
    confident: npt.NDArray[np.int32]
    """(n,) class confidently seen in each row; -1 if none is."""
    joint: npt.NDArray[np.int64]
    """(k, k) rows by given label and by class confidently seen; not calibrated."""


class SeesClass(Protocol):
    """The row map that returns the class confidently seen in a row, given the thresholds."""

    of_reached: ClassVar[bool]
    """Whether the class must reach its threshold if several classes are seen."""

    def __init__(self, thresholds: ClassVector) -> None: ...


def confident_counts(
    labels: Labels, probs: Probs, *, confident_class: type[SeesClass] = ConfidentClass
) -> ConfidentCounts:
    """Thresholds, joint, candidates and the probabilities of the given labels, all at once.

    The same as `confident_thresholds`, `confident_joint` and `prune_by_argmax` in sequence, at the cost of one of them:
    the first pass reads one probability per row, the second all of them, and validates them.

    Parameters
    ----------
    labels, probs
        As in `confident_joint`, with its errors; float32 and float64 are read in place.
    confident_class : row map of the thresholds
        Which class is confidently seen in a row.

    Returns
    -------
    ConfidentCounts

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, equations 1 and 2.

    Examples
    --------
    >>> found = confident_counts(np.array([0, 0, 1, 1]), np.array([[0.9, 0.1], [0.2, 0.8], [0.1, 0.9], [0.3, 0.7]]))
    >>> found.thresholds, found.confident, found.doubted
    (array([0.55, 0.8 ]), array([ 0,  1,  1, -1], dtype=int32), array([False,  True, False, False]))
    """
    labels, probs, picked = picked_and_checked(labels, probs)
    thresholds = thresholds_of(picked)
    least = with_slack(thresholds, probs.dtype)
    seen = row_classes(labels, probs, least, slack=SLACK, of_reached=confident_class.of_reached)
    if not seen.fine:
        check_rows(probs)
    return ConfidentCounts(
        labels, probs, picked.given, seen.ahead, picked.rows, thresholds, confident=seen.reached, joint=seen.pairs
    )


def prune_off_diagonal(labels: Labels, probs: Probs) -> Mask:
    """Flags the rows that the confident joint counts for another class than the given one.

    Its number of flags is a count, not an estimate: rows in which no class is confident are never flagged.

    Parameters and errors as in `confident_joint`.

    Returns
    -------
    (n,) bool

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, method 2 "C_confusion" off the diagonal. Rows of which the model
    prefers the given label are never flagged, as in cleanlab 2.9.

    Examples
    --------
    >>> prune_off_diagonal(np.array([0, 0, 1, 1]), np.array([[0.9, 0.1], [0.2, 0.8], [0.1, 0.9], [0.3, 0.7]]))
    array([False,  True, False, False])
    """
    counted = confident_counts(labels, probs)
    return flags_off_diagonal(counted.labels, counted.confident, counted.doubted)


def flags_off_diagonal(labels: Labels, confident: npt.NDArray[np.int32], doubted: Mask) -> Mask:
    """The flags, from the class confidently seen in each row (-1 if none is)."""
    flags = np.asarray(confident != labels)
    flags &= confident >= 0
    flags &= doubted
    return flags


def prune_by_class(
    labels: Labels,
    probs: Probs,
    *,
    joint: npt.NDArray[np.int64],
    frac_noise: float = 1.0,
    min_examples_per_class: int = 1,
) -> Mask:
    """Flags the least self-confident rows of each class, as many as the joint counts off its diagonal.

    Parameters
    ----------
    labels, probs
        As in `confident_joint`.
    joint : (k, k) int
        Of `calibrated_joint`.
    frac_noise : float from 0 to 1
        Fraction of the estimated errors to flag, the least confident first.
    min_examples_per_class : int
        A class that has no more rows is left alone.

    Returns
    -------
    (n,) bool

    Raises
    ------
    InputError
        If labels, probs and joint do not belong together, or `frac_noise` is outside [0, 1].

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, method 3 "prune by class". Ties are broken by row; rows of which the
    model prefers the given label are never flagged, as in cleanlab 2.9.

    Examples
    --------
    >>> probs = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.1, 0.9]])
    >>> prune_by_class(np.array([0, 0, 0, 1]), probs, joint=np.array([[2, 1], [0, 1]]))
    array([False, False,  True, False])
    """
    counts = counts_for(probs, joint, frac_noise=frac_noise, min_examples_per_class=min_examples_per_class)
    return flags_by_class(find_candidates(labels, probs), counts, min_examples_per_class)


def flags_by_class(seen: Candidates, counts: npt.NDArray[np.int64], min_examples_per_class: int) -> Mask:
    """The flags, from one pass's candidates and the rows to prune (`prune_counts`)."""
    flag = np.zeros(len(seen.labels), dtype=bool)
    by_class = class_rows(seen.labels, seen.n_classes)
    wrong = seen.class_counts - counts.diagonal()
    for code in np.flatnonzero((wrong > 0) & (seen.class_counts > max(min_examples_per_class, 1))).tolist():
        rows = by_class.of(code)
        flag[rows] = top_rows(-seen.given[rows], int(wrong[code]))
    return flag & seen.doubted


LEAD = 2 * SLACK
"""A lead that only candidates can have: those who lead by more come before all other rows of their class."""


def prune_by_noise_rate(
    labels: Labels,
    probs: Probs,
    *,
    joint: npt.NDArray[np.int64],
    frac_noise: float = 1.0,
    min_examples_per_class: int = 1,
) -> Mask:
    """Flags, for each pair of given and true class, the rows in which the true one leads the given one by most.

    As many rows per pair as the joint counts.

    Parameters, result and errors as in `prune_by_class`.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, method 4 "prune by noise rate". Ties are broken by row; rows of which
    the model prefers the given label are never flagged, as in cleanlab 2.9.

    Examples
    --------
    >>> probs = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.1, 0.9]])
    >>> prune_by_noise_rate(np.array([0, 0, 0, 1]), probs, joint=np.array([[2, 1], [0, 1]]))
    array([False, False,  True, False])
    """
    counts = counts_for(probs, joint, frac_noise=frac_noise, min_examples_per_class=min_examples_per_class)
    return flags_by_noise_rate(find_candidates(labels, probs), counts, min_examples_per_class)


def flags_by_noise_rate(seen: Candidates, counts: npt.NDArray[np.int64], min_examples_per_class: int) -> Mask:
    """The flags, from one pass's candidates and the rows to prune (`prune_counts`).

    Only candidates can be flagged, and in a pair they come first as long as the other class has the larger probability;
    so the pairs are chosen from among few rows. If a pair wants more rows than that, the whole class is ranked.
    """
    large = seen.class_counts > max(min_examples_per_class, 1)
    wanted = counts if large.all() else np.where(large[:, None], counts, 0)
    return leading_rows(seen.labels, seen.probs, seen.doubted, wanted, lead=LEAD)


def prune_by_both(
    labels: Labels,
    probs: Probs,
    *,
    joint: npt.NDArray[np.int64],
    frac_noise: float = 1.0,
    min_examples_per_class: int = 1,
) -> Mask:
    """Flags the rows that `prune_by_class` and `prune_by_noise_rate` both flag.

    Parameters, result and errors as in `prune_by_class`.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, method 5 "C + NR".

    Examples
    --------
    >>> probs = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.1, 0.9]])
    >>> prune_by_both(np.array([0, 0, 0, 1]), probs, joint=np.array([[2, 1], [0, 1]]))
    array([False, False,  True, False])
    """
    counts = counts_for(probs, joint, frac_noise=frac_noise, min_examples_per_class=min_examples_per_class)
    seen = find_candidates(labels, probs)
    by_class = flags_by_class(seen, counts, min_examples_per_class)
    return by_class & flags_by_noise_rate(seen, counts, min_examples_per_class)


def prune_most_doubtful(score: Score, *, n_rows: int) -> Mask:
    """Flags the `n_rows` rows of highest score.

    Parameters
    ----------
    score : (n,) float
        Higher = look first; such as `self_doubt` or `margin_doubt`.
    n_rows : int
        How many, such as the number that `prune_off_diagonal` flags.

    Returns
    -------
    (n,) bool

    Source
    ------
    cleanlab 2.9, the filters "low_self_confidence" and "low_normalized_margin". Differs: ties are broken by row.

    Examples
    --------
    >>> prune_most_doubtful(np.array([0.1, 0.8, 0.8]), n_rows=1)
    array([False,  True, False])
    """
    return top_rows(score, n_rows)
