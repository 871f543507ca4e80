"""``augment``: which operation of data augmentation helps on held-out rows, and the data with the new rows."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from dechaff.api.reading import chosen_model
from dechaff.checks import check_count, check_seed_and_threads
from dechaff.core.outputs import Kind, check_output
from dechaff.data.open import open_with
from dechaff.data.write import write_csv_table
from dechaff.estimators.augmentation.study import AugmentationStudy
from dechaff.models.choose import candidate_models
from dechaff.models.estimator import as_model
from dechaff.recipe.augment.augmented_table import augmented_data
from dechaff.records.augment_options import AugmentOptions
from dechaff.records.keywords import takes
from dechaff.typing import Columns

_AUGMENTED: Kind = "the augmented data"


@dataclass(frozen=True)
class Augmented:
    """What was tried, and the file that was written; None if no operation is better than none."""

    study: AugmentationStudy
    output: Path | None
    n_rows: int
    n_new: int
    model: str

    def table(self) -> pl.DataFrame:
        """Each operation with its flip rate, its gain and accuracy in the search, and why it was refused."""
        lines: Columns = {name: [] for name in ("operation", "flip_rate", "gain", "accuracy", "refused")}
        for one in self.study.tried:
            lines["operation"].append(one.candidate.words)
            lines["flip_rate"].append(None if one.flips is None else one.flips.rate)
            lines["gain"].append(None if one.gain is None else one.gain.mean)
            lines["accuracy"].append(None if one.accuracy is None else one.accuracy.mean)
            lines["refused"].append(one.refused)
        kinds = dict.fromkeys(("flip_rate", "gain", "accuracy"), pl.Float64)
        return pl.DataFrame(lines, {"operation": pl.String, **kinds, "refused": pl.String})


@takes(AugmentOptions)
def augment(source: str | os.PathLike[str], options: AugmentOptions) -> Augmented:
    """Find an operation that helps a model on held-out rows, and write the data with the new rows.

    Parameters
    ----------
    source : file of a table or of texts.
    **options

    Returns
    -------
    Augmented
        With the labelled training rows and the new ones in a CSV; the column ``aug_of`` has the name of the row from
        which each was made. It is a group: no split or fold separates a row from its children.

    Raises
    ------
    DataError, LabelsError
        If the data are images or features, or have too few rows or classes.
    InputError
        If an option is out of range, or the output may not be written.

    Source
    ------
    See `AugmentationSelector`.

    Examples
    --------
    See the guide to data augmentation.
    """
    check_seed_and_threads(options.seed, options.threads)
    for name, value in (("repeats", options.repeats), ("copies", 1 if options.copies is None else options.copies)):
        check_count(name, value, least=1)
    place = Path(source)
    stem = place.name.removesuffix(".gz").rsplit(".", 1)[0]
    output = place.with_name(f"{stem}_augmented.csv") if options.output is None else Path(options.output)
    inputs = [place, *([Path(options.test)] if isinstance(options.test, str | Path) else [])]
    check_output(output, _AUGMENTED, inputs=inputs)
    train = open_with(place, options, seed=options.seed).train
    own = chosen_model(options.model)
    k = len(train.class_names)
    model = candidate_models(train.table, train.features, n_classes=k)[0] if own is None else as_model(own)
    found = augmented_data(train, model, options)
    if found.made is None:
        return Augmented(found.study, None, len(found.rows), 0, model.name)
    write_csv_table(output, found.columns(), _AUGMENTED, inputs=inputs)
    return Augmented(found.study, output, len(found.rows), len(found.parents), model.name)
