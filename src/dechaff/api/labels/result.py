"""Base of results for labels: suggestions and the noise rate of n labels, and reviews that improve them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from dechaff.api.labels.estimates import (
    Estimate,
    ReviewDesign,
    ReviewUpdate,
    Stopping,
    budget_by_sample,
    budget_of,
    stopping,
)
from dechaff.api.labels.item_result import Result
from dechaff.api.labels.names import RowNames
from dechaff.api.labels.reviews import KEPT, NO_REVIEWS, Reviews, class_codes, review_pairs
from dechaff.checks import check_count, check_counts
from dechaff.data.classes import Values
from dechaff.methods.label_reviews.review_budget import Budget, budget_steps
from dechaff.methods.label_reviews.review_corrections import JudgedRows
from dechaff.typing import Columns, Features, Mask, Numbers, Rows, Score


@dataclass(frozen=True)
class Scored:
    """The result of a method for n items, before reviews."""

    log_odds: Numbers = field(repr=False)
    """Log-odds of the label being wrong; minus infinity for an item without a label, which is not counted."""
    flag: Mask = field(repr=False)
    given: npt.NDArray[Any] = field(repr=False)
    """Given labels: codes of classes, or numbers."""
    suggested: npt.NDArray[Any] = field(repr=False)
    """The best other label of each, as `given`."""
    rate: Estimate
    """Fraction of wrong labels."""


@dataclass(frozen=True, repr=False, kw_only=True)
class LabelResult(Result):
    """Base of results for labels: n labels (of rows, tokens or cells), each with a score, a flag and a suggestion.

    Examples
    --------
    >>> import dechaff, numpy as np
    >>> labels, sure = np.array([0, 1] * 50), np.array([[0.95, 0.05], [0.05, 0.95]] * 50)
    >>> found = dechaff.find_label_errors(np.where(np.arange(100) < 2, 1 - labels, labels), sure)
    >>> isinstance(found, dechaff.labels.LabelResult), found.n_flagged, found.ranked[:2].tolist()
    (True, 2, [0, 1])
    """

    ITEMS: ClassVar[str] = "labels"
    reviews: Reviews = NO_REVIEWS
    """All reviews so far."""
    review_update: ReviewUpdate | None = None
    """Their effect; None before two reviews."""
    seed: int = 0
    """Decides which items are drawn for review."""

    @property
    @abstractmethod
    def scored(self) -> Scored:
        """The result of the method, before reviews."""

    @property
    def score(self) -> Any:
        """(n,) probability that the label is wrong; higher = look at this first. 0 or 1 once reviewed."""
        return self._like_callers(self._score)

    @property
    def log_odds(self) -> Any:
        """(n,) the score as log-odds, which do not tie at 0 and 1; infinite once reviewed."""
        return self._like_callers(self._log_odds)

    @property
    def given(self) -> Any:
        """(n,) the given labels, in the caller's own values."""
        return self._like_callers(self._values(self.scored.given))

    @property
    def suggested(self) -> Any:
        """(n,) the most probable other label, or the one that reviewers gave, in the caller's own values."""
        return self._like_callers(self._values(self._suggested))

    @property
    def noise_rate(self) -> Estimate:
        """Fraction of wrong labels, with its 95 % interval."""
        return self._rate

    @property
    def n_errors(self) -> Estimate:
        """Number of wrong labels, with its 95 % interval."""
        n = int(self._labelled.sum())
        return Estimate(*(end * n for end in (self._rate.value, self._rate.low, self._rate.high)))

    @property
    def ranked(self) -> Rows:
        """(n,) positions, the most doubtful first; ties in the order of the data."""
        return np.argsort(-self._log_odds, kind="stable")

    def table(self, rows: Any = None) -> Any:
        """given, suggested, score, flag and more, one line per item, in the caller's type of frame.

        Parameters
        ----------
        rows : names of items, in the order wanted; None = all, in the caller's order.

        Returns
        -------
        data frame
            pandas carries the index; other frames, and pandas if its index does not name the items, have first
            columns with their names.
        """
        positions = np.arange(len(self)) if rows is None else self.names.positions(rows)
        return self._table(positions)

    def next_to_review(self, n: int = 50) -> npt.NDArray[Any]:
        """Names of the n items to review next.

        A random sample, stratified by the score, with most reviews at uncertain scores: more informative than
        the worst items, and the only way to measure precision. Reviewing may stop after any item. Reviewed items do
        not come again. Use `worst` to find as many errors as possible instead.
        """
        order = self._design.order
        unread = np.ones(len(self), dtype=bool)
        unread[self.reviews.rows] = False
        return self.names.named(order[unread[order]][: check_count("n", n)])

    def update(self, reviews: Any) -> Self:
        """The result after reviews: scores, flags, rate and matrix follow them.

        A correction counts by how well it predicts held-out reviews, so that reviews seldom do harm.

        Parameters
        ----------
        reviews : dict {item: true label}, pair (items, labels), frame with the columns row and label, or a CSV of it
            None as label means that no class is right. Items need not come from `next_to_review`.

        Raises
        ------
        InputError
            If an item or a label is unknown.
        """
        known = self._reviewed(reviews)
        update = ReviewUpdate.of(self._judged_rows, self.scored.flag, known, seed=self.seed)
        return replace(self, reviews=known, review_update=update)

    def expected_precision(self, reviews: Any = None) -> Estimate:
        """Fraction of the flagged items that is really wrong, with an exact 95 % interval from reviews.

        Exact for the flags of the object that the items were drawn from. After `update` the same reviews have also
        chosen the flags, and the interval is as good as the flags are independent of single reviews.
        """
        known = self._reviewed(reviews)
        right_after_all = int((self._rule[known.rows] & ~known.wrong).sum())
        leave_out = right_after_all if self.review_update is not None else 0
        return self._design.precision(known, self._rule, leave_out=leave_out)

    def reviewed_noise_rate(self, reviews: Any = None) -> Estimate:
        """Fraction of wrong labels from reviews alone, with an exact 95 % interval that does not rely on the scores."""
        return self._design.precision(self._reviewed(reviews), self._labelled)

    def review_budget(self, rows: Sequence[int] | None = None) -> Budget:
        """How many errors reviewing the most doubtful items finds, for the numbers of items in `rows`."""
        unread = self._unread_odds
        steps = budget_steps(len(unread)) if rows is None else check_counts("rows", rows)
        n, rate = int(self._labelled.sum()), self.scored.rate
        budget = budget_of(unread, steps, Estimate(rate.value * n, rate.low * n, rate.high * n), self.review_update)
        if self.review_update is None:
            return budget
        return budget_by_sample(budget, self._unread_ranked, self._design, self.reviews, self.review_update)

    def should_stop(self, *, least: float = 0.05, batch: int = 50) -> Stopping:
        """Whether to stop reviewing: yes if fewer than `least` of the next `batch` items are expected to be wrong.

        Before 30 are reviewed, the upper end of the interval has to be below that, too.
        """
        return stopping(self.review_budget, len(self.reviews), len(self._unread_odds), least=least, batch=batch)

    def __repr__(self) -> str:
        read = f", {len(self.reviews):,} reviewed" if len(self.reviews) else ""
        return f"<{type(self).__name__}: {self._headline}{read}; noise rate {self._rate!r}{self._kind_of_noise}>"

    @property
    def _headline(self) -> str:
        return f"{self.n_flagged:,} of {len(self):,} {self.ITEMS} flagged"

    @property
    def _kind_of_noise(self) -> str:
        return ""

    def _values(self, labels: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Codes in the caller's own values."""
        return labels

    def _more_columns(self, positions: Rows) -> Columns:
        """Columns of the table beside those that every result has."""
        return {}

    def _is_wrong(self, positions: Rows, true: npt.NDArray[Any]) -> Mask:
        return np.asarray(self.scored.given[positions] != true)

    def _encode(self, values: Values) -> npt.NDArray[Any]:
        """True labels of reviews as codes or numbers."""
        return class_codes(values, self._review_classes)

    @property
    def _review_classes(self) -> Sequence[Any]:
        return ()

    @property
    def _evidence(self) -> Features:
        """(n, 2) what else predicts an error, of `row_evidence`."""
        return np.zeros((len(self), 2))

    @property
    def _judged_rows(self) -> JudgedRows:
        scored = self.scored
        return JudgedRows(scored.log_odds, scored.given, scored.suggested, self._evidence)

    def _reviewed(self, reviews: Any) -> Reviews:
        """All reviews so far and these; of two of one item the later one holds."""
        if reviews is None or isinstance(reviews, Reviews):
            return self.reviews.and_later(reviews or NO_REVIEWS)
        items, labels = review_pairs(reviews, self.names.keys, self._review_classes)
        at = self.names.find(items)
        kept = np.array([isinstance(label, str) and label == KEPT for label in labels.tolist()], dtype=bool)
        given = self.scored.given[at]
        true = np.full(len(at), -1, dtype=given.dtype)
        true[kept], true[~kept] = given[kept], self._encode(labels[~kept])
        known = ~np.isnan(true) if true.dtype.kind == "f" else true >= 0
        wrong = self._is_wrong(at, true) & ~kept
        return self.reviews.and_later(Reviews(at[::-1], true[::-1], wrong[::-1], known[::-1]))

    @cached_property
    def _rate(self) -> Estimate:
        if self.review_update is None:
            return self.scored.rate
        left = self.review_budget([len(self._unread_odds)])
        known, n = int(self.reviews.wrong.sum()), max(int(self._labelled.sum()), 1)
        return Estimate(*((known + float(errors[0])) / n for errors in (left.errors, left.low, left.high)))

    @cached_property
    def _log_odds(self) -> Numbers:
        odds = np.array(self.scored.log_odds if self.review_update is None else self.review_update.log_odds)
        odds[self.reviews.rows] = np.where(self.reviews.wrong, np.inf, -np.inf)
        return odds

    @property
    def _score(self) -> Score:
        return np.asarray(expit(self._log_odds))

    @cached_property
    def _flag(self) -> Mask:
        flag = np.array(self._rule)
        flag[self.reviews.rows] = self.reviews.wrong
        return flag

    @property
    def _rule(self) -> Mask:
        """Which items would be flagged without their own review."""
        return self.scored.flag if self.review_update is None else self.review_update.flag

    @cached_property
    def _suggested(self) -> npt.NDArray[Any]:
        labels = np.array(self.scored.suggested)
        corrected = self.reviews.wrong & self.reviews.known
        labels[self.reviews.rows[corrected]] = self.reviews.true[corrected]
        return labels

    @property
    def _labelled(self) -> Mask:
        return np.asarray(self.scored.log_odds > -np.inf)

    @property
    def _unread_ranked(self) -> Rows:
        ranked = self.ranked
        return ranked[np.isfinite(self._log_odds[ranked])]

    @property
    def _unread_odds(self) -> Numbers:
        return self._log_odds[np.isfinite(self._log_odds)]

    @cached_property
    def _design(self) -> ReviewDesign:
        """The same for all updates of one result: later reviews continue in the same order."""
        scored = self.scored
        return ReviewDesign.of(expit(scored.log_odds), scored.flag, reviewable=self._labelled, seed=self.seed)

    def _table(self, positions: Rows) -> Any:
        columns = {
            "given": self._values(self.scored.given[positions]),
            "suggested": self._values(self._suggested[positions]),
            "score": expit(self._log_odds[positions]),
            "flag": self._flag[positions],
            **self._more_columns(positions),
        }
        return self.names.table(columns, positions)


@dataclass(frozen=True, repr=False, kw_only=True)
class RowResult(LabelResult):
    """Base of results whose items are rows."""

    names: RowNames = field(repr=False)

    def _like_callers(self, values: npt.NDArray[Any]) -> Any:
        return self.names.like_callers(values)
