"""``consensus_run``: the consensus of annotators as a labelled file and a run folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from dechaff.api.auditing import run_task
from dechaff.api.consensus import consensus
from dechaff.api.crowd import Consensus
from dechaff.api.reading import job_of
from dechaff.api.results import Audit
from dechaff.core.outputs import Kind, check_output, is_unchanged, write_outputs
from dechaff.data.classes import is_path
from dechaff.data.label_columns import read_table
from dechaff.data.memory.source import as_polars, frame_bytes
from dechaff.recipe.consensus.model_view import item_places
from dechaff.recipe.tasks.classification import ClassificationTask
from dechaff.recipe.tasks.consensus import UNSURE, ConsensusTask, Doubted
from dechaff.records.consensus_options import ConsensusOptions
from dechaff.records.crowds import AnnotatorRow, AskRow, ConfusedRow, ConsensusFacts, ConsensusRunOptions
from dechaff.records.keywords import takes, with_options
from dechaff.records.options import AuditOptions, FileOptions, part_of
from dechaff.records.record import Estimate

_LABELLED: Kind = "the labelled data"
_MOST_PEOPLE, _MOST_PAIRS, _MOST_ASKED = 200, 20, 50


@dataclass(frozen=True)
class ConsensusRun:
    """A consensus, the labelled file, and the audit of it."""

    found: Consensus
    labelled: Path
    audit: Audit


@takes(ConsensusRunOptions)
def consensus_run(answers: Any, options: ConsensusRunOptions) -> ConsensusRun:
    """Write the consensus of annotators as a labelled file, and audit it.

    The labelled file has the data of the items, if they were passed, and the label. Items below the limit are findings
    of the audit (L007), set aside for review. The run folder also gets ``consensus.csv``, one line per item, and
    ``annotators.csv``.

    Parameters
    ----------
    answers : path of the answers, as for `consensus`.
    **options

    Returns
    -------
    ConsensusRun

    Raises
    ------
    InputError
        As `consensus`, or if a file of the user's would be replaced. Then nothing is written.
    """
    path = Path(answers)
    inputs = [path, options.data if is_path(options.data) else None, options.probs if is_path(options.probs) else None]
    labelled = path.with_name(f"{_stem(path)}_labelled.csv") if options.labelled is None else Path(options.labelled)
    mine = is_unchanged(labelled, _LABELLED, labelled.parent)
    if not mine:
        check_output(labelled, _LABELLED, inputs=inputs)
    job_of(labelled, AuditOptions(out=options.out, seed=options.seed, threads=options.threads))
    found = with_options(consensus)(answers, part_of(ConsensusOptions, options))
    table, label = _labelled(found, options)
    content = frame_bytes(table, labelled)
    if not mine or labelled.read_bytes() != content:  # an audit that reads it keeps it as it is
        write_outputs({labelled: content}, _LABELLED, inputs=inputs)
    task = _task(found, learns=options.data is not None)
    names = [str(name) for name in found.class_names.tolist()]
    settings = AuditOptions(
        label=label, id=found.names.name, classes=names, exact_labels=True, out=options.out, seed=options.seed,
        threads=options.threads, policy="review",
    )  # fmt: skip
    audit = run_task(labelled, settings, task, "audit")
    tables = {"consensus.csv": found.table(), "annotators.csv": found.annotators}
    audit.run.write({name: frame_bytes(as_polars(frame), name) for name, frame in tables.items()})
    return ConsensusRun(found, labelled, audit)


def _stem(path: Path) -> str:
    return path.name.removesuffix(".gz").rsplit(".", 1)[0]


def _labelled(found: Consensus, options: ConsensusRunOptions) -> tuple[pl.DataFrame, str]:
    """The rows of the items with their labels, and the name of the column of labels."""
    names, item = found.names.named(np.arange(len(found))), found.names.name
    label = options.label or "label"
    columns = pl.DataFrame({item: names.tolist()})
    if options.data is None:
        rows = pl.DataFrame({"answers": found.answers.per_item})
    else:
        files = part_of(FileOptions, options)
        frame = read_table(options.data, files) if is_path(options.data) else as_polars(options.data)
        data, places = item_places(frame, item, names, name="data")
        rows = data[places]
    while label in (*rows.columns, item):
        label = f"{label}_consensus"
    labels = pl.Series(label, np.asarray(found.label).tolist(), strict=False)
    return columns.hstack(rows).with_columns(labels), label


def _task(found: Consensus, *, learns: bool) -> ConsensusTask:
    """The audit, with what it has to say of the items and the annotators."""
    names = [str(name) for name in found.names.named(np.arange(len(found))).tolist()]
    flagged = np.flatnonzero(found.flag)
    asked = as_polars(found.ask(len(flagged)))
    whom = dict(zip(map(str, asked[found.names.name].to_list()), asked["ask"].to_list(), strict=True))
    lines = as_polars(found.table(found.names.named(flagged)))
    doubted = {}
    for line in lines.iter_rows(named=True):
        name = str(line[found.names.name])
        who = whom.get(name)
        fix = "Ask one more annotator." if who is None else f"Ask {who} about it."
        doubted[name] = Doubted(line["score"], str(line["runner_up"]), line["why"], f"{fix} Or decide yourself.")
    checks = (*ClassificationTask.checks, UNSURE) if learns else ("L004", UNSURE)
    classes = [str(name) for name in found.class_names.tolist()]
    posterior = (dict(zip(classes, row, strict=True)) for row in found.found.posterior.tolist())
    probs = dict(zip(names, posterior, strict=True))
    return ConsensusTask(checks=checks, facts=facts_of(found), probs=probs, doubted=doubted, learns=learns)


def facts_of(found: Consensus) -> ConsensusFacts:
    """The figures of a report."""
    rate, item = found.noise_rate, found.names.name
    people = sorted(
        as_polars(found.annotators).iter_rows(named=True), key=lambda one: (not one["suspicion"], one["quality"])
    )
    return ConsensusFacts(
        items=len(found),
        answers=len(found.answers.items),
        annotators=len(found.annotator_names),
        suspects=int(found.suspicions.any.sum()),
        unsure=found.n_flagged,
        sure=found.sure,
        error_rate=Estimate(float(rate.value), float(rate.low), float(rate.high)),
        model=found.model_name,
        notes=found.why,
        people=tuple(
            AnnotatorRow(
                name=str(one["annotator"]),
                answers=one["answers"],
                quality=Estimate(*(_finite(one[end]) for end in ("quality", "low", "high"))),
                bias_to=str(one["bias_to"]),
                bias=_finite(one["bias"]) or 0.0,
                suspicion=one["suspicion"],
                why=one["why"],
            )
            for one in people[:_MOST_PEOPLE]
        ),
        confused=tuple(
            ConfusedRow(str(one["label"]), str(one["answer"]), one["rate"], one["answers"])
            for one in as_polars(found.confused_classes).head(_MOST_PAIRS).iter_rows(named=True)
        ),
        ask=tuple(
            AskRow(str(one[item]), str(one["label"]), one["probability"], "" if one["ask"] is None else str(one["ask"]))
            for one in as_polars(found.ask(_MOST_ASKED)).iter_rows(named=True)
        ),
    )


def _finite(number: float | None) -> float | None:
    return float(number) if number is not None and np.isfinite(number) else None
