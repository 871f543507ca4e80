"""Array names with shapes: used in every signature of dechaff.

``Probs`` reads "float, one row per example, one column per class". The axes are plain annotations: they
cost nothing at run time, and the tests check them on every call (``tests/shapes.py``). The same axis
name in one signature means the same length.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Axes:
    """The axes of an array, in order: ``Axes("n k")`` is a matrix of n rows and k columns."""

    names: str


Labels = Annotated[npt.NDArray[np.int64], Axes("n")]
"""Given labels as codes 0 … k-1; -1 if the label is missing."""
Probs = Annotated[npt.NDArray[np.float64], Axes("n k")]
"""Probabilities of the classes; rows sum to one."""
Score = Annotated[npt.NDArray[np.float64], Axes("n")]
"""Higher = look at this row first; in [0, 1] where the method allows."""
Mask = Annotated[npt.NDArray[np.bool_], Axes("n")]
"""True for the rows that are meant."""
Groups = Annotated[npt.NDArray[np.int64], Axes("n")]
"""Rows of the same number belong together; -1 = alone."""
Rows = Annotated[npt.NDArray[np.int64], Axes("m")]
"""Positions of rows, counted from 0."""
Texts = Annotated[npt.NDArray[np.object_], Axes("n")]
"""Strings; '' if the text is missing."""
Numbers = Annotated[npt.NDArray[np.float64], Axes("n")]
"""One number per row; NaN if it is missing."""
Figures = Annotated[npt.NDArray[np.float64], Axes("m")]
"""One number for each of m things that are not rows, such as conditions."""
Features = Annotated[npt.NDArray[np.float64], Axes("n d")]
"""One row of d numbers per example."""
ClassVector = Annotated[npt.NDArray[np.float64], Axes("k")]
"""One number per class."""
ClassMatrix = Annotated[npt.NDArray[np.float64], Axes("k k")]
"""Rows = given class, columns = true class, unless said otherwise."""

Chunk = Mapping[str, npt.NDArray[Any]]
"""Some rows of some columns: column name -> array, all of one length."""

Columns = dict[str, Any]
"""A table: column name -> values, all of one length."""
ColumnTypes = dict[str, Any]
"""Column name -> its type in a file."""
Json = dict[str, Any]
"""A JSON object as Python values."""

FitPredict = Callable[[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]], npt.NDArray[np.float64]]
"""``fit_predict(fit_rows, fit_codes, predict_rows) -> probs`` of shape (len(predict_rows), k).

A method that has to train does so without a model of its own: rows are positions in the data that the
caller has bound; ``fit_codes`` are the labels to train on, one for each of ``fit_rows``.
"""
