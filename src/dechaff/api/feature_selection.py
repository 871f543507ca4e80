"""``select_features``: the columns of a file that a model needs, and the rows and a Pipeline without the others."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from dechaff.api.reading import chosen_model
from dechaff.checks import check_seed_and_threads
from dechaff.core.outputs import Kind, check_output, write_outputs
from dechaff.data.open import open_with
from dechaff.data.write import write_csv_table
from dechaff.errors import InputError
from dechaff.models.estimator import as_model
from dechaff.recipe.features.created_code import created_code
from dechaff.recipe.features.created_features import tried_table
from dechaff.recipe.features.pipeline_code import pipeline_code
from dechaff.recipe.features.selected_features import selected_features
from dechaff.records.feature_options import FeatureOptions
from dechaff.records.keywords import takes

_SELECTED: Kind = "the selected columns"
_PIPELINE: Kind = "the pipeline"


@dataclass(frozen=True)
class FeatureSelection:
    """The result in words, the names of the columns that stay, and a line for each column.

    With ``create=True``, also the names of accepted features, and a line for each that was tried.
    """

    words: str
    kept: tuple[str, ...]
    table: pl.DataFrame
    created: tuple[str, ...]
    tried: pl.DataFrame


@takes(FeatureOptions)
def select_features(source: str | os.PathLike[str], options: FeatureOptions) -> FeatureSelection:
    """Find the columns of a file that a model needs; write the rows with them alone, and code that reads them.

    Test rows choose no column. They are compared with the training rows: columns that drift between them (F006) are
    named, and training rows that are copies of test rows (D004) are counted. Texts of several words are not tested, and
    stay.

    Parameters
    ----------
    source : file of a table.
    **options

    Returns
    -------
    FeatureSelection
        Its ``table`` has a line for each column: whether it stays, the code and the reason if not, the growth of the
        log-loss of held-out rows if the column is shuffled (with those that it correlates with) and its 95 %
        interval, the fraction of random halves of the rows on which it is selected, and how it differs between
        training and test rows. With ``create``, ``tried`` has a line for each created feature that was tried: the
        columns that it is made of, and the gain in Brier score and accuracy of rows that took no part in the search,
        with intervals that are corrected for the number of features tested. Target encodings are in the Pipeline and
        not in the rows, where they would hold the labels.

    Raises
    ------
    DataError, LabelsError
        If the data have no columns with names, or too few rows or classes.
    InputError
        If an option is out of range, or an output may not be written.

    Source
    ------
    See `FeatureSelector`.

    Examples
    --------
    See the guide to features.
    """
    check_seed_and_threads(options.seed, options.threads)
    rate = options.false_discovery_rate
    if not 0 < rate < 1:
        raise InputError("false_discovery_rate", "be between 0 and 1", f"{rate:g}", "Write 0.05 or 0.1.")
    place = Path(source)
    inputs = [place, *([Path(options.test)] if isinstance(options.test, str | Path) else [])]
    output, pipeline = (None if one is None else Path(one) for one in (options.output, options.pipeline))
    for path, kind in ((output, _SELECTED), (pipeline, _PIPELINE)):
        if path is not None:
            check_output(path, kind, inputs=inputs)
    given = chosen_model(options.model)
    opened = open_with(place, options, seed=options.seed)
    found = selected_features(opened, options, None if given is None else as_model(given))
    if output is not None:
        write_csv_table(output, found.columns(), _SELECTED, inputs=inputs)
    if pipeline is not None:
        label = found.rows.label_name or "label"
        made = created_code(found.accepted, found.rows.table)
        code = pipeline_code(found.kept, place, label, created=made, delimiter=options.delimiter)
        write_outputs({pipeline: code.encode()}, _PIPELINE, inputs=inputs)
    created = tuple(one.name for one in found.accepted)
    names = tuple(one.name for one in found.kept)
    return FeatureSelection(found.words, names, found.table(), created, tried_table(found.created))
