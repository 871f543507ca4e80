"""``run_recipe``: explore, baseline, improve and select in rounds, proved on sealed rows; and ``predict``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import numpy as np
import polars as pl
from msgspec import structs

from dechaff.api.auditing import Finished, finished_audit
from dechaff.api.proven_runs import put_proof
from dechaff.api.results import Audit, Recipe
from dechaff.checks import check_count
from dechaff.core.outputs import Kind, check_output
from dechaff.data.classes import is_path
from dechaff.data.dataset import Dataset, Schema
from dechaff.data.formats.files import Reading, open_files
from dechaff.data.open import open_like
from dechaff.data.write import write_csv_table
from dechaff.errors import DataError, InputError
from dechaff.models.persist import load, save
from dechaff.recipe.audit import Audited
from dechaff.recipe.improve.rounds import Rounds, run_rounds, select_on
from dechaff.recipe.outcome.added_rows import no_rows_yet
from dechaff.recipe.passes.request import AuditSettings
from dechaff.recipe.prove.parts import parts_like
from dechaff.recipe.prove.prove import Proof, prove_parts
from dechaff.recipe.prove.training import Trainings
from dechaff.recipe.tasks.classification import ClassificationTask
from dechaff.records.augment_options import AugmentOptions
from dechaff.records.chosen_features import FeatureFacts
from dechaff.records.keywords import takes
from dechaff.records.metrics import SampleFacts
from dechaff.records.option import Option
from dechaff.records.options import FileOptions, ReadOptions, RecipeOptions, part_of
from dechaff.records.policies import Policy
from dechaff.records.run import MODEL, Run, read_model_facts, read_run, rewrite_metrics, write_model_facts
from dechaff.typing import Columns

if TYPE_CHECKING:
    from dechaff.recipe.augment.proved_augmentation import AugmentationStep

_PREDICTED: Kind = "the predictions"
_TESTED_TWICE = (
    "The new rows of data augmentation are kept because of a comparison on these test rows, which is in the chapter on "
    "augmentation; the gain in this proof contains theirs."
)
TestParts: TypeAlias = Callable[[], Iterable[Dataset]]


@takes(RecipeOptions)
def run_recipe(source: Any, options: RecipeOptions) -> Recipe:
    """The four steps in one go: explore, baseline, improve, select; the last two in rounds; then the proof.

    Parameters
    ----------
    source : as for ``audit``.
    **options

    Returns
    -------
    Recipe
        ``audit`` (its run folder also holds the log of rounds, the model and the proof), ``improved``,
        ``selection``, and ``proof``, which is None without sealed rows.

    Raises
    ------
    InputError
        If the source or an option cannot be used.
    RunError
        If the run folder cannot be written.

    Source
    ------
    As for ``audit`` and ``prove``; the rounds are this library's.

    Examples
    --------
    >>> import dechaff, numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> x = np.random.default_rng(0).normal(size=200)
    >>> label = np.where(x > 0, "high", "low")
    >>> label[x.argmax()] = "low"
    >>> table = {"x": x, "label": label}
    >>> done = dechaff.run_recipe(table, label="label", test_size=0.3, rounds=1, model=LogisticRegression())
    >>> done.proof.verdict, len(done.improved["label"])
    ('no evidence', 200)
    >>> dechaff.predict(done.audit.folder, {"x": [-2.0, 2.0]})["label"].to_list()
    ['low', 'high']
    """
    check_count("rounds", options.rounds, least=1)
    if options.augment and options.test is None and options.test_size is None and options.split is None:
        fix = "Name test rows with test, test_size or split: augmentation is kept only if sealed rows confirm it."
        raise InputError("augment", "come with test rows", "none", fix)
    done: list[Rounds] = []

    def rounds(first: Audited, settings: AuditSettings) -> tuple[Audited, Policy]:
        done[:] = [Rounds(first, (), None)]
        if first.base.candidates:
            done[:] = [run_rounds(first, settings, rounds=options.rounds)]
        # Changes that did not help are not applied to other rows: label errors are only reviewed there.
        failed = bool(done[0].log) and not done[0].log[0].kept
        never = replace(settings.policy, relabel_above=2.0, drop_above=2.0)
        return done[0].audited, never if failed else settings.policy

    with finished_audit(source, options, ClassificationTask(), "recipe", rounds) as finished:
        if options.decisions is not None:
            finished.result.import_decisions(options.decisions)
        return _with_model_and_proof(finished, done[0], options)


def _with_model_and_proof(finished: Finished, done: Rounds, options: RecipeOptions) -> Recipe:
    """The model and the proof, on the data as they are after all decisions, are kept in the run folder."""
    plain, by = finished.improved(), finished.job.settings
    after = plain
    if options.decisions is not None:  # reviewers decided: the model is selected again
        done = replace(done, selection=select_on(done.audited, after, by))
    proof, model, tests = None, done.audited.base.model, _tests(finished)
    step: AugmentationStep | None = None
    if tests is not None and model is not None and done.log:
        with suppress(KeyboardInterrupt):
            trainings = Trainings(model, options.metric, None, by.seed, by.progress, by.threads)
            if options.augment:
                step = _augmentation(finished, after, tests, trainings)
                done, after = _with_step(done, step, after, by.seed)
            proof = prove_parts(done.audited.train, after, tests, trainings)
            notes = (*proof.notes, *([_TESTED_TWICE] if step is not None and step.kept is not None else []))
            proof = structs.replace(proof, sample=finished.sample, notes=notes)
    elif options.augment:
        from dechaff.recipe.augment.proved_augmentation import not_tried

        step = not_tried("there is no model or no test row by which it could be judged.")
    done, features = _with_features(done, (plain, after), tests, options, by)
    _keep_outcome(finished.result, done, proof, features, finished.sample)
    if step is not None:
        _keep_step(read_run(finished.job.folder), step)
    result = Audit(read_run(finished.job.folder), finished.result.data)
    result.report()
    return Recipe(result, done.selection, proof)


def _augmentation(finished: Finished, after: Dataset, tests: TestParts, by: Trainings) -> AugmentationStep:
    """The search on the rows after all decisions, and its proof; the reason if the data cannot take new rows."""
    from dechaff.recipe.augment.proved_augmentation import not_tried, proved_augmentation

    data, model, own = finished.result.data, by.model, finished.job.options
    if data is None or model is None:
        return not_tried("the data are read out of core; augment a sample of them in a file of its own.")
    try:
        data.source.with_added_rows(no_rows_yet(data.id_name))
    except DataError as error:
        return not_tried(str(error).replace("\n", " "))
    options = AugmentOptions(seed=by.seed, threads=own.threads, progress=by.progress)
    return proved_augmentation(after, tests, by, model, options)


def _with_step(done: Rounds, step: AugmentationStep, after: Dataset, seed: int) -> tuple[Rounds, Dataset]:
    """The kept model, trained anew if there are new rows; and the rows of the proof."""
    if step.kept is None:
        return done, after
    rows, selected = step.kept.take(np.flatnonzero(step.kept.codes >= 0)), done.selection
    if selected is not None:
        fitted = selected.model.fit(rows.table, None, rows.codes, len(rows.class_names), seed=seed)
        done = replace(done, selection=replace(selected, fitted=fitted))
    return done, step.kept


def _keep_step(run: Run, step: AugmentationStep) -> None:
    if step.found is None:
        rewrite_metrics(run.folder, structs.replace(run.metrics, augmentation=step.facts))
    else:
        from dechaff.recipe.augment.kept_augmentation import keep_augmentation

        keep_augmentation(run, step.found, step.facts)


def _with_features(
    done: Rounds,
    improved: tuple[Dataset, Dataset],
    tests: TestParts | None,
    options: RecipeOptions,
    by: AuditSettings,
) -> tuple[Rounds, FeatureFacts | None]:
    """The selected model, trained on the chosen features if there are any, and the figures of the report.

    ``improved`` are the rows without and with those of data augmentation: the choice is made on the first, and models
    are trained on the second.
    """
    selection = done.selection
    if not options.choose_features or selection is None:
        return done, None
    from dechaff.recipe.features.chosen_features import choose_features

    (rows, train), trainings = improved, Trainings(None, options.metric, None, by.seed, by.progress, by.threads)
    chosen = choose_features(rows, selection.model, tests, trainings, train=train)
    if chosen.model is None:
        return done, chosen.facts
    fitted = chosen.model.fit(train.table, None, train.codes, len(train.class_names), seed=by.seed)
    return replace(done, selection=replace(selection, model=chosen.model, fitted=fitted)), chosen.facts


def _tests(finished: Finished) -> TestParts | None:
    """The test rows in parts: those of their own file, or those that were held out; None if there are none."""
    plan, test = finished.read_plan, finished.rows.test
    if plan is None:
        return None if test is None else lambda: (test,)
    options = part_of(ReadOptions, finished.job.options)
    if options.test is not None:
        progress = finished.job.settings.progress
        return parts_like(open_files(options.test, Reading.of(options), progress=progress), plan.sample)

    def parts() -> Iterator[Dataset]:
        for block in plan.source.parts:
            rows, held_out = plan.rows(block, block.read())
            yield rows.take(np.flatnonzero(held_out))

    return parts if plan.n_test else None


@dataclass(frozen=True)
class KeptModel:
    """The input of `predict` beside the fitted model: its name, and how columns are read."""

    name: str
    schema: Schema


def _keep_outcome(
    result: Audit, done: Rounds, proof: Proof | None, features: FeatureFacts | None, sample: SampleFacts | None
) -> None:
    selected, figures = done.selection, result.run.metrics
    rest = "The rounds, the selected model and the proof rest on a sample"
    notes = () if sample is None else (f"{rest} of {sample.rows:,} of {sample.of:,} rows.",)
    figures = structs.replace(
        figures,
        limits=(*figures.limits, *notes),
        rounds=done.log,
        selection=() if selected is None else selected.candidates,
        features=features,
    )
    rewrite_metrics(result.folder, figures)
    if proof is not None:
        put_proof(read_run(result.folder), proof)
    if selected is None:
        return
    save(selected.fitted, result.folder / MODEL)
    schema = replace(done.audited.train.schema, class_names=tuple(selected.class_names))
    write_model_facts(result.folder, KeptModel(selected.model.name, schema))


@dataclass(frozen=True, kw_only=True)
class _PredictOptions(FileOptions):
    output: Annotated[str | os.PathLike[str] | None, Option("CSV to write.", "path")] = None


@takes(_PredictOptions)
def predict(folder: str | os.PathLike[str], source: Any, options: _PredictOptions) -> Any:
    """Labels of new rows, by the model that a recipe kept.

    Parameters
    ----------
    folder : run folder of ``run_recipe``. Its model is stored without pickle: opening it runs no code of the file.
    source : new rows with the columns of the training data; a label column is not needed.
    **options

    Returns
    -------
    polars.DataFrame
        ``row``, ``label``, and ``p_CLASS`` for every class; rows in their order.

    Raises
    ------
    RunError
        If the folder is not that of a recipe, or its model cannot be read safely.
    DataError
        If the new rows lack a column of the training data.

    Examples
    --------
    See `run_recipe`.
    """
    place, inputs = Path(folder), (source,) if is_path(source) else ()
    if options.output is not None:
        check_output(options.output, _PREDICTED, inputs=inputs)
    read_run(place)
    schema = read_model_facts(place, KeptModel).schema
    rows = open_like(source, schema, need_label=False, files=options)
    probs = load(place / MODEL).probs(rows.table, rows.features)
    labels = np.array(schema.class_names, dtype=object)[probs.argmax(axis=1)]
    columns: Columns = {"row": rows.ids.astype(str).tolist(), "label": labels.tolist()}
    columns |= {f"p_{name}": probs[:, place].round(6).tolist() for place, name in enumerate(schema.class_names)}
    if options.output is not None:
        write_csv_table(options.output, columns, _PREDICTED, inputs=inputs)
    return pl.DataFrame(columns)
