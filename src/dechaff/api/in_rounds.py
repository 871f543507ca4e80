"""``run_recipe``: explore, baseline, improve and select in rounds, proved on sealed rows; and ``predict``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from msgspec import structs

from dechaff.api.auditing import keep_run, resumable
from dechaff.api.in_passes import reads_in_passes, run_in_passes, sampled
from dechaff.api.reading import Job, check_decisions, check_decisions_alone, job_of
from dechaff.api.results import Audit, Recipe
from dechaff.backends.chosen import chosen_backend
from dechaff.core.backend import Backend
from dechaff.data.columns.roles import ColumnRoles
from dechaff.data.dataset import ColumnPlan, Dataset, Opened, Schema
from dechaff.data.formats.files import Reading, open_files
from dechaff.data.open import open_like, open_with
from dechaff.data.write import write_csv_table
from dechaff.models.persist import load, save
from dechaff.recipe.audit import audit_data
from dechaff.recipe.cost import cost_in_words
from dechaff.recipe.improve.improve import improved_data
from dechaff.recipe.improve.rounds import Rounds, run_rounds, select_on
from dechaff.recipe.outcome.apply import decided_data
from dechaff.recipe.outcome.content import Command, outcome_of
from dechaff.recipe.passes.read_plan import ReadPlan
from dechaff.recipe.passes.row_order import in_content_order
from dechaff.recipe.prove.parts import parts_like
from dechaff.recipe.prove.prove import Proof, Trainings, prove_parts
from dechaff.recipe.prove.prove import prove as prove_data
from dechaff.recipe.tasks.classification import ClassificationTask
from dechaff.records.keywords import takes
from dechaff.records.metrics import SampleFacts
from dechaff.records.options import ReadOptions, RecipeOptions, part_of
from dechaff.records.run import MODEL, read_model_facts, read_run, rewrite_metrics, write_model_facts
from dechaff.typing import Columns


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
    """
    return run_in_rounds(source, options)


def run_in_rounds(source: Any, options: RecipeOptions) -> Recipe:
    """`run_recipe` with a record of options."""
    job = job_of(source, options, rounds=options.rounds)
    if reads_in_passes(source, options.memory):
        check_decisions_alone(options.decisions)
        with chosen_backend(options.backend, address=options.address, threads=options.threads) as backend:
            return _out_of_core(job, options, backend)
    opened = open_with(source, options, probs=options.probs, seed=options.seed)
    check_decisions(options.decisions, opened.train)
    cost = cost_in_words(opened.train, threads=job.threads, own_model=job.model is not None)
    job.progress(f"{cost}, for every round", 0, 0)
    work = {"model": job.model, "seed": options.seed, "threads": job.threads}
    with chosen_backend(options.backend, address=options.address, threads=options.threads):
        proof, rows = None, in_content_order(opened)
        with resumable(job, rows.train):
            first = audit_data(rows, policy=job.policy, progress=job.progress, **work)
            done = Rounds(first, (), None)
            # Ctrl-C ends the recipe, and what was finished before it is kept.
            with suppress(KeyboardInterrupt):
                if first.base.candidates:
                    done = run_rounds(first, policy=job.policy, rounds=options.rounds, progress=job.progress, **work)
        result = keep_run(job, Command("recipe", source, options, job.about()), outcome_of(done.audited), opened.train)
        if options.decisions is not None:
            result.import_decisions(options.decisions)
            done = _with_reviews(result, done, first.train, job)
        with suppress(KeyboardInterrupt):
            proof = _proof(result, first.opened, done, job, options.metric)
        _keep_outcome(result, done, proof, opened.train)
        result = Audit(read_run(job.folder), opened.train)
        result.report()
        return Recipe(result, done.selection, proof)


def _with_reviews(result: Audit, done: Rounds, train: Dataset, job: Job) -> Rounds:
    """The model selected again, on the data with the decisions of reviewers."""
    data = decided_data(train, result.run.decided())
    selection = select_on(done.audited, data, model=job.model, seed=job.options.seed, threads=job.threads)
    return replace(done, selection=selection)


def _proof(result: Audit, opened: Opened, done: Rounds, job: Job, metric: str) -> Proof | None:
    model = done.audited.base.model
    if opened.test is None or model is None or not done.log:
        return None
    return prove_data(
        opened.train,
        decided_data(opened.train, result.run.decided()),
        opened.test,
        model=model,
        metric=metric,
        seed=job.options.seed,
        progress=job.progress,
        threads=job.threads,
    )


def _out_of_core(job: Job, options: RecipeOptions, backend: Backend) -> Recipe:
    """Rounds, model and proof on a sample; every row is decided by the policy that held on the sample."""
    known = sampled(job, backend)
    sample, n_rows = known.sample, known.n_rows - known.n_test
    work = {"model": job.model, "seed": options.seed, "threads": job.threads, "progress": job.progress}
    first = audit_data(in_content_order(Opened(sample, None)), policy=job.policy, **work)
    done, proof = Rounds(first, (), None), None
    if first.base.candidates:
        done = run_rounds(first, policy=job.policy, rounds=options.rounds, **work)
    if done.log and not done.log[0].kept:
        # Changes that did not help on the sample are not applied to all rows: label errors are only reviewed.
        job = replace(job, policy=replace(job.policy, relabel_above=2.0, drop_above=2.0))
    result = Audit(run_in_passes(job, ClassificationTask(), "recipe", backend))
    if options.decisions is not None:
        result.import_decisions(options.decisions)
    tests = _tests(job, known)
    if tests is not None and done.log and first.base.model is not None:
        by = Trainings(first.base.model, options.metric, None, options.seed, job.progress, job.threads)
        proof = prove_parts(first.train, improved_data(first.train, done.audited.improved.decided), tests, by)
        proof = replace(proof, sample=SampleFacts(len(sample), n_rows))
    note = f"The rounds, the selected model and the proof rest on a sample of {len(sample):,} of {n_rows:,} rows."
    _keep_outcome(result, done, proof, sample, note)
    result = Audit(read_run(job.folder))
    result.report()
    return Recipe(result, done.selection, proof)


def _tests(job: Job, known: ReadPlan) -> Callable[[], Iterable[Dataset]] | None:
    """The test rows in parts: those of their own file, or those that were held out; None if there are none."""
    options = part_of(ReadOptions, job.options)
    if options.test is not None:
        reading = Reading(ColumnRoles.of(options).label, options.delimiter, options.encoding)
        return parts_like(open_files(options.test, reading, progress=job.progress), known.sample)
    if not known.n_test:
        return None

    def parts() -> Iterator[Dataset]:
        for block, read in known.each():
            rows, held_out = known.rows(block, read)
            yield rows.take(np.flatnonzero(held_out))

    return parts


def _keep_outcome(result: Audit, done: Rounds, proof: Proof | None, train: Dataset, *notes: str) -> None:
    selected, figures = done.selection, result.run.metrics
    figures = structs.replace(
        figures,
        limits=(*figures.limits, *notes),
        rounds=done.log,
        selection=() if selected is None else selected.candidates,
        proof=None if proof is None else proof.facts,
    )
    rewrite_metrics(result.folder, figures)
    if selected is None:
        return
    save(selected.fitted, result.folder / MODEL)
    schema = asdict(train.schema) | {"class_names": list(selected.class_names)}
    write_model_facts(result.folder, {"name": selected.model.name, "schema": schema})


def predict(folder: str | os.PathLike[str], source: Any, *, output: str | os.PathLike[str] | None = None) -> Any:
    """Labels of new rows, by the model that a recipe kept.

    Parameters
    ----------
    folder : run folder of ``run_recipe``. Its model is stored with skops: opening it runs no code of the file.
    source : new rows with the columns of the training data; a label column is not needed.
    output : CSV to write.

    Returns
    -------
    polars.DataFrame
        ``row``, ``label``, and ``p_CLASS`` for every class; rows in their order.
    """
    place = Path(folder)
    read_run(place)
    facts = read_model_facts(place)
    plans = tuple(ColumnPlan(**plan) for plan in facts["schema"]["plans"])
    names = {name: tuple(facts["schema"][name]) for name in ("class_names", "unused")}
    schema = Schema(**{**facts["schema"], "plans": plans, **names})
    rows = open_like(source, schema, need_label=False)
    probs = load(place / MODEL).probs(rows.table, rows.features)
    labels = np.array(schema.class_names, dtype=object)[probs.argmax(axis=1)]
    columns: Columns = {"row": rows.ids.astype(str).tolist(), "label": labels.tolist()}
    columns |= {f"p_{name}": probs[:, place].tolist() for place, name in enumerate(schema.class_names)}
    if output is not None:
        write_csv_table(output, columns)
    return pl.DataFrame(columns)
