"""Which row after cleaning is which row before it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.typing import Labels, Mask, Texts


@dataclass(frozen=True)
class Pairing:
    """``partner[i]`` is the row after cleaning that was row i before it, or -1 if it was dropped.

    ``added`` holds the rows after cleaning that have no partner; ``edited`` marks the rows before cleaning
    whose partner was recognised by its id alone, so that some cell differs.
    """

    partner: npt.NDArray[np.int64]
    added: npt.NDArray[np.int64]
    edited: Mask


def pair_rows(
    contents: tuple[Labels, Labels], labels: tuple[Labels, Labels], ids: tuple[Texts, Texts] | None = None
) -> Pairing:
    """The rows of two versions of a data set matched by content, then by id.

    Three passes, each over the rows that are still alone: same content and same label; same content (the
    label was changed); same id (a cell was changed). Within a pass, equals are matched in their order. The
    first pass makes sure that dropping one of two contradicting copies counts as one drop, not as a drop and
    a changed label.

    Parameters
    ----------
    contents : two (n,) and (m,) arrays of int
        A code for the content of a row without its label, before and after, in one coding.
    labels : two (n,) and (m,) arrays of int
        Labels before and after, in one coding.
    ids : two (n,) and (m,) arrays of str, optional
        The user's ids, if both versions have them.

    Source
    ------
    None: bookkeeping.

    Examples
    --------
    >>> before, after = np.array([7, 8, 9]), np.array([9, 7])
    >>> pairing = pair_rows((before, after), (np.array([0, 0, 1]), np.array([1, 1])))
    >>> pairing.partner.tolist(), pairing.added.tolist()
    ([1, -1, 0], [])
    """
    partner = np.full(len(contents[0]), -1, dtype=np.int64)
    alone = np.ones(len(contents[1]), dtype=np.bool_)
    before, after = (content.tolist() for content in contents)
    _match(partner, alone, zip(before, labels[0].tolist(), strict=True), zip(after, labels[1].tolist(), strict=True))
    _match(partner, alone, before, after)
    same_content = partner >= 0
    if ids is not None:
        _match(partner, alone, ids[0], ids[1])
    return Pairing(partner, np.flatnonzero(alone), (partner >= 0) & ~same_content)


def _match(partner: npt.NDArray[np.int64], alone: Mask, before: Iterable[object], after: Iterable[object]) -> None:
    """Fill in the partners that agree on a key; ``partner`` and ``alone`` are the caller's own, and change."""
    waiting: dict[object, list[int]] = defaultdict(list)
    for row, key in enumerate(after):
        if alone[row]:
            waiting[key].append(row)
    for queue in waiting.values():
        queue.reverse()
    for row, key in enumerate(before):
        if partner[row] < 0 and waiting.get(key):
            partner[row] = waiting[key].pop()
            alone[partner[row]] = False


def random_control(given: Labels, kept: Mask, cleaned: Labels, *, rng: np.random.Generator) -> tuple[Mask, Labels]:
    """What a cleaning did, done to random rows of the same given class.

    Each row has a fate: dropped, or kept with some new label, or left alone. The fates are shuffled among the
    rows that share a given label. So the control drops as many rows of every class, and turns as many labels
    of each class into each other class, as the cleaning did; it only does not know *which* rows to choose. A
    cleaning that does not beat it has changed the amounts (fewer rows, another balance), not the quality.

    Parameters
    ----------
    given : (n,) int, -1 if missing
        Labels before cleaning.
    kept : (n,) bool
        Rows that the cleaning kept.
    cleaned : (n,) int, -1 if missing
        Labels after cleaning; any value for a dropped row.
    rng : Generator
        Decides the shuffle.

    Returns
    -------
    kept, labels : (n,) bool and (n,) int
        The same two arrays for the control.

    Source
    ------
    Permutation within strata: Good (2005), Permutation, Parametric and Bootstrap Tests, ch. 3.

    Examples
    --------
    >>> given = np.array([0, 0, 0, 1, 1])
    >>> kept, labels = random_control(given, np.array([False, True, True, True, True]),
    ...                               np.array([0, 1, 0, 1, 1]), rng=np.random.default_rng(0))
    >>> int((~kept).sum()), int((labels[kept] != given[kept]).sum())
    (1, 1)
    """
    source = np.arange(len(given))
    for label in np.unique(given):
        rows = np.flatnonzero(given == label)
        source[rows] = rng.permutation(rows)
    return kept[source], np.where(kept, cleaned, given)[source]
