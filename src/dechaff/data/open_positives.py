"""Open positive-unlabelled data: the labels of the training rows say *labelled* or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dechaff.core.words import counted
from dechaff.data.columns.labels import LabelNames, as_number
from dechaff.data.columns.names import closest, did_you_mean
from dechaff.data.dataset import Assumption, Dataset, Opened
from dechaff.data.open import open_with
from dechaff.errors import LabelsError
from dechaff.records.keywords import takes
from dechaff.records.options import PUOptions, ReadOptions, part_of
from dechaff.typing import Mask, Texts

UNLABELLED = "unlabelled"
"""What rows with an empty label cell are called."""
_MARKS = (({"0", "1"}, "1"), ({"-1", "1"}, "1"))
_DOUBTFUL = frozenset({"0", "-1", "false", "no", "n", "none", "unknown", "unlabeled", "unlabelled"})
"""A value that sounds like this is not taken for the positive one unless it is named."""
_SHOWN = 6
FEWEST_LABELLED = 5
"""Labelled rows, and unlabelled ones: one for each fold."""


@dataclass(frozen=True)
class PositiveReader:
    """Reads a label column as labelled positives and unlabelled rows.

    ``positive`` is the value that labelled rows carry; None finds it if the values are unambiguous.
    """

    positive: str | None = None

    def __call__(self, shown: str, labels: LabelNames) -> LabelNames:
        """The same labels with two names: the positive one, and the other value or `UNLABELLED` for empty cells.

        Raises
        ------
        LabelsError
            If no row or every row is labelled, the positive value does not occur or has to be named, or rows
            that are not labelled have different values.
        """
        counts = Counter(labels.names[~labels.missing].tolist())
        empty = int(labels.missing.sum())
        if not counts:
            raise LabelsError(
                shown,
                "contain the positive label in some rows",
                f"that all {empty:,} cells are empty",
                "Label some positive rows, or name another column with --label.",
            )
        positive = self._named(shown, counts) if self.positive is not None else _plain(shown, counts, empty)
        labels = replace(labels, last=positive)
        others = [name for name in counts if name != positive]
        if len(others) + (empty > 0) > 1:
            raise _three_values(shown, counts, empty, positive)
        if not others and not empty:
            raise LabelsError(
                shown,
                "leave some rows unlabelled: empty, or with another value",
                f"{positive!r} in all {counts[positive]:,} rows",
                "Add unlabelled rows; they may be of either class.",
            )
        return _filled(labels, others[0] if others else name_of_the_rest(positive))

    def _named(self, shown: str, counts: Counter[str]) -> str:
        assert self.positive is not None
        found = matching(self.positive, counts)
        if found is not None:
            return found
        near = did_you_mean([repr(name) for name in closest(self.positive, counts)])
        raise LabelsError(
            shown,
            f"contain the positive label {self.positive!r} in some rows",
            _values(counts, 0),
            f"{near}Name the value of labelled rows with --positive.",
        )


def positive_of(class_names: Sequence[str], wanted: str | None) -> str:
    """Which of the two names that a `PositiveReader` gives is the positive one.

    Examples
    --------
    >>> positive_of(("unlabelled", "yes"), None), positive_of(("0", "1"), None), positive_of(("no", "yes"), "no")
    ('yes', '1', 'no')
    """
    named = None if wanted is None else matching(wanted, class_names)
    if named is not None:
        return named
    sure = _sure(class_names)
    return sure if sure is not None else next(name for name in class_names if name != UNLABELLED)


def name_of_the_rest(positive: str) -> str:
    """What unlabelled rows are called if their cells are empty.

    Examples
    --------
    >>> name_of_the_rest("yes"), name_of_the_rest("unlabelled")
    ('unlabelled', 'not labelled')
    """
    return UNLABELLED if positive != UNLABELLED else f"not {positive.removeprefix('un')}"


def matching(wanted: str, names: Iterable[str]) -> str | None:
    """The name that is meant: the same word, the same number (1.0 for 1), or the same truth value (True for true).

    Examples
    --------
    >>> matching("1.0", ["0", "1"]), matching("True", ["true", "false"]), matching("Yes", ["yes"])
    ('1', 'true', None)
    """
    known = list(names)
    word = wanted.strip()
    if word in known:
        return word
    value = as_number(word)
    for name in known:
        if value is not None and as_number(name) == value:
            return name
        if word.lower() in ("true", "false") and name.lower() == word.lower():
            return name
    return None


def _sure(names: Iterable[str]) -> str | None:
    """The positive one of 1 and 0, of 1 and -1, of true and false."""
    found = set(names)
    if {name.lower() for name in found} == {"true", "false"} and len(found) == 2:
        return next(name for name in found if name.lower() == "true")
    return next((positive for pair, positive in _MARKS if found == pair), None)


def _plain(shown: str, counts: Counter[str], empty: int) -> str:
    """The positive value if none is named and it is unambiguous."""
    sure = _sure(counts)
    if sure is not None:
        return sure
    likely = [name for name, _ in reversed(counts.most_common()) if name.lower() not in _DOUBTFUL]
    if len(counts) == 1 and likely:
        return likely[0]
    if len(counts) + (empty > 0) > 2:
        raise _three_values(shown, counts, empty, None)
    raise LabelsError(
        shown,
        "mark labelled positives by one value",
        f"{_values(counts, empty)}, any of which may be it",
        f"Name that value: --positive {(likely or list(counts))[0][:40]!r}, or positive=… in Python.",
    )


def _three_values(shown: str, counts: Counter[str], empty: int, positive: str | None) -> LabelsError:
    labelled = "the positive label" if positive is None else f"the positive label {positive!r}"
    return LabelsError(
        shown,
        f"contain {labelled} and, in all other rows, one common value or nothing",
        f"{len(counts) + (empty > 0):,} values: {_values(counts, empty)}",
        "Rows that are known to be negative are no unlabelled rows: with them, use dechaff audit. If all rows that are "
        "not labelled may be of either class, empty their cells, or give them one common value.",
    )


def _values(counts: Counter[str], empty: int) -> str:
    listed = [f"{name[:40]!r} ({counted(number, 'row')})" for name, number in counts.most_common(_SHOWN)]
    rest = len(counts) - len(listed)
    listed += [f"{rest:,} more"] if rest else []
    return ", ".join([*listed, *([f"empty cells ({counted(empty, 'row')})"] if empty else [])])


def _filled(labels: LabelNames, other: str) -> LabelNames:
    """Every row named: empty cells get a name, and their rows stand for it when labels are written back."""
    names: Texts = labels.names.copy()
    names[labels.missing] = other
    return replace(labels, names=names, missing=np.zeros(len(names), dtype=np.bool_))


@dataclass(frozen=True)
class OpenedPositives:
    """Data whose two class names are that of labelled positives and that of all other rows."""

    opened: Opened
    positive: str
    other: str

    @property
    def train(self) -> Dataset:
        """The rows to judge."""
        return self.opened.train

    @property
    def positive_code(self) -> int:
        """The code of the positive class."""
        return self.train.class_names.index(self.positive)

    @property
    def labelled(self) -> Mask:
        """Training rows that are labelled positives."""
        return np.asarray(self.train.codes == self.positive_code)

    @property
    def named_in_data(self) -> bool:
        """Whether unlabelled rows carry a value; False if their cells are empty."""
        return self.other != name_of_the_rest(self.positive)


@takes(PUOptions)
def open_positives(source: Any, options: PUOptions) -> OpenedPositives:
    """Labelled positives and unlabelled rows of a source.

    Parameters
    ----------
    source : as for `open_data`
    **options

    Raises
    ------
    LabelsError
        If labels cannot be read so, or fewer than five training rows are labelled, or unlabelled.

    Examples
    --------
    >>> found = open_positives({"x": [1.5, 2.5] * 6, "s": ["yes"] * 5 + [None] * 7}, label="s")
    >>> found.positive, found.other, int(found.labelled.sum())
    ('yes', 'unlabelled', 5)
    """
    return open_positives_with(source, options)


def open_positives_with(source: Any, options: PUOptions) -> OpenedPositives:
    """The same from a record of options."""
    wanted = None if options.positive is None else str(options.positive)
    opened = open_with(source, part_of(ReadOptions, options), seed=options.seed, reader=PositiveReader(wanted))
    # A second file may say more of its rows than the training rows do; only its inputs are looked at.
    names = opened.train.class_names[:2]
    schema = replace(opened.train.schema, class_names=names)
    train = replace(opened.train, class_names=names, schema=schema)
    named = positive_of(names, wanted)
    found = OpenedPositives(Opened(train, opened.test), named, next(name for name in names if name != named))
    n_labelled, n = int(found.labelled.sum()), len(found.train)
    refuse_too_few(found, n_labelled, n)
    stated = stated_about(found, n - n_labelled, given=wanted is not None)
    return replace(found, opened=replace(found.opened, train=replace(train, assumptions=train.assumptions + stated)))


def refuse_too_few(found: OpenedPositives, n_labelled: int, n: int) -> None:
    """A LabelsError if fewer than five of the n training rows are labelled, or unlabelled."""
    for kind, number in ((f"labelled {found.positive!r}", n_labelled), ("unlabelled", n - n_labelled)):
        if number < FEWEST_LABELLED:
            raise LabelsError(
                f"the label column {found.train.label_name!r}" if found.train.label_name else "the labels",
                f"have at least {FEWEST_LABELLED} training rows that are {kind}, one for each fold",
                f"{number} of {n:,}",
                "Add such rows; with fewer than some 60 labelled ones results are not reliable.",
            )


def stated_about(found: OpenedPositives, n_unlabelled: int, *, given: bool) -> tuple[Assumption, ...]:
    """What is assumed of the rows that are not labelled, and of the value of those that are unless it was `given`."""
    label = found.train.label_name or "the labels"
    cells = f"they say {found.other!r}" if found.named_in_data else "their label cells are empty"
    rows = Assumption(
        "unlabelled rows",
        f"{n_unlabelled:,}",
        f"rows without {found.positive!r} are treated as unlabelled, not as negative; {cells}",
        "--positive",
    )
    if given:
        return (rows,)
    why = f"of {found.other} and {found.positive} it is the one that marks a row"
    if not found.named_in_data:
        why = f"it is the only value in {label}; the other cells are empty"
    return Assumption("positive label", found.positive, why, "--positive"), rows
