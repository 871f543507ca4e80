"""``consensus``: the label of each item that several annotators answered, and what their answers say of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from dechaff.api.crowd import Consensus, Suspicions
from dechaff.api.labels.names import ItemNames, RowNames, places_of
from dechaff.checks import check_probs, check_seed_and_threads
from dechaff.core.threads import training_threads, use_threads
from dechaff.data.answer_tables import AnswerColumns, AnswerTable, read_answers
from dechaff.data.classes import is_path
from dechaff.data.columns.probs import from_half
from dechaff.data.label_columns import prob_table, read_table
from dechaff.data.memory.source import as_polars
from dechaff.data.source import suffix_of
from dechaff.errors import InputError, ProbsError
from dechaff.methods.consensus.answer_rows import AnswerRows
from dechaff.methods.consensus.crowd_consensus import crowd_consensus
from dechaff.methods.consensus.judged_annotators import judge_annotators
from dechaff.recipe.consensus.model_view import item_places, model_view
from dechaff.records.consensus_options import ConsensusOptions
from dechaff.records.keywords import takes
from dechaff.records.options import FileOptions, part_of
from dechaff.typing import Probs


@takes(ConsensusOptions)
def consensus(answers: Any, options: ConsensusOptions) -> Consensus:
    """The label of each item that several annotators answered, with its probability.

    Needs no true label. With probabilities of a model, or data from which one can learn, few answers per item suffice.

    Parameters
    ----------
    answers : path, data frame, dict of columns, or (n, m) array
        A long table has one row per answer, with columns of the item, the annotator and the label. A wide one has one
        column per annotator; empty cells, NaN, and -1 in an array of integers, are no answers.
    **options

    Returns
    -------
    Consensus

    Raises
    ------
    InputError
        If an item has no answer, all answers come from one annotator, an answer is none of the classes, an annotator
        answered an item twice, or the model does not know an item.

    Source
    ------
    See ``crowd_consensus``, ``judge_annotators``, ``random_answers``, ``constant_answers``, ``copied_answers``,
    ``hasty_answers`` and ``next_annotators``.

    Examples
    --------
    >>> import dechaff
    >>> answers = {"item": [1, 1, 1, 2, 2, 2], "worker": list("abc" * 2), "label": ["cat", "cat", "dog", *["dog"] * 3]}
    >>> found = dechaff.consensus(answers)
    >>> found.table()["label"].to_list(), found.annotators["annotator"].to_list()
    (['cat', 'dog'], ['a', 'b', 'c'])
    """
    check_seed_and_threads(options.seed, options.threads)
    if not 0 < options.sure < 1:
        raise InputError("sure", "be between 0 and 1", repr(options.sure), "Pass 0.8 for 80 %.")
    if options.probs is not None and options.data is not None:
        fix = "Leave one out; the model of the data is trained here."
        raise InputError("probs and data", "not be passed together", "both", fix)
    files = part_of(FileOptions, options)
    columns = AnswerColumns(**{name: getattr(options, name) for name in ("item", "annotator", "label", "seconds")})
    table = read_answers(answers, columns, classes=options.classes, files=files)
    rows, seconds = _rows(table)
    with use_threads(options.threads):
        model, words = None, ""
        if options.probs is not None:
            model, words = _given_probs(table, options.probs, files), "the probabilities that were passed"
        elif options.data is not None:
            threads = training_threads(options.threads)
            view = model_view(options.data, table, rows, seed=options.seed, threads=threads, files=files)
            model, words = view.probs, view.name
        found = crowd_consensus(rows, model)
        annotators = judge_annotators(rows, found)
        suspicions = Suspicions.of(rows, found, annotators, seconds)
    return Consensus(
        names=_names(table),
        answers=rows,
        found=found,
        judged=annotators,
        suspicions=suspicions,
        class_names=table.class_names,
        annotator_names=table.annotator_names,
        assumptions=table.assumptions,
        model_name=words,
        model_probs=model,
        sure=options.sure,
        seed=options.seed,
    )


def _rows(table: AnswerTable) -> tuple[AnswerRows, Any]:
    """The answers in the order of the items, and their times."""
    sizes = {"n_items": len(table.item_names), "n_annotators": len(table.annotator_names)}
    rows = AnswerRows.of(table.items, table.annotators, table.labels, n_classes=len(table.class_names), **sizes)
    if table.seconds is None:
        return rows, None
    return rows, table.seconds[np.argsort(table.items, kind="stable")]


def _names(table: AnswerTable) -> RowNames:
    """Items as they were named; those of a wide pandas frame carry its index."""
    native, n = table.native, len(table.item_names)
    if hasattr(native, "iloc") and len(native) == n and table.item_column not in native.columns:
        return RowNames.of(n, native)
    return ItemNames(n, table.item_names, table.item_column, native)


def _given_probs(table: AnswerTable, source: Any, files: FileOptions) -> Probs:
    """Probabilities by the caller, with rows and columns in the order of items and classes."""
    frame, places = source, None
    if hasattr(source, "columns") or hasattr(source, "column_names") or _is_table(source):
        frame = read_table(source, files) if is_path(source) else as_polars(source)
        frame, places = item_places(frame, table.item_column, table.item_names, name="probs")
    known = prob_table(frame, files=files)
    probs = check_probs(from_half(np.asarray(known.probs))).astype(np.float64)
    if places is not None:
        probs = probs[places]
    n, k = len(table.item_names), len(table.class_names)
    if len(probs) != n:
        fix = "Pass one row per item, in the order of the items, or a frame with a column that names them."
        raise ProbsError("probs", f"have one row for each of the {n} items", f"{len(probs)} rows", fix)
    order = np.arange(probs.shape[1]) if known.names is None else places_of(table.class_names.tolist(), known.names)
    if len(order) != k or (order < 0).any():
        found = f"{probs.shape[1]} columns" if known.names is None else ", ".join(map(str, known.names[:10]))
        must = f"have a column for each of the {k} classes {', '.join(map(str, table.class_names[:10]))}"
        raise ProbsError("probs", must, found, "Name the columns as the classes, or pass all classes with classes.")
    probs = probs[:, order]
    return np.asarray(probs / np.maximum(probs.sum(axis=1, keepdims=True), 1e-12))


def _is_table(source: Any) -> bool:
    return is_path(source) and suffix_of(source) not in (".npy", ".npz")
