"""The ranking in which rows join a training: easy first, hard first, random; and the same for each class."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from dechaff.typing import Labels, Numbers

Ranking = npt.NDArray[np.int64]
"""(n,) positions of the rows, those that come first in front."""
Order = Callable[[Numbers, np.random.Generator], Ranking]
"""``order(hardness, rng) -> ranking``."""


def easy_first(hardness: Numbers, rng: np.random.Generator) -> Ranking:
    """The rows by rising hardness, ties at random.

    Parameters
    ----------
    hardness : (n,) float
    rng : breaks ties

    Returns
    -------
    (n,) int

    Source
    ------
    Bengio, Louradour, Collobert, Weston (2009), Curriculum learning, ICML.

    Examples
    --------
    >>> easy_first(np.array([0.5, 0.1, 0.9]), np.random.default_rng(0))
    array([1, 0, 2])
    """
    mixed = rng.permutation(len(hardness))
    return np.asarray(mixed[np.argsort(hardness[mixed], kind="stable")])


def hard_first(hardness: Numbers, rng: np.random.Generator) -> Ranking:
    """The rows by falling hardness: the anti-curriculum.

    Parameters and result as in `easy_first`.

    Source
    ------
    Wu, Dyer, Neyshabur (2021), When do curricula work?, ICLR.

    Examples
    --------
    >>> hard_first(np.array([0.5, 0.1, 0.9]), np.random.default_rng(0))
    array([2, 0, 1])
    """
    return easy_first(-hardness, rng)


def random_order(hardness: Numbers, rng: np.random.Generator) -> Ranking:
    """The rows at random, whatever their hardness: the control for the effect of the pacing.

    Parameters and result as in `easy_first`.

    Source
    ------
    Wu, Dyer, Neyshabur (2021), When do curricula work?, ICLR.

    Examples
    --------
    >>> sorted(random_order(np.array([0.5, 0.1, 0.9]), np.random.default_rng(0)).tolist())
    [0, 1, 2]
    """
    return np.asarray(rng.permutation(len(hardness)))


def in_each_class(ranking: Ranking, labels: Labels) -> Ranking:
    """The ranking in which every part from the front has the same fraction of each class, and no class comes late.

    Otherwise a class whose rows are all hard would be missing for most of the training.

    Parameters
    ----------
    ranking : (n,) int
    labels : (n,) int, 0 … k-1

    Source
    ------
    Hacohen, Weinshall (2019), On the power of curriculum learning in training deep networks, ICML, section 2.

    Examples
    --------
    >>> in_each_class(np.array([0, 1, 2, 3]), np.array([0, 0, 1, 1]))
    array([0, 2, 1, 3])
    """
    by_class = ranking[np.argsort(labels[ranking], kind="stable")]
    sizes = np.bincount(labels)
    within = np.concatenate([np.arange(size) / size for size in sizes if size] or [np.zeros(0)])
    return np.asarray(by_class[np.argsort(within, kind="stable")])
