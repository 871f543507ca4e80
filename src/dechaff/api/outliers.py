"""``find_outliers``: which rows are unlike all others, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from dechaff.api.labels.item_result import Result
from dechaff.api.labels.names import RowNames
from dechaff.api.labels.reviews import review_pairs
from dechaff.checks import check_probs, check_same_length, check_seed_and_threads
from dechaff.core.codes import factorize
from dechaff.core.fold import RowMap
from dechaff.core.table import Table
from dechaff.core.threads import use_threads
from dechaff.core.words import counted
from dechaff.data.classes import Values, column_values
from dechaff.data.columns.kinds import build_column, forced_plan, plan_column
from dechaff.data.memory.source import read_memory
from dechaff.errors import InputError
from dechaff.methods.outliers.conformal import conformal_p_values
from dechaff.methods.outliers.energy import ClassEnergy
from dechaff.methods.outliers.odd_rows import FEWEST
from dechaff.methods.outliers.reviewed_outliers import reviewed_order
from dechaff.recipe.explore.outliers import OutlierRule, flagged, outlier_score
from dechaff.typing import Chunk, Features, Labels, Mask, Numbers, Rows, Score

RATE = 0.1
_ANSWERS = dict.fromkeys(("true", "1", "yes", "outlier"), True) | dict.fromkeys(("false", "0", "no", "keep"), False)


@dataclass(frozen=True)
class Given:
    """Rows as they are compared: the columns of a table, or numbers of an embedding."""

    table: Table
    features: Features | None = None

    def take(self, rows: Rows) -> Given:
        """Some of the rows."""
        return Given(self.table.take(rows), None if self.features is None else self.features[rows])


@dataclass(frozen=True)
class OwnClasses:
    """What is ordinary within each class that has enough rows, and which rows are odder there than among all rows."""

    codes: Labels
    rules: Mapping[int, OutlierRule]
    odder: Mask

    def reason(self, rows: Given, row: int) -> str:
        """Why a row is odd for its class."""
        one = rows.take(np.array([row]))
        return f"Odd for its class: {self.rules[int(self.codes[row])].reasons(one.table, one.features)[0]}"


@dataclass(frozen=True, repr=False, kw_only=True)
class Outliers(Result):
    """What was found in n rows.

    Examples
    --------
    See `find_outliers`, which returns one.
    """

    names: RowNames = field(repr=False)
    rows: Given = field(repr=False)
    rule: OutlierRule = field(repr=False)
    """What is ordinary."""
    found: Numbers = field(repr=False)
    """(n,) p-values before reviews."""
    classes: OwnClasses = field(repr=False)
    """How odd rows are for their class."""
    content: Features = field(repr=False)
    """(n, d) the rows, scaled."""
    false_discovery_rate: float
    calibrated: bool
    """Whether p-values were counted on reference rows, so that the rate of false discoveries is a promise."""
    reviewed: dict[int, bool] = field(default_factory=dict, repr=False)
    """Position of each reviewed row, and whether it is an outlier."""
    seed: int = 0

    @property
    def p_value(self) -> Any:
        """(n,) chance of an ordinary row to be as odd as this one."""
        return self._like_callers(self._p_values)

    @property
    def score(self) -> Any:
        """(n,) in [0, 1], higher = look at this first: .5 if one ordinary row in ten is as odd, .67 if one in 100."""
        return self._like_callers(self._score)

    @property
    def flag(self) -> Any:
        """(n,) bool, the rows that are too odd for chance, and those that reviewers confirmed."""
        return self._like_callers(self._flag)

    @property
    def expected_false_alarms(self) -> float:
        """How many of the flagged rows are expected to be ordinary, at most, if the p-values hold."""
        known = sum(self.reviewed.values())
        return self.false_discovery_rate * (self.n_flagged - known)

    def table(self, rows: Any = None) -> Any:
        """score, p_value, flag and why, one line per row, in the caller's type of frame.

        Parameters
        ----------
        rows : names of rows, in the order wanted; None = all, in the caller's order
            ``why`` is empty for rows that are not flagged, unless they are named.
        """
        if rows is None:
            return self._table(np.arange(len(self)), explained=self._flag)
        return self._table(self.names.positions(rows))

    def update(self, reviews: Any) -> Self:
        """The result after reviews: rows like the confirmed outliers come first.

        Parameters
        ----------
        reviews : dict {row: True or False}, pair (rows, answers), frame with the columns row and label, or a CSV of it
            Whether each row is an outlier.

        Raises
        ------
        InputError
            If a row is unknown, or an answer is neither yes nor no.
        """
        items, answers = review_pairs(reviews, self.names.keys, (True, False))
        positions = self.names.find(items).tolist()
        known = dict(zip(positions, map(_is_outlier, answers.tolist()), strict=True))
        return replace(self, reviewed={**self.reviewed, **known})

    def __repr__(self) -> str:
        read = f", {len(self.reviewed):,} reviewed" if self.reviewed else ""
        few = f"; fewer than {FEWEST} rows are too few to say what is ordinary" if len(self) < FEWEST else ""
        promise = "" if self.calibrated else ", as far as the tail of ordinary rows can be told"
        return (
            f"<Outliers: {self.n_flagged:,} of {counted(len(self), 'row')} flagged{read}; at most "
            f"{self.false_discovery_rate:.0%} of them expected to be ordinary{promise}{few}>"
        )

    def _like_callers(self, values: npt.NDArray[Any]) -> Any:
        return self.names.like_callers(values)

    @property
    def _unread_ranked(self) -> Rows:
        return np.array([row for row in self.ranked.tolist() if row not in self.reviewed], dtype=np.int64)

    @cached_property
    def _p_values(self) -> Numbers:
        """After reviews the same p-values, in the order that the reviews lead to."""
        if not self.reviewed:
            return self.found
        rows = np.array(sorted(self.reviewed), dtype=np.int64)
        outlier = np.array([self.reviewed[row] for row in rows.tolist()])
        rng = np.random.default_rng(self.seed)
        order = reviewed_order(-np.log10(self.found), self.content, rows, outlier, rng=rng)
        rest = np.setdiff1d(np.arange(len(self)), rows)
        found = np.empty(len(self))
        found[rest[np.argsort(-order[rest], kind="stable")]] = np.sort(self.found[rest])
        found[rows] = self.found[rows]
        return found

    @cached_property
    def _score(self) -> Score:
        score = outlier_score(self._p_values)
        for row, outlier in self.reviewed.items():
            score[row] = float(outlier)
        return score

    @cached_property
    def _flag(self) -> Mask:
        flag = flagged(self._p_values, rate=self.false_discovery_rate)
        for row, outlier in self.reviewed.items():
            flag[row] = outlier
        return flag

    def _table(self, positions: Rows, *, explained: Mask | None = None) -> Any:
        """The lines of these rows; `explained` = all of them, or those of a mask (n,)."""
        why = np.full(len(positions), "", dtype=object)
        wanted = np.arange(len(positions)) if explained is None else np.flatnonzero(explained[positions])
        if len(wanted):
            some = self.rows.take(positions[wanted])
            why[wanted] = self.rule.reasons(some.table, some.features)
            for at in wanted[self.classes.odder[positions[wanted]]].tolist():
                why[at] = self.classes.reason(self.rows, int(positions[at]))
        columns = {
            "score": self._score[positions],
            "p_value": self._p_values[positions],
            "flag": self._flag[positions],
            "why": why,
        }
        return self.names.table(columns, positions)


def find_outliers(  # noqa: PLR0913 - one keyword for each kind of evidence
    features: Any = None,
    *,
    labels: Any = None,
    probs: npt.ArrayLike | None = None,
    reference: Any = None,
    false_discovery_rate: float = RATE,
    ids: Any = None,
    seed: int = 0,
    threads: int | None = None,
) -> Outliers:
    """The rows that are unlike all others, with a p-value and a reason for each.

    Tables, of mixed types and with missing cells, are compared by the distance to the nearest 100 of a sample of the
    rows, each column in units of its usual range. Embeddings (32 columns or more, whose values hardly repeat) and texts
    are compared by the angle to the nearest ten and by the Mahalanobis distance with a shrunk covariance. There is no
    contamination to guess: a row is flagged if it is too rare for chance, at a stated rate of false discoveries.

    Parameters
    ----------
    features : (n, d) numbers, data frame, dict of columns, or list of texts
        NaN, None: missing, as are infinite numbers in a frame; in an array they are further away than all others.
    labels : (n,) classes
        With them, a row is also flagged if it is odd for its class, such as a truck among the birds.
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities of a classifier; their energy is one more measure.
    reference : rows of the same columns that are ordinary for sure
        With them, p-values are counted, and the rate of false discoveries is a promise; one row alone is flagged only
        if there are at least n / false_discovery_rate of them. Without, the rate cannot be promised: it holds as far as
        the scores of ordinary rows thin out as regularly as the bulk of the data does. If more than one row in twenty
        is an outlier, few or none are flagged, but they still have the highest scores.
    false_discovery_rate : expected fraction of ordinary rows among the flagged ones, from 0 to 1
    ids : (n,) names of the rows, default the index of a pandas frame, else the position.
    seed, threads : as in `find_label_errors`

    Returns
    -------
    Outliers

    Raises
    ------
    InputError
        If there is nothing to compare, or lengths or columns differ.

    Source
    ------
    See ``NeighbourDistance``, ``CosineDistance``, ``MahalanobisDistance``, ``UpperTail`` and ``discovery_cut``.

    Examples
    --------
    >>> import dechaff, numpy as np
    >>> rng = np.random.default_rng(0)
    >>> height = rng.normal(170, 8, size=500).round()
    >>> height[3] = 1780
    >>> found = dechaff.find_outliers({"height": height, "weight": rng.normal(70, 9, size=500).round()})
    >>> np.flatnonzero(found.flag)
    array([3])
    >>> found.worst(1)["why"][0]
    'height is 1,780 where 90 % lie in 158–183.'
    """
    check_seed_and_threads(seed, threads)
    if not 0 < false_discovery_rate < 1:
        raise InputError("false_discovery_rate", "be between 0 and 1", repr(false_discovery_rate), "Pass 0.1 for 10 %.")
    with use_threads(threads):
        rows, energy = _given(features, probs)
        names, alone = RowNames.of(len(rows.table), features, ids=ids), np.zeros(len(rows.table), dtype=np.int64)
        classes = OwnClasses(alone, {}, alone.astype(bool))
        if reference is None:
            rule = _rule(rows, seed, more=[ClassEnergy()] if energy else [], **energy)
            p_values = rule.p_values(rows.table, rows.features, **energy)
        else:
            rule, p_values = _by_reference(rows, reference, energy, seed)
        if labels is not None:
            p_values, classes = _for_classes(p_values, column_values(labels), rows, seed)
        chunk = rule.encode(rows.table, rows.features)
        return Outliers(
            names=names,
            rows=rows,
            rule=rule,
            found=p_values,
            classes=classes,
            content=chunk.get("vectors", chunk.get("numbers", np.zeros((len(names), 0)))),
            false_discovery_rate=false_discovery_rate,
            calibrated=reference is not None,
            seed=seed,
        )


def _given(features: Any, probs: npt.ArrayLike | None) -> tuple[Given, Chunk]:
    """The rows, and probabilities by their name."""
    energy = {} if probs is None else {"probs": check_probs(probs)}
    if features is None:
        if not energy:
            raise InputError(
                "find_outliers", "get features or probs", "neither", "Pass a table, an embedding or texts."
            )
        return Given(Table((), len(energy["probs"]))), energy
    rows = read_features(features)
    if energy:
        check_same_length(features=np.arange(len(rows.table)), probs=energy["probs"])
    return rows, energy


def read_features(data: Any, like: Table | None = None) -> Given:
    """Numbers as they are, anything else column by column; of the same kinds as those of another table, if given."""
    if hasattr(data, "toarray"):
        data = data.toarray()
    if isinstance(data, str) or not hasattr(data, "__len__"):
        raise InputError("features", "be rows", repr(data), "Read the file first, or audit it with `dechaff.audit`.")
    if isinstance(data, np.ndarray) and data.ndim == 2 and data.dtype.kind in "fiub":
        matrix = np.asarray(data, dtype=np.float64)
        return Given(Table((), len(matrix)), matrix)
    read = read_memory(data)
    if read.features is not None:
        return Given(Table((), read.n_rows), read.features)
    kinds = {} if like is None else {column.name: column.kind for column in like.columns}
    alone = len(read.cells) == 1
    plans = [(cells, plan_column(cells, alone=alone)) for cells in read.cells]
    columns = [
        build_column(
            cells, forced_plan(cells, kinds[plan.name]) if kinds.get(plan.name, plan.kind) != plan.kind else plan
        )
        for cells, plan in plans
        if plan is not None
    ]
    return Given(Table(tuple(columns), read.n_rows))


def _rule(rows: Given, seed: int, *, more: Sequence[RowMap] = (), **also: Any) -> OutlierRule:
    rule = OutlierRule.of(rows.table, rows.features, seed=seed, more=more, **also)
    if rule is None:
        found = ", ".join(f"{one.name} ({one.kind})" for one in rows.table.columns[:5]) or "no columns"
        fix = "For images, pass an embedding of them as features."
        raise InputError("features", "have a column of numbers, dates, texts, or categories that repeat", found, fix)
    return rule


def _by_reference(rows: Given, reference: Any, energy: Chunk, seed: int) -> tuple[OutlierRule, Numbers]:
    """What is ordinary in the reference rows, and p-values by counting them."""
    if energy:
        fix = "Leave probs out, or append them to the features of both."
        raise InputError("probs", "be left out together with reference", "both", fix)
    known = read_features(reference, like=rows.table)
    _check_columns(rows, known)
    rule = _rule(known, seed)
    ordinary = rule.surprise(known.table, known.features)
    return rule, conformal_p_values(rule.surprise(rows.table, rows.features), ordinary)


def _check_columns(rows: Given, known: Given) -> None:
    mine, theirs = (one.table.names if one.features is None else one.features.shape[1] for one in (rows, known))
    if mine != theirs:
        raise InputError("reference", f"have the columns of features, {mine}", str(theirs), "Pass the same columns.")


def _for_classes(p_values: Numbers, labels: Values, rows: Given, seed: int) -> tuple[Numbers, OwnClasses]:
    """Twice the smaller p-value, among all rows or those of the same class."""
    check_same_length(features=p_values, labels=labels)
    codes, within, rules = factorize(labels), np.ones(len(p_values)), dict[int, OutlierRule]()
    for code in np.unique(codes).tolist():
        mine = np.flatnonzero(codes == code)
        if len(mine) >= 2 * FEWEST:
            some = rows.take(mine)
            rules[code] = _rule(some, seed)
            within[mine] = rules[code].p_values(some.table, some.features)
    return np.minimum(2 * np.minimum(p_values, within), 1.0), OwnClasses(codes, rules, within < p_values)


def _is_outlier(answer: Any) -> bool:
    """Whether an answer means that a row is an outlier."""
    word = str(answer).strip().lower()
    if word not in _ANSWERS:
        raise InputError(
            "a review of an outlier", "be True or False", repr(answer), "True means that it is an outlier."
        )
    return _ANSWERS[word]
