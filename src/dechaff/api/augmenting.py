"""``augment``: which operation of data augmentation helps on held-out rows, and the data with the new rows."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from dechaff.api.reading import chosen_model, source_of
from dechaff.api.results import Audit
from dechaff.checks import check_count, check_seed_and_threads
from dechaff.core.outputs import Kind, check_output
from dechaff.data.dataset import Dataset
from dechaff.data.open import open_with
from dechaff.data.write import write_csv_table
from dechaff.errors import InputError
from dechaff.estimators.augmentation.search import check_flip_rate
from dechaff.estimators.augmentation.study import AugmentationStudy
from dechaff.models.choose import candidate_models
from dechaff.models.estimator import as_model
from dechaff.models.model import Model
from dechaff.recipe.augment.augmented_table import augmented_data
from dechaff.recipe.augment.kept_augmentation import augmentation_facts, keep_augmentation
from dechaff.recipe.outcome.added_rows import no_rows_yet
from dechaff.recipe.outcome.apply import decided_data
from dechaff.records.augment_options import AugmentOptions
from dechaff.records.keywords import takes
from dechaff.records.run import Run, is_run_of, one_writer, read_run
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
    run: Path | None = None
    """The run folder that holds the augmentation."""

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
        With the labelled training rows and the new ones in a CSV, or with `run` as a finding of the run; the column
        ``aug_of`` has the name of the row from which each was made. It is a group: no split or fold separates a row
        from its children.

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
    check_flip_rate(options.max_flip_rate)
    place = Path(source)
    if options.run is not None:
        return _in_run(read_run(Path(options.run)), place, options)
    stem = place.name.removesuffix(".gz").rsplit(".", 1)[0]
    output = place.with_name(f"{stem}_augmented.csv") if options.output is None else Path(options.output)
    inputs = [place, *([Path(options.test)] if isinstance(options.test, str | Path) else [])]
    check_output(output, _AUGMENTED, inputs=inputs)
    train = open_with(place, options, seed=options.seed).train
    model = _model(train, options.model)
    found = augmented_data(train, model, options)
    if found.made is None:
        return Augmented(found.study, None, len(found.rows), 0, model.name)
    write_csv_table(output, found.columns(), _AUGMENTED, inputs=inputs)
    return Augmented(found.study, output, len(found.rows), len(found.parents), model.name)


def _in_run(run: Run, place: Path, options: AugmentOptions) -> Augmented:
    """The same on the rows of an audit after its decisions, kept in its run folder."""
    _check_run(run, place, options)
    with one_writer(run.folder):
        audited = source_of(run, place)
        audited.source.with_added_rows(no_rows_yet(audited.id_name))
        train = decided_data(audited, run.decided())
        model = _model(train, run.options.get("model") if options.model is None else options.model)
        found = augmented_data(train, model, options)
        keep_augmentation(run, found, augmentation_facts(found, model.name))
        Audit(read_run(run.folder)).report()
    return Augmented(found.study, None, len(found.rows), len(found.parents), model.name, run.folder)


def _check_run(run: Run, place: Path, options: AugmentOptions) -> None:
    if options.output is not None:
        fix = f"Leave --output out; then run: dechaff apply {run.folder} -o FILE"
        raise InputError("the output", "be left out if a run is named", str(options.output), fix)
    if not is_run_of(run, place):
        named, fix = run.options.get("source"), "Name the file of this run, or another run folder."
        raise InputError("the run", f"be one of {place}", f"{run.folder}, the run of {named}", fix)
    label = run.metrics.dataset.label
    if run.metrics.positives is not None:
        fix = "Leave --run out, or audit the data with dechaff audit."
        raise InputError("the run", "be an audit of classes", "one of labelled positives", fix)
    if options.label not in (None, label):
        raise InputError("the label", "be that of the run", f"{options.label!r} and {label!r}", "Leave --label out.")


def _model(train: Dataset, given: Any) -> Model:
    if isinstance(given, str) and given.startswith("<"):
        fix = "Pass the model again, with --model or model=."
        raise InputError("the model of the run", "be known by its name", f"{given}, an object in memory", fix)
    own = chosen_model(given)
    if own is not None:
        return as_model(own)
    return candidate_models(train.table, train.features, n_classes=len(train.class_names))[0]
