"""One turn of a data engine: its data, its model, its accuracy and its audit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from msgspec import structs

from dechaff.api.auditing import audit
from dechaff.api.engine import folder as files
from dechaff.api.engine.folder import EngineFolder
from dechaff.api.results import Audit
from dechaff.core.intervals import wilson_interval
from dechaff.core.words import listed
from dechaff.data.dataset import Dataset, Schema
from dechaff.data.open import open_like
from dechaff.models import persist
from dechaff.models.model import Fitted
from dechaff.recipe.engine.proved import FEWEST_JUDGES, Judge, is_undecided
from dechaff.records.record import Estimate
from dechaff.records.run import one_writer, read_run, rewrite_metrics
from dechaff.records.turns import AccuracyChange, LedgerEntry, SliceAccuracy
from dechaff.typing import Mask

_DIGITS = 6


def turn_data(kept: EngineFolder, schema: Schema, turn: int) -> tuple[Dataset, Dataset]:
    """The training rows of a turn, and the sealed rows."""
    return open_like(kept.turn(turn) / files.TRAIN, schema), open_like(kept.folder / files.SEALED, schema)


def classes_of(kept: EngineFolder, turn: int) -> tuple[str, ...]:
    """The classes that the model of a turn has columns for."""
    return kept.entry_of(turn).classes


def finish_turn(kept: EngineFolder, schema: Schema, entry: LedgerEntry, judges: Sequence[Judge]) -> LedgerEntry:
    """Train, store, measure and audit a turn whose data are written; the ledger comes last."""
    place = kept.turn(entry.turn)
    train, sealed = turn_data(kept, schema, entry.turn)
    fitted = kept.fitted_on(train, entry.model_name)
    persist.save(fitted, place / files.MODEL)
    read = {name: value for name, value in kept.options["read"].items() if value}
    found = audit(
        place / files.TRAIN, **read, test=kept.folder / files.SEALED, out=place / files.AUDIT, seed=kept.seed,
        model=kept.options["model"],
    )  # fmt: skip
    entry = structs.replace(
        entry,
        kind="init" if entry.turn == 0 else "learn",
        classes=schema.class_names,
        data=files.sha256_of_file(place / files.TRAIN),
        model=files.sha256_of_file(place / files.MODEL),
        accuracy=_accuracy(_hits(fitted, sealed), sealed.codes >= 0),
        by_slice=tuple(_by_slice(fitted, judges)),
        doubtful=_doubtful(found, train, entry.added),
    )
    kept.append(entry)
    report_turns(kept)
    return entry


def report_turns(kept: EngineFolder) -> None:
    """Show the turns so far in the report of the turn that holds."""
    facts = kept.facts()
    place = kept.turn(facts.current) / files.AUDIT
    with one_writer(place):
        rewrite_metrics(place, structs.replace(read_run(place).metrics, engine=facts))
        Audit(read_run(place)).report()


def _by_slice(fitted: Fitted, judges: Sequence[Judge]) -> list[SliceAccuracy]:
    found = []
    for judge in judges:
        hits = _hits(fitted, judge.rows)
        for name, words, inside in zip(judge.slices, judge.conditions, judge.inside, strict=True):
            found.append(SliceAccuracy(name, words, int(inside.sum()), _accuracy(hits, inside)))
    return found


def _hits(fitted: Fitted, rows: Dataset) -> Mask:
    return np.asarray(fitted.probs(rows.table, rows.features).argmax(axis=1) == rows.codes)


def _accuracy(hits: Mask, among: Mask) -> Estimate:
    if not among.any():
        return Estimate()
    mean = float(hits[among].mean())
    low, high = map(float, wilson_interval(mean, int(among.sum())))
    return Estimate(*(round(value, _DIGITS) for value in (mean, low, high)))


def _doubtful(found: Audit, train: Dataset, n_added: int) -> tuple[str, ...]:
    """The names of new rows whose labels the audit doubts."""
    if not n_added:
        return ()
    doubted = set(found.findings.filter(pl.col("code") == "L001")["row"].cast(pl.String).to_list())
    return tuple(name for name in map(str, train.ids[-n_added:]) if name in doubted)


def few_judges(judges: Sequence[Judge]) -> list[str]:
    """A note that names the slices that cannot be judged, if there are any."""
    few = [
        name
        for judge in judges
        for name, inside in zip(judge.slices, judge.inside, strict=True)
        if inside.sum() < FEWEST_JUDGES
    ]
    return [f"too few outcomes to judge by themselves: slice {listed(few)}"] if few else []


def waits(changes: Sequence[AccuracyChange]) -> list[str]:
    """A note that the new rows are not lost, if nothing was proved of them."""
    return ["the new rows wait: they are learnt together with the next ones"] if is_undecided(changes) else []
