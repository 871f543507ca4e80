"""``find_token_errors``: which tokens of sentences are labelled wrongly, and which sentences to review first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.api.labels.class_result import ClassResult
from dechaff.api.labels.names import PairNames, RowNames, check_one_order
from dechaff.checks import check_probs, check_same_length, check_seed_and_threads
from dechaff.core.temperature import fit_sharpness, sharpened
from dechaff.core.threads import use_threads
from dechaff.core.words import counted
from dechaff.data.classes import class_array, class_names_of, codes_of, named
from dechaff.errors import InputError, LabelsError, ProbsError
from dechaff.methods.label_errors.matrix_and_margin import MatrixAndMargin, judge_by_matrix_and_margin
from dechaff.methods.token_labels.label_chain import probs_in_context
from dechaff.methods.token_labels.sentence_score import (
    Sentences,
    SentenceScore,
    any_error,
    are_bio,
    whole_spans,
    worst_token,
)
from dechaff.typing import Labels, Numbers, Probs


@dataclass(frozen=True, repr=False, kw_only=True)
class TokenErrors(ClassResult):
    """What is wrong with the labels of n tokens; arrays (n,) hold the tokens of all sentences, one after the other.

    An item is a token: the pair (sentence, place in it). Reviews give its true label: ``{(sentence, place): "O"}``.

    Examples
    --------
    See `find_token_errors`, which returns one.
    """

    names: PairNames = field(repr=False)
    sentences: Sentences = field(repr=False)
    tokens: MatrixAndMargin = field(repr=False)
    neighbour_weight: float = 0.0
    """Weight of the neighbouring labels, from 0 to 1; 0 if the model uses their order already."""

    @cached_property
    def corrected(self) -> npt.NDArray[Any]:
        """(n,) the labels with the flagged ones replaced. In BIO labels every span begins with its B-.

        Only the reviewed ones, unless the model is `reliable`: the flags of a weak one are for review.
        """
        reviewed = np.zeros(len(self), dtype=bool)
        reviewed[self.reviews.rows] = True
        codes = np.where(self._flag & (reviewed | self.reliable), self._suggested, self.labels)
        names = [str(name) for name in self.class_names]
        whole = whole_spans(codes, self.sentences, classes=names) if are_bio(names) else codes
        return named(whole, self.class_names.tolist())

    @property
    def reliable(self) -> bool:
        """Whether at least a third of the labels that the model disagrees with are estimated to be wrong."""
        return self.tokens.reliable

    @cached_property
    def sentence_score(self) -> SentenceScore:
        """(sentences,) probability that the worst token is wrong; higher = review it first. Empty ones: 0."""
        return worst_token(self._score, self.sentences)

    @cached_property
    def sentence_log_odds(self) -> SentenceScore:
        """(sentences,) the same as log-odds, which do not tie; those of the worst token, -inf for an empty one."""
        return self.sentences.reduced(self._log_odds, np.maximum.reduceat, -np.inf)

    @cached_property
    def sentence_any_error(self) -> SentenceScore:
        """(sentences,) probability of any error if tokens were independent: grows with the length."""
        return any_error(self._log_odds, self.sentences)

    @cached_property
    def sentence_flag(self) -> npt.NDArray[np.bool_]:
        """(sentences,) bool, those with a flagged token."""
        return self.sentences.reduced(self._flag.astype(np.float64), np.maximum.reduceat, 0.0) > 0

    def by_sentence(self, values: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
        """(n,) values of the tokens, such as ``found.score``, as one array per sentence."""
        return np.split(values, self.sentences.starts[1:]) if len(self.sentences.lengths) else []

    def places(self) -> list[tuple[int, int]]:
        """Position of the sentence, and place in it, of each flagged token, the most doubtful first."""
        tokens = np.flatnonzero(self._flag)
        tokens = tokens[np.argsort(-self._log_odds[tokens], kind="stable")]
        of = self.sentences.of_token[tokens]
        return [(int(one), int(token - self.sentences.starts[one])) for token, one in zip(tokens, of, strict=True)]

    def _corrected(self, log_odds: Numbers, labels: Labels, suggested: Labels, probs: Probs) -> Numbers:
        blended = self.tokens.log_odds(log_odds, labels, probs)
        return super()._corrected(blended, labels, suggested, probs)

    @property
    def _headline(self) -> str:
        return (
            f"{self.n_flagged:,} of {len(self):,} tokens flagged, in {int(self.sentence_flag.sum()):,} of "
            f"{len(self.sentences.lengths):,} sentences"
        )


def find_token_errors(
    labels: Any,
    probs: Any,
    *,
    sentences: npt.ArrayLike | None = None,
    class_names: Sequence[Any] | None = None,
    ids: Any = None,
    seed: int = 0,
    threads: int | None = None,
) -> TokenErrors:
    """The tokens whose label is probably wrong, what the right one would be, and the sentences to review first.

    As `find_label_errors`, after the probabilities of each token take its neighbours into account: which labels follow
    which is learned from the given labels, and counts as far as it helps to predict them.

    Parameters
    ----------
    labels : one sequence of labels per sentence, or (n,) labels of all tokens
        Class names, or numbers from 0 to k-1; may be wrong.
    probs : one (tokens, k) array per sentence, or (n, k); rows sum to 1
        Out-of-sample probabilities. In-sample ones hide errors.
    sentences : (n,) ids, only with flat labels
        The sentence of each token; tokens of a sentence stand together.
    class_names : k names, default 0 … k-1
        In the order of the columns of probs.
    ids : names of the sentences, default those in `sentences`, else their positions.
    seed, threads : as in `find_label_errors`

    Returns
    -------
    TokenErrors

    Raises
    ------
    InputError
        If the lengths differ, a label has no column, a row is not a distribution, or a sentence is in two pieces.

    Source
    ------
    This library; see ``probs_in_context`` and ``judge_by_matrix_and_margin``.

    Examples
    --------
    >>> import dechaff, numpy as np
    >>> sure = {"O": [0.9, 0.05, 0.05], "B-PER": [0.05, 0.9, 0.05], "I-PER": [0.05, 0.05, 0.9]}
    >>> labels = [["O", "B-PER", "I-PER", "O"], ["B-PER", "O"]] * 50
    >>> probs = [[sure[label] for label in sentence] for sentence in labels]
    >>> labels[0] = ["O", "B-PER", "O", "O"]
    >>> found = dechaff.find_token_errors(labels, probs, class_names=list(sure))
    >>> found.places(), found.by_sentence(found.corrected)[0].tolist()
    ([(0, 2)], ['O', 'B-PER', 'I-PER', 'O'])
    >>> found.update({(0, 2): "O", (1, 0): "O"}).places()
    [(1, 0)]
    """
    check_seed_and_threads(seed, threads)
    with use_threads(threads):
        flat, lengths = _flat_labels(labels, sentences)
        checked = _flat_probs(probs, None if sentences is not None else lengths, class_names)
        names = class_names_of(class_names, probs, checked.shape[1])
        codes = _codes(labels, flat, sentences, names)
        check_same_length(labels=codes, probs=checked)
        check_one_order(labels=labels, probs=probs)
        where = Sentences(lengths)
        in_context, weight = probs_in_context(
            codes, checked, where, sharpen=lambda labels, probs: sharpened(probs, power=fit_sharpness(labels, probs))
        )
        if ids is None and sentences is not None:
            ids = np.asarray(sentences)[where.starts]
        tokens = judge_by_matrix_and_margin(codes, in_context)
        return TokenErrors(
            names=PairNames(replace(RowNames.of(len(lengths), ids=ids), name="sentence"), lengths, "token"),
            judged=tokens.estimates,
            tokens=tokens,
            labels=codes,
            probs=in_context,
            class_names=class_array(names),
            sentences=where,
            neighbour_weight=weight,
            seed=seed,
        )


def _flat_labels(labels: Any, sentences: npt.ArrayLike | None) -> tuple[list[Any], npt.NDArray[np.int64]]:
    if sentences is not None:
        ids = np.asarray(sentences)
        check_same_length(labels=np.asarray(labels), sentences=ids)
        return list(np.asarray(labels)), _runs(ids)
    listed = list(labels)
    place = next((place for place, sentence in enumerate(listed) if np.ndim(sentence) != 1), None)
    if place is not None:
        raise InputError(
            "labels",
            "be one sequence of labels for each sentence",
            f"{listed[place]!r} as entry {place}",
            "For flat labels pass sentences=[...], the sentence of each token.",
        )
    return [label for sentence in listed for label in sentence], np.array([len(one) for one in listed], dtype=np.int64)


def _runs(ids: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Lengths of the runs of equal ids."""
    if not len(ids):
        return np.zeros(0, dtype=np.int64)
    starts = np.flatnonzero(np.concatenate([[True], ids[1:] != ids[:-1]]))
    values, counts = np.unique(ids[starts], return_counts=True)
    if (counts > 1).any():
        name = values[counts > 1][0]
        again = int(starts[np.flatnonzero(ids[starts] == name)[1]])
        raise InputError(
            "sentences",
            "keep the tokens of each sentence together",
            f"sentence {name!r} a second time at token {again}",
            "Sort the tokens by sentence, or number repeated sentences anew.",
        )
    return np.diff(np.append(starts, len(ids)))


def _flat_probs(probs: Any, lengths: npt.NDArray[np.int64] | None, class_names: Sequence[Any] | None) -> Probs:
    if lengths is None or getattr(probs, "ndim", 0) == 2:
        return check_probs(probs)
    parts = [np.asarray(part) for part in probs]
    found = np.array([len(part) for part in parts], dtype=np.int64)
    if len(found) != len(lengths):
        raise _other_sentences(f"{len(lengths)} sentences in labels, {len(found)} in probs")
    if (found != lengths).any():
        one = int(np.flatnonzero(found != lengths)[0])
        sizes = f"{counted(lengths[one], 'label')} and {counted(found[one], 'row')}"
        raise _other_sentences(f"{sizes} of probs in sentence {one}")
    full = {f"probs[{place}]": part for place, part in enumerate(parts) if len(part)}
    if not full:
        return check_probs(np.zeros((0, max(2, len(class_names or ())))))
    _check_columns(full)
    try:
        return check_probs(np.concatenate(list(full.values())))
    except ProbsError:
        for name, part in full.items():  # the error names the sentence
            check_probs(part, name=name)
        raise


def _check_columns(parts: dict[str, npt.NDArray[Any]]) -> None:
    wanted = next((part.shape[1] for part in parts.values() if part.ndim == 2), 0)
    for name, part in parts.items():
        if part.ndim != 2 or part.shape[1] != wanted:
            raise InputError(
                name,
                f"have one row for each token and {wanted or 'k'} columns, one for each class",
                f"shape {part.shape}",
                "Pass the probabilities of all classes, for every sentence in the same order.",
            )


def _codes(labels: Any, flat: list[Any], sentences: npt.ArrayLike | None, names: list[Any]) -> Labels:
    try:
        return codes_of(flat, names)
    except LabelsError:
        for place, sentence in enumerate(labels if sentences is None else ()):
            codes_of(sentence, names, name=f"labels[{place}]")
        raise


def _other_sentences(found: str) -> InputError:
    return InputError(
        "labels and probs",
        "have the same sentences, with one row of probs for each token",
        found,
        "Check that both come from the same sentences, cut into the same tokens.",
    )
