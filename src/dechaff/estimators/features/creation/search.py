"""Which created features help a model: searched on one half of the rows, accepted on the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from dechaff.core.progress import Progress, silent
from dechaff.core.row_hash import Hashes
from dechaff.core.table import Table
from dechaff.errors import DechaffError
from dechaff.estimators.features.creation.creation import Creation
from dechaff.estimators.features.creation.screen import residual_score
from dechaff.estimators.features.creation.study import CreationStudy, Gain, TriedFeature
from dechaff.estimators.features.featured_model import FeaturedModel
from dechaff.methods.proof.corrected_resampled import corrected_resampled_interval
from dechaff.methods.proof.paired_interval import Interval
from dechaff.methods.proof.row_scores import row_scores
from dechaff.models.model import Model
from dechaff.models.out_of_fold import out_of_fold, stratified_group_folds
from dechaff.typing import Groups, Labels, Numbers, Probs, Rows

FEWEST, MOST_ROWS = 100, 5_000
_RACED, _FINALISTS = 16, 5
_FOLDS, _REPEATS = 5, 3
_RACE_FOLDS = 4
_CHANCE = 0.05


@dataclass(frozen=True)
class LabelledTable:
    """Labelled rows (n,): columns, codes 0 … k-1, groups that no fold separates (-1 = alone), hashes of the content."""

    table: Table
    codes: Labels
    n_classes: int
    groups: Groups
    hashes: Hashes

    def take(self, rows: Rows) -> LabelledTable:
        """Some of the rows."""
        return LabelledTable(
            self.table.take(rows), self.codes[rows], self.n_classes, self.groups[rows], self.hashes[rows]
        )

    def folds(self, n_folds: int, seed: int) -> Groups:
        """(n,) a fold for each row."""
        return stratified_group_folds(self.codes, self.groups, self.hashes, n_folds=n_folds, seed=seed)


@dataclass(frozen=True)
class CreationSearch:
    """How candidates are searched and tested.

    Half of the rows screen and race the candidates. The other half judges the few that are left, by models that are
    trained on folds of all rows, so that no row judges a candidate that it has chosen. Each of m candidates is tested
    in addition to those that were accepted before it, at a level of 5 % / m.

    Source
    ------
    Successive halving: Jamieson, Talwalkar (2016), AISTATS; sample splitting: Cox (1975), Biometrika 62; intervals as
    in `corrected_resampled_interval`; Bonferroni.
    """

    model: Model
    rows: LabelledTable
    names: tuple[str, ...]
    """The columns that the model reads without any created feature."""
    seed: int = 0
    progress: Progress = field(default=silent)

    def study(self, candidates: Sequence[Creation]) -> CreationStudy:
        """Searches the candidates and tests the best."""
        n = len(candidates)
        if not n:
            return CreationStudy(0, reason="the columns allow none")
        if len(self.rows.codes) < FEWEST:
            return CreationStudy(n, reason=f"there are fewer than {FEWEST} rows")
        rows = self._some_rows()
        half = rows.folds(2, self.seed)
        failed: dict[str, str] = {}
        search = rows.take(np.flatnonzero(half == 0))
        raced = self._raced(self._screened(candidates, search, failed), search)
        finalists = [one for one in raced if one.searched > 0][:_FINALISTS]
        tested = self._tested([one.creation for one in finalists], rows, half == 1)
        judged = [replace(one, gain=gain, refused=gain.against) for one, gain in zip(finalists, tested, strict=True)]
        others = [
            replace(one, refused="it gains nothing in the search" if one.searched <= 0 else "others gain more")
            for one in raced
            if one.creation not in {done.creation for done in judged}
        ]
        return CreationStudy(n, (*judged, *others), tuple(failed.items()))

    def _some_rows(self) -> LabelledTable:
        n = len(self.rows.codes)
        if n <= MOST_ROWS:
            return self.rows
        return self.rows.take(np.sort(np.random.default_rng([self.seed, 3]).choice(n, MOST_ROWS, replace=False)))

    def _screened(
        self, candidates: Sequence[Creation], rows: LabelledTable, failed: dict[str, str]
    ) -> list[TriedFeature]:
        """The candidates that tell most of the residuals of the model."""
        folds = rows.folds(_RACE_FOLDS, self.seed)
        residuals = np.eye(rows.n_classes)[rows.codes] - self._probs(rows, folds, ())
        scores: list[tuple[float, Creation]] = []
        for done, one in enumerate(candidates):
            try:
                columns = one.fit(rows.table, rows.codes, rows.n_classes, seed=self.seed)[1]
            except Exception as error:  # of a candidate that may be the user's: the others go on
                failed[one.name] = str(error) if isinstance(error, DechaffError) else f"{type(error).__name__}: {error}"
                continue
            known = [rows.table[name] for name in one.columns if name in self.names]
            scores.append((residual_score(columns, residuals, known), one))
            self.progress("features, candidates", done + 1, len(candidates))
        best = sorted(scores, key=lambda one: -one[0])[:_RACED]
        return [TriedFeature(one, 0.0) for score, one in best if score > 0]

    def _raced(self, tried: list[TriedFeature], rows: LabelledTable) -> list[TriedFeature]:
        """Successive halving: each repeat has other folds, and half as many candidates; the best first."""
        gains: dict[Creation, list[float]] = {one.creation: [] for one in tried}
        alive, number = list(gains), 1
        while alive and number <= 2:
            folds = rows.folds(_RACE_FOLDS, self.seed + number)
            before = _brier(rows.codes, self._probs(rows, folds, ()))
            for done, one in enumerate(alive):
                after = _brier(rows.codes, self._probs(rows, folds, (one,)))
                gains[one].append(float((after - before).mean()))
                self.progress(f"features, repeat {number}", done + 1, len(alive))
            alive = sorted(alive, key=lambda one: -float(np.mean(gains[one])))[: -(-len(alive) // 2)]
            number += 1
        ranked = [TriedFeature(one, float(np.mean(found))) for one, found in gains.items()]
        return sorted(ranked, key=lambda one: (-len(gains[one.creation]), -one.searched))

    def _tested(self, candidates: Sequence[Creation], rows: LabelledTable, judges: np.ndarray) -> list[Gain]:
        """The gain of each candidate beside those accepted before it, on the rows that judge."""
        deals = [rows.folds(_FOLDS, self.seed + 100 + number) for number in range(_REPEATS)]
        accepted: tuple[Creation, ...] = ()
        before = [self._probs(rows, folds, ()) for folds in deals] if candidates else []
        gains = []
        for done, one in enumerate(candidates):
            after = [self._probs(rows, folds, (*accepted, one)) for folds in deals]
            gain = _gain(rows.codes, before, after, deals, judges, len(candidates))
            gains.append(gain)
            if not gain.against:
                accepted, before = (*accepted, one), after
            self.progress("features, test", done + 1, len(candidates))
        return gains

    def _probs(self, rows: LabelledTable, folds: Groups, creations: Sequence[Creation]) -> Probs:
        """(n, k) out-of-fold probabilities of the model with some created features."""
        model = FeaturedModel(self.model, self.names, tuple(creations))
        bound = model.bind(rows.table, None, rows.n_classes, seed=self.seed)
        return out_of_fold(bound, rows.codes, folds, rows.n_classes)


def _brier(codes: Labels, probs: Probs) -> Numbers:
    """(n,) one minus half the squared distance to the label."""
    return np.asarray(1 - np.square(probs - np.eye(probs.shape[1])[codes]).sum(axis=1) / 2)


def _gain(
    codes: Labels, before: list[Probs], after: list[Probs], deals: list[Groups], judges: np.ndarray, n_tests: int
) -> Gain:
    """Differences by fold of each repeat, on the rows that judge."""

    def interval(scores: list[list[Numbers]]) -> Interval:
        by_fold = []
        for old, new, folds in zip(*scores, deals, strict=True):
            counts = np.bincount(folds[judges])
            sums = np.bincount(folds[judges], (new - old)[judges])
            by_fold.append(sums[counts > 0] / counts[counts > 0])
        # A fold has a fifth of the rows, of which half judge.
        part = (1 / _FOLDS) / 2
        held_out = part / (part + 1 - 1 / _FOLDS)
        return corrected_resampled_interval(np.concatenate(by_fold), held_out=held_out, coverage=1 - _CHANCE / n_tests)

    sides = (before, after)
    prior = np.tile(np.bincount(codes, minlength=after[0].shape[1]) / len(codes), (len(codes), 1))
    return Gain(
        interval([[_brier(codes, one) for one in side] for side in sides]),
        interval([[row_scores("accuracy", codes, one).rows for one in side] for side in sides]),
        interval([[row_scores("log_loss", codes, one).rows for one in side] for side in sides]),
        interval([[_brier(codes, one) for one in side] for side in ([prior] * len(after), after)]),
    )
