"""Open positive-unlabelled data: the labels of the training rows say *labelled* or nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dechaff.data.columns.positives import PositiveReader, name_of_the_rest, positive_of
from dechaff.data.dataset import Assumption, Dataset, Opened
from dechaff.data.open import open_with
from dechaff.errors import LabelsError
from dechaff.records.keywords import takes
from dechaff.records.options import PUOptions, ReadOptions, part_of
from dechaff.typing import Mask

FEWEST_LABELLED = 5
"""Labelled rows, and unlabelled ones: one for each fold."""


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
        """Whether unlabelled rows carry a value; False where their cells are empty."""
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
        Where labels cannot be read so, or fewer than five training rows are labelled, or unlabelled.

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
    stated = stated_about(found, n - n_labelled, said=wanted is not None)
    return replace(found, opened=replace(found.opened, train=replace(train, assumptions=train.assumptions + stated)))


def refuse_too_few(found: OpenedPositives, n_labelled: int, n: int) -> None:
    """A LabelsError where fewer than five of the n training rows are labelled, or unlabelled."""
    for kind, number in ((f"labelled {found.positive!r}", n_labelled), ("unlabelled", n - n_labelled)):
        if number < FEWEST_LABELLED:
            raise LabelsError(
                f"the label column {found.train.label_name!r}" if found.train.label_name else "the labels",
                f"have at least {FEWEST_LABELLED} training rows that are {kind}, one for each fold",
                f"{number} of {n:,}",
                "Add such rows; with fewer than some 60 labelled ones nothing certain can be said.",
            )


def stated_about(found: OpenedPositives, n_unlabelled: int, *, said: bool) -> tuple[Assumption, ...]:
    """What is assumed of the rows that are not labelled, and of the value of those that are unless it was `said`."""
    label = found.train.label_name or "the labels"
    cells = f"they say {found.other!r}" if found.named_in_data else "their label cells are empty"
    rows = Assumption(
        "unlabelled rows",
        f"{n_unlabelled:,}",
        f"rows without {found.positive!r} are treated as unlabelled, not as negative; {cells}",
        "--positive",
    )
    if said:
        return (rows,)
    why = f"of {found.other} and {found.positive} it is the one that marks a row"
    if not found.named_in_data:
        why = f"it is the only value in {label}; the other cells are empty"
    return Assumption("positive label", found.positive, why, "--positive"), rows
