"""``run_recipe``: explore, baseline, improve and select in rounds, proved on sealed rows; and ``predict``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import numpy as np
import polars as pl
from msgspec import structs

from dechaff.api.auditing import keep_run, resumable, sealed_rows_kept
from dechaff.api.out_of_core import reads_out_of_core, run_out_of_core
from dechaff.api.proven_runs import put_proof
from dechaff.api.reading import Job, check_decisions, check_decisions_alone, job_of
from dechaff.api.results import Audit, Recipe
from dechaff.backends.chosen import chosen_backend
from dechaff.checks import check_count
from dechaff.core.backend import Backend
from dechaff.core.outputs import Kind, check_output
from dechaff.core.threads import use_threads
from dechaff.data.classes import is_path
from dechaff.data.dataset import Dataset, Opened, Schema
from dechaff.data.formats.files import Reading, open_files
from dechaff.data.open import open_like
from dechaff.data.write import write_csv_table
from dechaff.models.persist import load, save
from dechaff.recipe.audit import Audited, audit_data
from dechaff.recipe.audit_out_of_core import Planned
from dechaff.recipe.cost import cost_in_words
from dechaff.recipe.explore.content_hashes import in_content_order
from dechaff.recipe.improve.improve import Fitted
from dechaff.recipe.improve.rounds import Rounds, run_rounds, select_on
from dechaff.recipe.outcome.apply import decided_data
from dechaff.recipe.outcome.content import Command
from dechaff.recipe.passes.read_plan import ReadPlan
from dechaff.recipe.passes.request import AuditSettings
from dechaff.recipe.prove.parts import parts_like
from dechaff.recipe.prove.prove import Proof, prove_parts
from dechaff.recipe.prove.training import Trainings
from dechaff.recipe.tasks.classification import ClassificationTask
from dechaff.records.keywords import takes
from dechaff.records.metrics import SampleFacts
from dechaff.records.options import FileOptions, Option, ReadOptions, RecipeOptions, part_of
from dechaff.records.run import MODEL, one_writer, read_model_facts, read_run, rewrite_metrics, write_model_facts
from dechaff.typing import Columns

_PREDICTED: Kind = "the predictions"
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
    job, task = job_of(source, options), ClassificationTask()
    if reads_out_of_core(source, options.memory):
        check_decisions_alone(options.decisions)
        chosen = chosen_backend(options.backend, address=options.address, threads=options.threads)
        with one_writer(job.folder), chosen as backend:
            return _out_of_core(job, task, options, backend)
    with use_threads(options.threads):
        opened, settings = task.opened(source, options), job.settings
    check_decisions(options.decisions, opened.train)
    cost = cost_in_words(opened.train, threads=settings.threads, own_model=settings.model is not None)
    settings.progress(f"{cost}, for every round", 0, 0)
    chosen = chosen_backend(options.backend, address=options.address, threads=options.threads)
    with one_writer(job.folder), chosen:
        rows = in_content_order(opened)
        with resumable(job, rows.train):
            first = audit_data(rows, task, settings)
            done = Rounds(first, (), None)
            # Ctrl-C ends the recipe, and what was finished before it is kept.
            with suppress(KeyboardInterrupt):
                done = _in_rounds(first, settings, options)
        result = keep_run(job, Command("recipe", source, options, job.about()), done.audited.outcome(), opened.train)
        if options.decisions is not None:
            result.import_decisions(options.decisions)
        data, test = decided_data(first.train, result.run.decided()), rows.test
        return _finished(result, done, data, None if test is None else lambda: (test,), job, options)


def _in_rounds(first: Audited, settings: AuditSettings, options: RecipeOptions) -> Rounds:
    return run_rounds(first, settings, rounds=options.rounds) if first.base.candidates else Rounds(first, (), None)


def _finished(
    result: Audit,
    done: Rounds,
    after: Dataset,
    tests: TestParts | None,
    job: Job,
    options: RecipeOptions,
    sample: SampleFacts | None = None,
) -> Recipe:
    """The model and the proof, on the data as they are `after` all decisions, are kept in the run folder."""
    if options.decisions is not None:  # reviewers decided: the model is selected again
        done = replace(done, selection=select_on(done.audited, after, job.settings))
    proof, model, by = None, done.audited.base.model, job.settings
    if tests is not None and model is not None and done.log:
        with suppress(KeyboardInterrupt):
            trainings = Trainings(model, options.metric, None, by.seed, by.progress, by.threads)
            proof = structs.replace(prove_parts(done.audited.train, after, tests, trainings), sample=sample)
    _keep_outcome(result, done, proof, sample)
    result = Audit(read_run(job.folder), result.data)
    result.report()
    return Recipe(result, done.selection, proof)


def _out_of_core(job: Job, task: ClassificationTask, options: RecipeOptions, backend: Backend) -> Recipe:
    """Rounds, model and proof on a sample; every row is decided by the policy that held on the sample."""
    settings, found = job.settings, list[tuple[Rounds, ReadPlan]]()

    def settled(planned: Planned) -> tuple[Planned, Fitted]:
        first = audit_data(Opened(planned.read_plan.sample, None), task, settings)
        done = _in_rounds(first, settings, options)
        found.append((done, planned.read_plan))
        if done.log and not done.log[0].kept:
            # Changes that did not help on the sample are not applied to all rows: label errors are only reviewed.
            never = replace(settings.policy, relabel_above=2.0, drop_above=2.0)
            planned = replace(planned, request=replace(planned.request, policy=never))
        return planned, first

    result = sealed_rows_kept(Audit(run_out_of_core(job, task, "recipe", backend, settled)))
    done, known = found[0]
    if options.decisions is not None:
        result.import_decisions(options.decisions)
    # Keys are numbered among all rows; in the sample, rows are found by their names.
    by_name = {event.row: event for event in result.run.decided().values()}
    data = decided_data(replace(done.audited.train, keys=done.audited.train.ids), by_name)
    sample = SampleFacts(len(known.sample), known.n_rows - known.n_test)
    return _finished(result, done, data, _tests(job, known), job, options, sample)


def _tests(job: Job, known: ReadPlan) -> TestParts | None:
    """The test rows in parts: those of their own file, or those that were held out; None if there are none."""
    options = part_of(ReadOptions, job.options)
    if options.test is not None:
        return parts_like(open_files(options.test, Reading.of(options), progress=job.settings.progress), known.sample)
    if not known.n_test:
        return None

    def parts() -> Iterator[Dataset]:
        for block in known.source.parts:
            rows, held_out = known.rows(block, block.read())
            yield rows.take(np.flatnonzero(held_out))

    return parts


@dataclass(frozen=True)
class KeptModel:
    """The input of `predict` beside the fitted model: its name, and how columns are read."""

    name: str
    schema: Schema


def _keep_outcome(result: Audit, done: Rounds, proof: Proof | None, sample: SampleFacts | None) -> None:
    selected, figures = done.selection, result.run.metrics
    rest = "The rounds, the selected model and the proof rest on a sample"
    notes = () if sample is None else (f"{rest} of {sample.rows:,} of {sample.of:,} rows.",)
    figures = structs.replace(
        figures,
        limits=(*figures.limits, *notes),
        rounds=done.log,
        selection=() if selected is None else selected.candidates,
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
    folder : run folder of ``run_recipe``. Its model is stored with skops: opening it runs no code of the file.
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
