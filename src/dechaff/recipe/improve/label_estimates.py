"""Label errors of all rows: the noise is read from a part of them, then each row is scored, part by part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.fold import Fold, R, S, folded
from dechaff.core.nth_largest import Cut, cut_of
from dechaff.core.progress import Progress
from dechaff.methods.label_errors.error_passes import FlagRule, OverallEstimates, estimate_in_passes, score_of
from dechaff.methods.label_errors.label_error_estimates import LabelErrorEstimates
from dechaff.methods.label_errors.noise_posterior import RowErrorOdds, RowEstimates
from dechaff.methods.label_errors.noise_sample import SampledRows
from dechaff.recipe.baseline.prob_parts import Part, ProbParts
from dechaff.recipe.outcome.row_store import RowColumn, RowStore
from dechaff.typing import Chunk, ClassMatrix

SCORING = "label errors"
_COLUMNS = {"log_odds": np.float64, "suggested": np.int32, "suggested_prob": np.float64, "doubted": np.bool_}


@dataclass(frozen=True)
class LabelEstimates:
    """The estimates for all labels together, and the row columns with those for each."""

    found: OverallEstimates
    store: RowStore

    def of(self, rows: npt.NDArray[np.int64]) -> LabelErrorEstimates:
        """The same for some of these rows."""
        kept = {name: np.asarray(self.store.open(name)[rows]) for name in _COLUMNS}
        kept["suggested"] = kept["suggested"].astype(np.int64)
        flag = np.asarray(self.store.open("L001_flag")[rows])
        return LabelErrorEstimates.of(self.found, RowEstimates(**kept, joint=self.found.joint), flag)


@dataclass(frozen=True)
class LabelledRows:
    """The rows whose labels are scored, part by part: those with a label, outside the noisy slices."""

    parts: ProbParts
    slices: RowColumn
    n_classes: int

    def each(self) -> Iterator[tuple[Part, npt.NDArray[np.int64]]]:
        """Every part that has such rows, and the places of these."""
        for part in self.parts.parts():
            places = np.flatnonzero((part.codes >= 0) & (self.slices[part.rows] == 0))
            if len(places):
                yield part, places

    def chunks(self) -> Iterator[Chunk]:
        """Their labels and probabilities, numbered among themselves."""
        first = 0
        for part, places in self.each():
            row = np.arange(first, first + len(places))
            yield {"row": row, "labels": part.codes[places], "probs": part.probs[places], "at": part.rows[places]}
            first += len(places)


def estimate_all_rows(labelled: LabelledRows, store: RowStore, n_rows: int, *, progress: Progress) -> LabelEstimates:
    """The noise, and the score of every labelled row.

    Parameters
    ----------
    labelled : the rows.
    store : for the scores.
    n_rows : how many they are.
    progress : is called with the rows.
    """
    sample = _result(SampledRows(n_rows, labelled.n_classes), _told(labelled.chunks(), progress, n_rows, before=0))
    power = sample.power()

    def over_rows(odds: RowErrorOdds) -> ClassMatrix:
        columns = {name: store.make(name, dtype) for name, dtype in _COLUMNS.items()}
        number, state = store.make("number", np.int64, -1), odds.init()
        for chunk in _told(labelled.chunks(), progress, n_rows, before=n_rows):
            answers, some = odds.rows_and_state(chunk)
            state = odds.merge(state, some)
            for name, column in columns.items():
                column[chunk["at"]] = answers[name]
            number[chunk["at"]] = chunk["row"]
        return odds.finalize(state)

    def cut(n: int) -> Cut:
        return cut_of(lambda fold: _result(fold, (chunk for chunk, _ in _scored(store))), "log_odds", n)

    found = estimate_in_passes(sample.label_noise(power), power, n_rows, over_rows=over_rows, cut=cut)
    _flag(store, found.flag_rule)
    progress(SCORING, 2 * n_rows, 2 * n_rows)
    return LabelEstimates(found, store)


def _result(fold: Fold[S, R], chunks: Iterator[Chunk]) -> R:
    return fold.finalize(folded(fold, chunks))


def _told(chunks: Iterator[Chunk], progress: Progress, n_rows: int, *, before: int) -> Iterator[Chunk]:
    """The chunks of one of two passes; its last rows are told of when both are finished."""
    for chunk in chunks:
        progress(SCORING, before + int(chunk["row"][0]), 2 * n_rows)
        yield chunk


def _flag(store: RowStore, rule: FlagRule) -> None:
    """Flags and scores of the labelled rows; other rows have neither."""
    flags, scores = store.make("L001_flag", np.bool_), store.make("L001", np.float64)
    for chunk, at in _scored(store):
        flags[at], scores[at] = rule.rows(chunk), score_of(chunk["log_odds"])


def _scored(store: RowStore) -> Iterator[tuple[Chunk, npt.NDArray[np.int64]]]:
    """The scores in pieces, and the rows that they are of."""
    number = store.open("number")
    columns = {name: store.open(name) for name in _COLUMNS}
    for span in store.spans():
        some = np.flatnonzero(number[span] >= 0)
        chunk = {name: np.asarray(column[span])[some] for name, column in columns.items()}
        yield {**chunk, "row": np.asarray(number[span])[some]}, some + span.start
