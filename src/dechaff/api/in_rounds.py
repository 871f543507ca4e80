"""``run_recipe``: explore, baseline, improve and select in rounds, proved on sealed rows; and ``predict``."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from msgspec import structs

from dechaff.api.auditing import keep_run
from dechaff.api.reading import check_counts, check_decisions, chosen_model, is_path, plain_options, run_folder
from dechaff.api.results import Audit, Recipe
from dechaff.backends.chosen import check_backend, chosen_backend
from dechaff.core.progress import Progress, silent
from dechaff.core.threads import training_threads
from dechaff.data.dataset import Dataset, Opened
from dechaff.data.open import open_data, open_like
from dechaff.data.schema import ColumnPlan, Schema
from dechaff.data.write import write_csv_table
from dechaff.models.persist import load, save
from dechaff.recipe.apply import decided_data
from dechaff.recipe.audit import audit_data
from dechaff.recipe.content import outcome_of
from dechaff.recipe.cost import cost_in_words
from dechaff.recipe.policy import policy_named
from dechaff.recipe.prove import Proof
from dechaff.recipe.prove import prove as prove_data
from dechaff.recipe.rounds import USUAL_ROUNDS, Rounds, run_rounds, select_on
from dechaff.recipe.row_order import in_content_order
from dechaff.records.run import read_run, refuse_foreign_folder, rewrite_metrics
from dechaff.records.saved_model import MODEL, read_model_facts, write_model_facts


def run_recipe(  # noqa: PLR0913 - the options of `audit` and those of the rounds
    source: Any,
    *,
    rounds: int = USUAL_ROUNDS,
    metric: str = "accuracy",
    policy: str = "conservative",
    model: Any = None,
    seed: int = 0,
    threads: int | None = None,
    backend: str = "local",
    address: Any = None,
    out: str | os.PathLike[str] | None = None,
    decisions: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
    **reading: Any,
) -> Recipe:
    """The four steps in one go: explore, baseline, improve, select; the last two in rounds; then the proof.

    Parameters
    ----------
    source : as for ``audit``.
    rounds : number of rounds at most; they end when agreement with held-out labels no longer grows.
    metric : what the proof measures.
    policy, model, seed, threads, backend, address, out, decisions, progress : as for ``audit``.
    **reading : label, test, test_size, split, id, group, text, categorical, numeric, date, drop, delimiter,
        encoding, probs and features, as for ``audit``.

    Returns
    -------
    Recipe
        ``audit`` (its run folder also holds the log of rounds, the model and the proof), ``improved``,
        ``selection``, and ``proof``, which is None without sealed rows.
    """
    options = plain_options({name: value for name, value in locals().items() if name not in ("progress", "reading")})
    options |= plain_options(reading) | {"source_is_path": is_path(source)}
    started = datetime.now(UTC)
    check_counts(seed=seed, threads=threads, rounds=rounds)
    check_backend(backend, address)
    folder = run_folder(source, out)
    refuse_foreign_folder(folder)
    chosen, watch, workers = policy_named(policy), progress or silent, training_threads(threads)
    opened = open_data(source, seed=seed, **reading)
    check_decisions(decisions, opened.train)
    watch(f"{cost_in_words(opened.train, threads=workers, own_model=model is not None)}, for every round", 0, 0)
    rows = in_content_order(opened)
    with chosen_backend(backend, address=address, threads=threads):
        first = audit_data(rows, policy=chosen, model=chosen_model(model), seed=seed, threads=workers, progress=watch)
        done, proof = Rounds(first, (), None), None
        # Ctrl-C ends the recipe, and what was finished before it is kept.
        with suppress(KeyboardInterrupt):
            if first.base.candidates:
                done = run_rounds(
                    first, policy=chosen, model=chosen_model(model), rounds=rounds, seed=seed, threads=workers,
                    progress=watch,
                )  # fmt: skip
        result = keep_run(folder, outcome_of(done.audited), opened.train, options, started=started, verb="recipe")
        if decisions is not None:
            result.import_decisions(decisions)
            done = _with_people(result, done, first.train, chosen_model(model), seed, workers)
        with suppress(KeyboardInterrupt):
            proof = _proof(result, first.opened, done, metric, seed, watch, workers)
        _keep_outcome(result, done, proof, opened.train)
        result = Audit(read_run(folder), opened.train)
        result.report()
        return Recipe(result, done.selection, proof)


def _with_people(result: Audit, done: Rounds, train: Dataset, model: Any, seed: int, threads: int) -> Rounds:
    """The model selected again, on the data with the decisions of people."""
    data = decided_data(train, result.run.decided())
    return replace(done, selection=select_on(done.audited, data, model=model, seed=seed, threads=threads))


def _proof(
    result: Audit, opened: Opened, done: Rounds, metric: str, seed: int, progress: Progress, threads: int
) -> Proof | None:
    model = done.audited.base.model
    if opened.test is None or model is None or not done.log:
        return None
    after = decided_data(opened.train, result.run.decided())
    return prove_data(
        opened.train, after, opened.test, model=model, metric=metric, seed=seed, progress=progress, threads=threads
    )


def _keep_outcome(result: Audit, done: Rounds, proof: Proof | None, train: Dataset) -> None:
    selected = done.selection
    figures = structs.replace(
        result.run.metrics,
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
    folder : that ``run_recipe`` wrote. Its model is stored with skops: opening it runs no code of the file.
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
    columns: dict[str, Any] = {"row": rows.ids.astype(str).tolist(), "label": labels.tolist()}
    columns |= {f"p_{name}": probs[:, place].tolist() for place, name in enumerate(schema.class_names)}
    if output is not None:
        write_csv_table(output, columns)
    return pl.DataFrame(columns)
