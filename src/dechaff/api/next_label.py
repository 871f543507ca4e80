"""``next_to_label``: which rows of a pool to label next, why, and which labelled rows to label again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np

from dechaff.api.labels.item_result import SHOWN, in_html
from dechaff.api.labels.names import RowNames
from dechaff.api.labels.single import LabelErrors, find_label_errors
from dechaff.checks import check_count, check_probs, check_seed_and_threads
from dechaff.core.row_hash import Hashes
from dechaff.core.threads import training_threads
from dechaff.core.words import counted
from dechaff.data.classes import is_path
from dechaff.data.dataset import Dataset
from dechaff.data.open import open_data, open_like, open_with
from dechaff.errors import DataError, InputError
from dechaff.methods.active.auto import LABELS_PER_CLASS, auto
from dechaff.methods.active.control_arm import control_order, inside, reserved
from dechaff.methods.active.view import PoolView
from dechaff.recipe.active.learnt import MOST_ROWS, Learnt, drawn, learnt, pool_view
from dechaff.recipe.explore.content_hashes import data_hashes
from dechaff.records.keywords import takes
from dechaff.records.next_options import NextOptions
from dechaff.records.option import Option
from dechaff.records.options import DataOptions, FileOptions, part_of
from dechaff.typing import Columns, Mask, Probs, Rows

Strategy = Callable[[PoolView, int, np.random.Generator], Rows]


@dataclass(frozen=True, kw_only=True)
class PoolOptions(NextOptions):
    """The options of `next_to_label`."""

    labelled: Annotated[Any, Option("The rows that have labels, with the columns of the pool.", "as `pool`")] = None
    labels: Annotated[
        Any, Option("Their labels.", "array-like of (m,) labels, or the name of a column of `labelled`")
    ] = None
    probs: Annotated[
        Any, Option("Probabilities of the pool by your own model; otherwise one is trained.", "(n, k) float")
    ] = None
    class_names: Annotated[Any, Option("Class of each column of `probs`. Default: 0 … k-1.", "k names")] = None
    ids: Annotated[Any, Option("Names of the rows of the pool.", "array-like of n")] = None
    strategy: Annotated[
        Strategy, Option("One of the functions of `dechaff.methods.active`, or your own.", "function", None)
    ] = auto


@dataclass(frozen=True, repr=False, kw_only=True)
class NextToLabel:
    """m rows of a pool, the first to label in front; random rows are spread among them.

    Examples
    --------
    See `next_to_label`, which returns one.
    """

    names: RowNames = field(repr=False)
    rows: Rows
    """(m,) positions in the pool."""
    random: Mask
    """(m,) rows that were drawn at random: the control arm, on which accuracy can be measured."""
    why: tuple[str, ...] = field(repr=False)
    """A reason for each."""
    probs: Probs | None = field(default=None, repr=False)
    """(m, k) probabilities of these rows by the model; None without a model."""
    class_names: tuple[Any, ...] = ()
    model_name: str = ""
    notes: tuple[str, ...] = ()
    """What a reader must know: no model and why, or that a sample of the pool was looked at."""
    label_errors: LabelErrors | None = field(default=None, repr=False)
    """The labelled rows by the probability that their label is wrong; None without a model that was trained here."""

    def table(self) -> Any:
        """row, rank, label (the model's guess), probability, random and why, in the caller's type of frame."""
        columns: Columns = {"rank": np.arange(1, len(self) + 1)}
        if self.probs is not None:
            guess = self.probs.argmax(axis=1)
            columns["label"] = np.array(self.class_names, dtype=object)[guess]
            columns["probability"] = self.probs[np.arange(len(guess)), guess]
        columns |= {"random": self.random, "why": np.array(self.why, dtype=object)}
        return self.names.table(columns, self.rows)

    def again(self, n: int = 20) -> Any:
        """The n labelled rows to label again: those whose label is most probably wrong.

        Raises
        ------
        InputError
            If no model was trained here, so that labels cannot be judged.
        """
        if self.label_errors is None:
            must = "have labelled rows from which a model can learn"
            fix = "Pass labelled= and labels=, or use find_label_errors with probabilities of the labelled rows."
            raise InputError("again", must, "; ".join(self.notes) or "none", fix)
        return self.label_errors.worst(n)

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        rest = "".join(f"; {note}" for note in self.notes)
        return f"<NextToLabel: {counted(len(self), 'row')}, {self.random.sum():,} of them at random{rest}>"

    def _repr_html_(self) -> str:
        return in_html(repr(self)[1:-1], self.table()[:SHOWN])


@takes(PoolOptions)
def next_to_label(pool: Any, options: PoolOptions) -> NextToLabel:
    """The rows of a pool that teach a model most, a diverse batch, with a share drawn at random.

    By default typical rows of different parts of the pool while there are fewer than 8 labels a class or no model is
    good enough, then uncertain rows that differ from each other. Rows far from all others come last.

    Parameters
    ----------
    pool : (n, d) numbers, data frame, dict of columns, list of texts, or a path
        Rows without labels. Of more than 20,000, that many are drawn and looked at.
    **options

    Returns
    -------
    NextToLabel

    Raises
    ------
    InputError
        If the pool has other columns than the labelled rows, or is empty.

    Source
    ------
    See ``auto``, ``typical_rows`` and ``margin_in_clusters``.

    Examples
    --------
    >>> import dechaff, numpy as np
    >>> rng = np.random.default_rng(0)
    >>> labelled, pool = rng.normal(size=(60, 2)), rng.normal(size=(500, 2))
    >>> labels = np.where(labelled[:, 0] > 0, "right", "left")
    >>> found = dechaff.next_to_label(pool, labelled=labelled, labels=labels, n=20)
    >>> found
    <NextToLabel: 20 rows, 2 of them at random>
    >>> bool(abs(pool[found.rows[~found.random], 0]).mean() < abs(pool[:, 0]).mean() / 2)
    True
    """
    check_seed_and_threads(options.seed, options.threads)
    check_count("n", options.n, least=1)
    if not 0 <= options.random_fraction <= 1:
        raise InputError(
            "random_fraction", "be from 0 to 1", repr(options.random_fraction), "Pass 0.1 for one row in ten at random."
        )
    if (options.labelled is None) != (options.labels is None) and not is_path(options.labelled):
        given = "labels" if options.labelled is None else "labelled"
        raise InputError("labelled and labels", "be passed together", f"{given} alone", "Pass both, or none.")
    labelled, data = _read(pool, options)
    found = next_of(data, labelled, options, strategy=options.strategy, given=_given_probs(options, len(data)))
    return found.named(RowNames.of(len(data), pool, ids=options.ids))


def _read(pool: Any, options: PoolOptions) -> tuple[Dataset | None, Dataset]:
    files = part_of(FileOptions, options)
    if options.labelled is None:
        # Without labelled rows nothing is known of the classes, but a data set has some.
        reading = DataOptions(
            label="label", classes=("0", "1"), exact_labels=True, delimiter=files.delimiter, encoding=files.encoding
        )
        return None, open_with(pool, reading).train
    label = options.labels
    labelled = open_data(options.labelled, label=label, delimiter=files.delimiter, encoding=files.encoding).train
    return labelled, open_like(pool, labelled, need_label=False, files=files)


def _given_probs(options: PoolOptions, n: int) -> tuple[Probs, tuple[Any, ...]] | None:
    if options.probs is None:
        return None
    probs = check_probs(options.probs)
    if len(probs) != n:
        raise InputError("probs", f"have one row for each of the {n} of the pool", str(len(probs)), "Predict the pool.")
    columns = getattr(options.probs, "columns", range(probs.shape[1]))
    names = tuple(columns if options.class_names is None else options.class_names)
    if len(names) != probs.shape[1]:
        raise InputError("class_names", f"name the {probs.shape[1]} columns of probs", str(len(names)), "Name each.")
    return probs, names


@dataclass(frozen=True)
class Chosen:
    """A batch with all that it was chosen by."""

    rows: Rows
    """(m,) positions in the pool."""
    random: Mask
    looked: Rows
    """Positions of the rows of the pool that were looked at."""
    order: Hashes
    """(n,) of the rows of the pool, by `control_order`."""
    labelled: Dataset | None
    """The rows that have a label; the model has learnt from those that are not in the control arm."""
    model: Learnt
    class_names: tuple[Any, ...]
    probs: Probs | None
    """(m, k) of the batch."""
    typical: bool
    """Whether rows were chosen because they are typical."""
    notes: tuple[str, ...]
    options: NextOptions

    def named(self, names: RowNames) -> NextToLabel:
        """The batch by the names of the rows of the pool."""
        errors, labelled = None, self.labelled
        if labelled is not None and self.model.out_of_fold is not None:
            errors = find_label_errors(
                labelled.codes, self.model.out_of_fold, ids=labelled.ids if labelled.id_name else None,
                class_names=list(self.class_names), seed=self.options.seed,
                threads=training_threads(self.options.threads),
            )  # fmt: skip
        return NextToLabel(
            names=names, rows=self.rows, random=self.random, probs=self.probs, class_names=self.class_names,
            why=tuple(_reasons(self.random, self.probs, self.class_names, typical=self.typical)),
            model_name=self.model.name, notes=self.notes, label_errors=errors,
        )  # fmt: skip


def next_of(
    pool: Dataset,
    labelled: Dataset | None,
    options: NextOptions,
    *,
    strategy: Strategy = auto,
    given: tuple[Probs, tuple[Any, ...]] | None = None,
    control_seed: int | None = None,
    control_last: int | None = None,
) -> Chosen:
    """The batch from data that are read.

    `control_seed` decides which rows are the random ones, by default the seed of all draws. Those up to `control_last`
    in their order were drawn before: the model that chooses rows does not learn from them, for they tell how often it
    is right. Had it learnt from one, no row would have been chosen beside it, and held out it would leave a hole.
    """
    rng = np.random.default_rng(options.seed)
    if labelled is not None:
        labelled = drawn(labelled.take(labelled.codes >= 0), rng)
    free = _without_labelled(pool, labelled)
    names: Sequence[Any] = ()
    learners = labelled
    hashes, seed = data_hashes(pool), options.seed if control_seed is None else control_seed
    order = control_order(hashes, seed=seed)
    looked = np.sort(free[np.argsort(order[free], kind="stable")[:MOST_ROWS]])
    seen = pool.take(looked)
    if given is not None:
        model = Learnt(given[0][looked], name="the probabilities that were passed")
        names = given[1]
    elif labelled is None:
        model = Learnt(why_not="no row has a label yet")
    else:
        known = data_hashes(labelled)
        apart = inside(control_order(known, seed=seed), control_last) & np.isin(known, hashes)
        model = learnt(labelled, seen, apart=apart, seed=options.seed, threads=training_threads(options.threads))
        names = labelled.class_names
        learners = labelled.take(~apart)
    view = pool_view(seen, learners, model.probs, seed=options.seed)
    rows, random = batch(view, order[looked], options, strategy, rng)
    notes: tuple[str, ...] = (f"typical rows, because {model.why_not}",) if model.why_not else ()
    if len(looked) < len(free):
        notes += (f"chosen from {len(looked):,} rows that were drawn from the pool of {len(free):,}",)
    if len(rows) < options.n:
        notes += (f"the pool has only {counted(len(free), 'row')} without a label",)
    probs = None if model.probs is None else model.probs[rows]
    typical = probs is None or (strategy is auto and len(view.labelled) < LABELS_PER_CLASS * probs.shape[1])
    return Chosen(
        rows=looked[rows], random=random, looked=looked, order=order, labelled=labelled, model=model,
        class_names=tuple(names), probs=probs, typical=typical, notes=notes, options=options,
    )  # fmt: skip


def batch(
    view: PoolView, order: Hashes, options: NextOptions, strategy: Strategy, rng: np.random.Generator
) -> tuple[Rows, Mask]:
    """Positions of a batch and which of them are random ones, the first by `order`, spread evenly."""
    n = min(options.n, len(view.features))
    n_random = int(np.ceil(round(options.random_fraction * n, 9)))
    by_order = np.argsort(order, kind="stable")
    control, n_rest = by_order[:n_random], n - n_random
    # Rows that are reserved for later random ones are chosen only if there are no others.
    n_reserved = min(int(reserved(order, options.random_fraction).sum()), len(order) - n_rest)
    rest = np.sort(by_order[max(n_random, n_reserved) :])
    picked = rest[strategy(view.take(rest), n_rest, rng)] if n_rest else rest[:0]
    random = np.zeros(n, dtype=bool)
    random[((np.arange(n_random) + 0.5) * n / max(n_random, 1)).astype(np.int64)] = True
    rows = np.empty(n, dtype=np.int64)
    rows[random], rows[~random] = control, picked
    return rows, random


def _without_labelled(pool: Dataset, labelled: Dataset | None) -> Rows:
    """Rows of the pool whose content no labelled row has, and which have no label themselves."""
    free = pool.codes < 0
    if labelled is not None:
        free &= ~np.isin(data_hashes(pool), data_hashes(labelled))
    if not free.any():
        fix = "Pass rows that have no label yet."
        raise DataError("the pool", "have a row that is not labelled yet", f"{counted(len(pool), 'row')}, none", fix)
    return np.flatnonzero(free)


def _reasons(random: Mask, probs: Probs | None, names: Any, *, typical: bool) -> list[str]:
    words = []
    for place, drawn_at_random in enumerate(random.tolist()):
        if drawn_at_random:
            words.append("Drawn at random, to measure accuracy.")
        elif probs is None or typical:
            words.append("Typical of a part of the pool that has few labels.")
        else:
            order = np.argsort(-probs[place], kind="stable")[:2].tolist()
            one, other = (f"{names[code]} ({probs[place, code]:.0%})" for code in order)
            words.append(f"The model hesitates between {one} and {other}.")
    return words
