"""How two samples of rows differ, as the report shows it."""

from __future__ import annotations

from dechaff.records.record import Record


class DriftedColumn(Record, frozen=True):
    """A column that tells two samples apart.

    ``distance`` is the largest difference of a proportion, from 0 to 1; ``p_value`` is corrected for the number of
    columns. ``bins`` are ranges or values, with the proportion of rows of either sample in each; empty for texts.
    """

    column: str = ""
    distance: float = 0.0
    p_value: float = 1.0
    words: str = ""
    bins: tuple[str, ...] = ()
    reference: tuple[float, ...] = ()
    current: tuple[float, ...] = ()


class Drift(Record, frozen=True):
    """How the rows of one sample differ from those of another.

    ``auc`` is that of a classifier that distinguishes them, ``low`` to ``high`` where it lies by chance.
    ``label_words`` say how the mix of classes differs; if it does, columns are compared in rows with the same mix.
    """

    between: str = ""
    reference: str = ""
    current: str = ""
    rows: tuple[int, int] = (0, 0)
    auc: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    label_distance: float = 0.0
    label_words: str = ""
    columns: tuple[DriftedColumn, ...] = ()
    differs: bool = False
