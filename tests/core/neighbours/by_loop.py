"""Neighbours by plain loops in double precision."""

from __future__ import annotations

import numpy as np


def nearest_of(scores: np.ndarray, count: int) -> np.ndarray:
    """(m, count) columns of the largest scores, of equal ones the first; -1 where there are fewer (-inf)."""
    order = np.argsort(-scores, axis=1, kind="stable")[:, :count]
    order = np.where(np.isneginf(np.take_along_axis(scores, order, axis=1)), -1, order)
    return np.pad(order, ((0, 0), (0, count - order.shape[1])), constant_values=-1)


def cosines(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """(m, n) cosines; nought with a row of noughts."""
    lengths = [np.linalg.norm(rows.astype(float), axis=1, keepdims=True) for rows in (left, right)]
    units = [rows / np.where(length > 0, length, 1) for rows, length in zip((left, right), lengths, strict=True)]
    return units[0] @ units[1].T


def distances(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """(m, n) distances."""
    return np.sqrt(np.square(left[:, None].astype(float) - right[None].astype(float)).sum(axis=2))


def without_itself(scores: np.ndarray) -> np.ndarray:
    """The same without the pairs of a row with itself."""
    found = scores.astype(float)
    np.fill_diagonal(found, -np.inf)
    return found
