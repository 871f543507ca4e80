"""How long an audit will take, stated before it begins: a rough figure from the size of the data."""

from __future__ import annotations

from dechaff.core.table import Table
from dechaff.core.words import counted, mean_words
from dechaff.data.dataset import Dataset
from dechaff.models.choose import MANY_ROWS

_START = 6.0
_WORD, _WORD_OF_CLASS = 1e-5, 3.5e-5
_CELL, _CELL_OF_CLASS = 1e-5, 1.4e-5
_CELL_OF_CLASS_IN_TREES = 1.1e-4
_FEATURE_OF_CLASS = 5e-7
"""Seconds on one core, fitted to the figures of docs/benchmarks/whole-audit.md: a constant, per word, per cell and per
given feature, and once more per class. Up to ``MANY_ROWS`` rows, tables are given to randomised trees."""
_MANY_CLASSES = 4
"""Classes beyond these cost a fifth each: the models handle several at once."""
_SAMPLE = 1_000


def cost_in_words(train: Dataset, *, threads: int, own_model: bool = False) -> str:
    """Rows, columns and classes, and about how long they take.

    Parameters
    ----------
    train : the rows to audit
    threads : number of threads; two save a third of the time.
    own_model : whether the user's own model is used, whose cost is unknown.
    """
    columns = len(train.table.columns) + (0 if train.features is None else train.features.shape[1])
    classes = counted(len(train.class_names), "class", "classes")
    size = " × ".join([counted(len(train), "row"), counted(columns, "column"), classes])
    if own_model:
        return f"{size}; how long it takes depends on your model"
    seconds = expected_seconds(train) * (1.0 if threads == 1 else 0.65)
    return f"{size}: about {_duration(seconds)}"


def expected_seconds(train: Dataset) -> float:
    """Seconds of one core that an audit takes, usually within a factor of two."""
    k = 1 if len(train.class_names) == 2 else len(train.class_names)
    classes = min(k, _MANY_CLASSES) + max(0, k - _MANY_CLASSES) / 5
    if train.features is not None:
        return _START + train.features.size * _FEATURE_OF_CLASS * classes
    cells = len(train) * len(train.table.of_kind("numeric", "categorical", "datetime"))
    words = _words(train.table)
    cell = _CELL_OF_CLASS_IN_TREES if words == 0 and len(train) <= MANY_ROWS else _CELL_OF_CLASS
    return _START + words * (_WORD + _WORD_OF_CLASS * classes) + cells * (_CELL + cell * classes)


def _words(table: Table) -> float:
    texts = [column.values for column in table.of_kind("text")]
    return sum(len(some) * mean_words(some[:: max(1, len(some) // _SAMPLE)].tolist()) for some in texts)


def _duration(seconds: float) -> str:
    """In words, rounded as a rough figure should be.

    Examples
    --------
    >>> _duration(7), _duration(44), _duration(100), _duration(290), _duration(9_000)
    ('10 seconds', '40 seconds', '2 minutes', '5 minutes', '2.5 hours')
    """
    if seconds < 55:
        return f"{max(1, round(seconds / 10)) * 10} seconds"
    if seconds < 5_400:
        minutes = max(1, round(seconds / 60))
        return f"{minutes} minute{'s' if minutes > 1 else ''}"
    return f"{round(seconds / 1_800) / 2:g} hours"
