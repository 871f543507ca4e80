"""``find_label_errors``: which labels are wrong, given what a model says of each row; reviews make it better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from dechaff.api.callers_rows import like_callers
from dechaff.api.label_counts import checked_count, checked_counts
from dechaff.api.label_estimates import Budget, Estimate, Stopping
from dechaff.api.label_evidence import Judgement, judged_by_all
from dechaff.api.label_inputs import LabelInputs, read_inputs
from dechaff.api.label_reviewing import (
    Design,
    Lesson,
    budget_by_sample,
    errors_among,
    learned,
    planted,
    review_budget_of,
    stopping,
)
from dechaff.api.label_tables import html, reasons
from dechaff.api.label_verdicts import NO_VERDICTS, Verdicts, read_verdicts
from dechaff.methods.label_errors.judged_labels import JudgedLabels
from dechaff.methods.label_reviews.review_budget import budget_steps
from dechaff.recipe.estimated_recall import MOST
from dechaff.typing import Labels, Mask, Numbers, Rows


@dataclass(frozen=True, repr=False)
class LabelErrors:
    """What is wrong with n labels.

    Rows are called by the caller's index or ids where there are some, else by their position; classes by the
    caller's own names. Columns are arrays, or pandas series with the caller's index.
    """

    inputs: LabelInputs = field(repr=False)
    judgement: Judgement
    verdicts: Verdicts = NO_VERDICTS
    """What people have said so far."""
    lesson: Lesson | None = None
    seed: int = 0

    @property
    def judged(self) -> JudgedLabels:
        """What the methods say, before anybody has read a row."""
        return self.judgement.judged

    @property
    def score(self) -> Any:
        """(n,) probability that the label is wrong; higher = look at this row first. 0 or 1 where somebody looked."""
        return self._like_callers(expit(self.odds))

    @property
    def log_odds(self) -> Any:
        """(n,) the same as log-odds, which do not tie at 0 and 1; infinite where somebody looked."""
        return self._like_callers(self.odds)

    @property
    def flag(self) -> Any:
        """(n,) the likely errors, and the ones that people found."""
        return self._like_callers(self.flagged)

    @property
    def given(self) -> Any:
        """(n,) the given labels, in the caller's own values."""
        return self._like_callers(self.inputs.classes[self.inputs.labels])

    @property
    def suggested(self) -> Any:
        """(n,) the most probable other label, or the one that people gave, in the caller's own values."""
        return self._like_callers(self.inputs.classes[self._suggested])

    @property
    def ranked(self) -> Rows:
        """(n,) positions of the rows, the most doubtful first; ties in the order of the rows."""
        return np.argsort(-self.odds, kind="stable")

    @cached_property
    def noise_rate(self) -> Estimate:
        """Share of wrong labels, with its 95 % interval."""
        if self.lesson is None:
            return Estimate(float(self.judged.rate), float(self.judged.rate_low), float(self.judged.rate_high))
        found = self._errors_left
        known, n = int(self.verdicts.wrong(self.inputs.labels).sum()), max(len(self.inputs), 1)
        return Estimate(*((known + errors) / n for errors in (found.value, found.low, found.high)))

    @property
    def noise_matrix(self) -> Estimate:
        """(k, k) p(given = row | true = column), with a 95 % interval of each entry."""
        if self.lesson is None:
            return Estimate(self.judged.transition, self.judged.transition_low, self.judged.transition_high)
        return self.lesson.noise_matrix(self.judged)

    @property
    def kind(self) -> str:
        """Whether labels go wrong by class or by row."""
        return self.judged.kind

    @property
    def kind_sure(self) -> float:
        """How sure that is, from 0 (a coin) to 1."""
        return float(self.judged.kind_sure)

    @property
    def why(self) -> tuple[str, ...]:
        """What spoke: the models, a second view, the course of a training, people."""
        return (*self.judgement.words, *(() if self.lesson is None else self.lesson.words))

    def table(self, rows: Any = None) -> Any:
        """given, suggested, score, flag and why, one line a row, in the caller's type of frame.

        ``rows`` names the rows wanted, in that order; without it all rows, in the caller's order. pandas carries
        the index; other frames have a first column with the rows' names.
        """
        positions = np.arange(len(self.inputs)) if rows is None else self.inputs.positions(rows)
        return self._table(positions)

    def worst(self, n: int = 20) -> Any:
        """The n most doubtful rows that nobody has read, the most doubtful first; columns as in `table`."""
        return self._table(self._unread_ranked[: checked_count("n", n)])

    def next_to_review(self, n: int = 50) -> npt.NDArray[Any]:
        """Names of the n rows that should be read next.

        A random sample, stratified by the score, of which unsure rows get the most: it teaches more than the worst
        rows do, and only from it can precision be told. Reading may stop after any row. Rows that were read do not
        come again. Take `worst` to find as many errors as possible instead.
        """
        order = self._design.order
        unread = np.ones(len(self.inputs), dtype=bool)
        unread[self.verdicts.rows] = False
        return self.inputs.named(order[unread[order]][: checked_count("n", n)])

    def learn(self, reviews: Any) -> LabelErrors:
        """The same with what people found in some rows: scores, flags, rate and matrix after it.

        ``reviews`` is a dict {row: true label}, a pair (rows, labels), a frame with the columns row and label, or a
        CSV of it; None as label says that none of the classes is right. Rows need not come from `next_to_review`.
        What does not hold for reviews that it has not seen is hardly believed, so that reviews do no harm.
        """
        verdicts = self.verdicts.and_later(read_verdicts(reviews, self.inputs))
        lesson = learned(self.inputs, self.judgement, verdicts, seed=self.seed)
        return LabelErrors(self.inputs, self.judgement, verdicts, lesson, self.seed)

    def expected_precision(self, reviews: Any = None) -> Estimate:
        """Share of the flagged rows that is really wrong, with an exact 95 % interval from reviews.

        Exact for the flags of the object that the rows were drawn from. After `learn` the same reviews have also
        chosen the flags, and the interval is as good as the flags are independent of single verdicts.
        """
        verdicts = self.verdicts.and_later(read_verdicts(reviews, self.inputs))
        found = errors_among(self._design, verdicts, self.inputs.labels, self._rule)
        right_after_all = int((self._rule[verdicts.rows] & ~verdicts.wrong(self.inputs.labels)).sum())
        return found.precision(right_after_all if self.lesson is not None else 0)

    def reviewed_noise_rate(self, reviews: Any = None) -> Estimate:
        """Share of wrong labels from reviews alone, with an exact 95 % interval that trusts no score."""
        verdicts = self.verdicts.and_later(read_verdicts(reviews, self.inputs))
        everything = np.ones(len(self.inputs), dtype=bool)
        return errors_among(self._design, verdicts, self.inputs.labels, everything).precision(0)

    def review_budget(self, rows: Sequence[int] | None = None) -> Budget:
        """How many errors people find who read the most doubtful rows first, for several numbers of rows."""
        unread = self._unread_odds
        steps = budget_steps(len(unread)) if rows is None else checked_counts("rows", rows)
        budget = review_budget_of(unread, steps, self.judged, self.lesson)
        if self.lesson is None:
            return budget
        ranked, labels = self._unread_ranked, self.inputs.labels
        return budget_by_sample(budget, ranked, self._design, self.verdicts, labels, self.lesson)

    def should_stop(self, *, least: float = 0.05, batch: int = 50) -> Stopping:
        """Whether reading on is worth it: it is while the next `batch` rows hold a share of errors above `least`."""
        return stopping(self.review_budget, len(self._unread_odds), least=least, batch=batch)

    def estimated_recall(self, *, most: int = MOST) -> Estimate:
        """Share of all wrong labels that is flagged: wrong labels are planted, and counted when they come back.

        Planted as the noise matrix says and, against too much trust in it, otherwise too: evenly over the classes
        where noise depends on the class, on the rows that the model confuses where it depends on the row. The interval
        spans both.
        """
        return planted(self, most=most)

    def __len__(self) -> int:
        return len(self.inputs)

    def __repr__(self) -> str:
        read = len(self.verdicts.rows)
        reviewed = f", {read:,} reviewed" if read else ""
        return (
            f"<LabelErrors: {int(self.flagged.sum()):,} of {len(self.inputs):,} labels flagged{reviewed}; "
            f"noise rate {self.noise_rate!r}, {self.kind}>"
        )

    def _repr_html_(self) -> str:
        return html(repr(self)[1:-1], self._table(self._unread_ranked[:10]))

    @cached_property
    def odds(self) -> Numbers:
        """`log_odds` as a plain array."""
        odds = np.array(self.judged.log_odds if self.lesson is None else self.lesson.log_odds)
        odds[self.verdicts.rows] = np.where(self.verdicts.wrong(self.inputs.labels), np.inf, -np.inf)
        return odds

    @cached_property
    def flagged(self) -> Mask:
        """`flag` as a plain array."""
        flag = np.array(self._rule)
        flag[self.verdicts.rows] = self.verdicts.wrong(self.inputs.labels)
        return flag

    @cached_property
    def _suggested(self) -> Labels:
        codes = np.array(self.judged.suggested)
        told = self.verdicts.wrong(self.inputs.labels) & (self.verdicts.true >= 0)
        codes[self.verdicts.rows[told]] = self.verdicts.true[told]
        return codes

    def _like_callers(self, values: npt.NDArray[Any]) -> Any:
        return like_callers(values, self.inputs.frame)

    @cached_property
    def _rule(self) -> Mask:
        """Which rows would be flagged if nobody had read them."""
        return self.judged.flag if self.lesson is None else self.lesson.flag

    @property
    def _unread_ranked(self) -> Rows:
        return self.ranked[np.isfinite(self.odds[self.ranked])]

    @property
    def _unread_odds(self) -> Numbers:
        return self.odds[np.isfinite(self.odds)]

    @property
    def _errors_left(self) -> Estimate:
        left = self.review_budget([len(self._unread_odds)])
        return Estimate(float(left.errors[0]), float(left.low[0]), float(left.high[0]))

    @cached_property
    def _design(self) -> Design:
        """One for the life of the object and all that learn from it: later reviews go on in the same order."""
        return Design.of(self.judged, seed=self.seed)

    def _table(self, positions: Rows) -> Any:
        columns = {
            "given": self.inputs.classes[self.inputs.labels[positions]],
            "suggested": self.inputs.classes[self._suggested[positions]],
            "score": expit(self.odds[positions]),
            "flag": self.flagged[positions],
            "why": reasons(self, positions),
        }
        return self.inputs.table(columns, positions)


def find_label_errors(  # noqa: PLR0913 - one keyword for each kind of evidence
    labels: Any,
    probs: Any = None,
    *,
    log_probs: Any = None,
    class_names: Sequence[Any] | None = None,
    ids: Any = None,
    features: npt.ArrayLike | None = None,
    stages: Any = None,
    seed: int = 0,
) -> LabelErrors:
    """The rows whose given label is probably wrong, and what the right one would be.

    Parameters
    ----------
    labels : (n,) array, list, series, or the path of an npz
        Given labels, of any type; may be wrong. An npz holds ``labels`` and ``pred_probs``, and ``ids`` and
        ``class_names`` if need be. The name of a column where `probs` is a frame or file that holds the labels too.
    probs : (n, k) array, data frame, path, or list of them
        Out-of-sample probabilities; in-sample ones hide errors. A frame or a CSV or Parquet file has a column a
        class, called as the labels are. Several arrays are an ensemble. Never copied where they are arrays.
    log_probs : as probs
        Log-probabilities or logits instead: what float32 probabilities lose near 0 and 1 is kept.
    class_names : k names, in the order of the columns
        Needed where neither the columns nor the labels tell.
    ids : (n,) names of the rows, or the column of `probs` that holds them
        Without them the index of a pandas frame or series, else the position.
    features : (n, d) float
        A second view of the rows, such as an embedding that the model has not seen; heard where it helps.
    stages : (s, n, k) float
        Logits or probabilities after s epochs or boosting stages; heard where they help.
    seed : decides which rows are drawn for review.

    Returns
    -------
    LabelErrors

    Raises
    ------
    InputError
        Where labels and probabilities differ in length, a label has no column, or a row is no distribution.

    Examples
    --------
    >>> import dechaff, numpy as np
    >>> labels, probs = np.repeat([0, 1], 50), np.repeat([[0.9, 0.1], [0.1, 0.9]], 50, axis=0)
    >>> labels[:5] = 1
    >>> found = dechaff.find_label_errors(labels, probs)
    >>> np.flatnonzero(found.flag), found.suggested[:5]
    (array([0, 1, 2, 3, 4]), array([0, 0, 0, 0, 0]))
    """
    checked_count("seed", seed)
    inputs = read_inputs(labels, probs, log_probs=log_probs, class_names=class_names, ids=ids)
    return LabelErrors(inputs, judged_by_all(inputs, features=features, stages=stages), seed=seed)
