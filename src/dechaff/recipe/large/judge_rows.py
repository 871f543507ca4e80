"""Label errors of all rows: the noise is read from a part of them, then each row is judged, part by part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from dechaff.core.fold import Fold, R, S
from dechaff.core.nth_largest import cut_of
from dechaff.core.progress import Progress
from dechaff.methods.label_errors.flag_rules import FlagLikely, FlagRule, FlagTop, score_of
from dechaff.methods.label_errors.judged_labels import JudgedLabels
from dechaff.methods.label_errors.label_noise import LabelNoise
from dechaff.methods.label_errors.noise_sample import NoiseSample, SampledRows
from dechaff.methods.label_errors.verdict_rules import Rate, flags_likely, rate_by, verdicts_by
from dechaff.recipe.large.prob_parts import Part, ProbParts
from dechaff.recipe.large.store import RowColumn, RowStore
from dechaff.typing import Chunk, ClassMatrix

JUDGING = "label errors"
_COLUMNS = {"log_odds": np.float64, "suggested": np.int32, "suggested_prob": np.float64, "doubted": np.bool_}


@dataclass(frozen=True)
class LabelsJudged:
    """What is known of the labels as a whole, and the row columns with what is known of each."""

    noise: LabelNoise
    power: float
    steps: int
    rate: Rate
    joint: ClassMatrix
    n_rows: int
    store: RowStore
    sample: NoiseSample

    def of(self, rows: npt.NDArray[np.int64]) -> JudgedLabels:
        """The same for some of the judged rows."""
        log_odds = np.asarray(self.store.open("log_odds")[rows])
        noise = {one.name: getattr(self.noise, one.name) for one in fields(self.noise)}
        of_noise = {one.name: noise[one.name] for one in fields(JudgedLabels) if one.name in noise}
        known = of_noise | {
            "score": score_of(log_odds),
            "log_odds": log_odds,
            "flag": np.asarray(self.store.open("L001_flag")[rows]),
            "suggested": np.asarray(self.store.open("suggested")[rows], dtype=np.int64),
            "suggested_prob": np.asarray(self.store.open("suggested_prob")[rows]),
            "expected_joint": self.joint,
            "rate": self.rate.value,
            "rate_low": self.rate.low,
            "rate_high": self.rate.high,
            "temperature": 1 / self.power,
            "steps": self.steps,
        }
        return JudgedLabels(**known)


@dataclass(frozen=True)
class Judged:
    """The rows whose labels are judged, part by part: those with a label, outside the noisy slices."""

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


def judge_rows(judged: Judged, store: RowStore, n_rows: int, *, progress: Progress) -> LabelsJudged:
    """The noise, and a verdict on every judged row.

    Parameters
    ----------
    judged : the rows.
    store : for the verdicts.
    n_rows : how many they are.
    progress : is told of the rows.
    """
    k = judged.n_classes
    sample = _folded(SampledRows(n_rows, k), _told(judged.chunks(), progress, n_rows, before=0))
    power = sample.power()
    noise = sample.label_noise(power)
    verdicts = verdicts_by(noise, power)
    columns = {name: store.make(name, dtype) for name, dtype in _COLUMNS.items()}
    number, state = store.make("number", np.int64, -1), verdicts.init()
    for chunk in _told(judged.chunks(), progress, n_rows, before=n_rows):
        answers, some = verdicts.rows_and_state(chunk)
        state = verdicts.merge(state, some)
        for name, column in columns.items():
            column[chunk["at"]] = answers[name]
        number[chunk["at"]] = chunk["row"]
    joint = verdicts.finalize(state)
    rate = rate_by(noise, joint, n_rows)
    found = LabelsJudged(noise, power, verdicts.steps, rate, joint, n_rows, store, sample)
    _flag(found, _rule(found))
    progress(JUDGING, 2 * n_rows, 2 * n_rows)
    return found


def _told(chunks: Iterator[Chunk], progress: Progress, n_rows: int, *, before: int) -> Iterator[Chunk]:
    """The chunks of one of two passes; its last rows are told of when both are finished."""
    for chunk in chunks:
        progress(JUDGING, before + int(chunk["row"][0]), 2 * n_rows)
        yield chunk


def _rule(found: LabelsJudged) -> FlagRule:
    if flags_likely(found.noise):
        return FlagLikely()

    def run(fold: Fold[S, R]) -> R:
        return _folded(fold, (chunk for chunk, _ in _verdicts(found.store)))

    return FlagTop(cut_of(run, "log_odds", round(found.rate.value * found.n_rows)))


def _flag(found: LabelsJudged, rule: FlagRule) -> None:
    """Flags and scores of all rows; rows that were not judged have neither."""
    flags, scores = found.store.make("L001_flag", np.bool_), found.store.make("L001", np.float64)
    for chunk, at in _verdicts(found.store):
        flags[at], scores[at] = rule.rows(chunk), score_of(chunk["log_odds"])


def _verdicts(store: RowStore) -> Iterator[tuple[Chunk, npt.NDArray[np.int64]]]:
    """The verdicts in pieces, and the rows that they are of."""
    number = store.open("number")
    columns = {name: store.open(name) for name in _COLUMNS}
    for span in store.spans():
        some = np.flatnonzero(number[span] >= 0)
        chunk = {name: np.asarray(column[span])[some] for name, column in columns.items()}
        yield {**chunk, "row": np.asarray(number[span])[some]}, some + span.start


def _folded(fold: Fold[S, R], chunks: Iterator[Chunk]) -> R:
    state = fold.init()
    for chunk in chunks:
        state = fold.update(state, chunk)
    return fold.finalize(state)
