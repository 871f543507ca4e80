"""The runs whose improved data a proof is about: they know the sealed rows, and their reports show the proof."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
from msgspec import structs

from dechaff.api.results import Audit
from dechaff.core.outputs import runs_beside
from dechaff.data.classes import is_path
from dechaff.errors import InputError
from dechaff.recipe.prove.prove import Proof
from dechaff.records.metrics import ProofFacts
from dechaff.records.options import ProveOptions, ReadOptions, options_of, part_of, restored
from dechaff.records.run import Run, is_run_of, one_writer, read_run, rewrite_metrics

_SEALED = ("test", "test_size", "split")


def runs_of(before: Any, options: ProveOptions) -> list[Run]:
    """The runs that audited the data before cleaning: the one that is named, else all that stand beside the file."""
    if options.run is not None:
        run = read_run(Path(options.run))
        if is_path(before) and not is_run_of(run, before):
            source, fix = run.options.get("source"), "Name the run of the data before cleaning, or leave --run out."
            raise InputError("the run", f"be one of {os.fspath(before)}", f"{run.folder}, the run of {source}", fix)
        return [run]
    if not is_path(before):
        return []
    found = [read_run(folder) for folder in runs_beside(Path(before))]
    return [run for run in found if is_run_of(run, before) and _same_task(run, options)]


def _same_task(run: Run, options: ProveOptions) -> bool:
    metrics = run.metrics
    return metrics.positives is None and options.label in (None, metrics.dataset.label)


@dataclass(frozen=True)
class Sealing:
    """How the data are read, the sealed rows among them, and the seed with which these are drawn."""

    options: ReadOptions
    seed: int


def sealed_by(runs: list[Run], options: ProveOptions) -> Sealing:
    """How the run that sealed the test rows read its data, but for what `options` say otherwise.

    Raises
    ------
    InputError
        If no run knows of sealed rows, or several know of different ones.
    """
    sealed = [run for run in runs if any(run.options.get(name) is not None for name in _SEALED)]
    ways = {tuple(str(run.options.get(name)) for name in (*_SEALED, "seed")) for run in sealed}
    if len(ways) != 1:
        raise InputError(
            "the test rows",
            "be named, or be those that one run of the data before cleaning has sealed",
            f"{len(ways)} runs with different ones" if ways else "no such run",
            "Add --test FILE, or name the run with --run.",
        )
    run = sealed[0]
    known = restored(ReadOptions, run.options)
    given = part_of(ReadOptions, options)
    said = {name: getattr(given, name) for name in options_of(ReadOptions)}
    read = replace(known, **{name: value for name, value in said.items() if value is not None and value != ()})
    return Sealing(replace(read, test=_moved(run, known.test)), int(run.options.get("seed", 0)))


def _moved(run: Run, test: Any) -> Any:
    """The test file of a run, perhaps seen from another working folder."""
    beside = None if test is None else run.folder.absolute().parent / Path(test).name
    return beside if beside is not None and not Path(test).exists() and beside.exists() else test


def keep_proof(runs: list[Run], proof: Proof) -> list[Path]:
    """Write a proof into the run of its changes, and into its report; the folders.

    Of several runs of one file, it belongs to those that make as many changes as were proved.
    """
    fitting = runs if len(runs) < 2 else [run for run in runs if _makes(run, proof)]
    written = [run for run in fitting if os.access(run.folder, os.W_OK)]
    for run in written:
        with one_writer(run.folder):
            put_proof(run, proof)
            Audit(read_run(run.folder)).report()
    return [run.folder for run in written]


def put_proof(run: Run, proof: ProofFacts) -> None:
    """Write a proof into ``metrics.json`` of a run, with the number of reviewers' decisions so far."""
    held = structs.replace(proof, decisions=len(run.reviewer_events))
    rewrite_metrics(run.folder, structs.replace(run.metrics, proof=held))


def _makes(run: Run, proof: Proof) -> bool:
    # Spellings of one label are one class to a proof.
    made = Audit(run).changes.filter(pl.col("code") != "L006")["change"].to_list()
    return (made.count("dropped"), made.count("relabelled")) == (proof.changes.dropped, proof.changes.relabelled)
