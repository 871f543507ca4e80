"""The result of `consensus`: labels with probabilities, annotators, confused classes, and whom to ask next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.api.labels.estimates import Estimate
from dechaff.api.labels.names import ItemNames
from dechaff.api.labels.result import RowResult, Scored
from dechaff.checks import check_count
from dechaff.core.intervals import Z_95
from dechaff.core.words import percent
from dechaff.data.classes import Values
from dechaff.data.dataset import Assumption
from dechaff.methods.consensus.answer_rows import AnswerRows
from dechaff.methods.consensus.careless_answers import constant_answers, random_answers
from dechaff.methods.consensus.copied_answers import copied_answers
from dechaff.methods.consensus.crowd_consensus import CrowdConsensus
from dechaff.methods.consensus.hasty_answers import hasty_answers, paces
from dechaff.methods.consensus.judged_annotators import Annotators
from dechaff.methods.consensus.next_annotators import next_annotators
from dechaff.typing import Columns, Figures, Labels, Probs, Rows

_TINY = 1e-300


@dataclass(frozen=True)
class Suspicions:
    """What speaks against each of m annotators."""

    constant: npt.NDArray[np.bool_]
    at_random: npt.NDArray[np.bool_]
    copies: Rows
    """(m,) the annotator that each one copies; -1 = none."""
    hasty: npt.NDArray[np.bool_]
    pace: Figures
    """(m,) time per answer, as a multiple of the usual; NaN if unknown."""

    @classmethod
    def of(cls, rows: AnswerRows, found: CrowdConsensus, judged: Annotators, seconds: Any) -> Suspicions:
        """All checks of these annotators."""
        m = rows.n_annotators
        constant = constant_answers(judged)
        if seconds is None:
            hasty, pace = np.zeros(m, dtype=bool), np.full(m, np.nan)
        else:
            hasty, pace = hasty_answers(rows, seconds), paces(rows, seconds)
        return cls(constant, random_answers(judged) & ~constant, copied_answers(rows, found), hasty, pace)

    @property
    def any(self) -> npt.NDArray[np.bool_]:
        """(m,) whether there is one."""
        return self.constant | self.at_random | (self.copies >= 0) | self.hasty


@dataclass(frozen=True, repr=False, kw_only=True)
class Consensus(RowResult):
    """Labels of n items from the answers of m annotators.

    `score` is the probability that the label is wrong, and `flag` says which items need another answer.

    Examples
    --------
    See `consensus`, which returns one.
    """

    ITEMS: ClassVar[str] = "items"
    answers: AnswerRows = field(repr=False)
    found: CrowdConsensus = field(repr=False)
    """The result of the method."""
    judged: Annotators = field(repr=False)
    suspicions: Suspicions = field(repr=False)
    class_names: Values
    """(k,) the classes in the caller's own values."""
    annotator_names: Values = field(repr=False)
    """(m,) the annotators in the caller's own values."""
    assumptions: tuple[Assumption, ...] = ()
    """What was recognized in the answers."""
    model_name: str = ""
    """The model that was asked; "" if there is none."""
    model_probs: Probs | None = field(default=None, repr=False)
    """(n, k) its out-of-sample probabilities of the items."""
    sure: float = 0.8
    """Items whose label is less probable than this are flagged."""

    @property
    def probs(self) -> Any:
        """(n, k) probabilities of the classes, before reviews."""
        return self.names.like_callers(self.found.posterior, columns=self.class_names.tolist())

    @property
    def label(self) -> Any:
        """(n,) the label of each item, in the caller's own values."""
        return self._like_callers(self._values(self._labels))

    @property
    def probability(self) -> Any:
        """(n,) probability that the label is right."""
        return self._like_callers(1 - self._score)

    @property
    def annotators(self) -> Any:
        """One line per annotator, the best first, in the caller's type of frame.

        answers : number of answers.
        quality, low, high : expected fraction of right answers, with a 95 % interval; NaN without other answers.
        bias_to, bias : the class that is named too often, and by how much, as a fraction of the answers.
        suspicion : "always the same", "at random", "copies", "too fast", or several of them; "" = none.
        why : the suspicion in a sentence.
        pace : time per answer, as a multiple of the usual; left out if no times were given.
        """
        judged, order = self.judged, np.argsort(-np.nan_to_num(self.judged.quality, nan=-1.0), kind="stable")
        most = judged.bias.argmax(axis=1)
        columns: Columns = {
            "answers": judged.n_answers[order],
            "quality": judged.quality[order],
            "low": judged.low[order],
            "high": judged.high[order],
            "bias_to": self._values(most[order]),
            "bias": judged.bias[np.arange(len(most)), most][order],
            "suspicion": [", ".join(kind for kind, _ in self._suspicions(one)) for one in order.tolist()],
            "why": [" ".join(words for _, words in self._suspicions(one)) for one in order.tolist()],
        }
        if np.isfinite(self.suspicions.pace).any():
            columns["pace"] = self.suspicions.pace[order]
        return self._annotator_names.table(columns, order)

    def confusion(self, annotator: Any = None) -> npt.NDArray[np.float64]:
        """(k, k) probability of each answer (row) by true class (column); columns sum to 1.

        Parameters
        ----------
        annotator : name of one; None = all together, each by the number of answers.
        """
        if annotator is not None:
            (place,) = self._annotator_names.positions([annotator])
            return np.asarray(self.found.crowd.answers[place])
        pooled = self.judged.confusion.sum(axis=0)
        return np.asarray(pooled / np.maximum(pooled.sum(axis=0, keepdims=True), _TINY))

    @property
    def confused_classes(self) -> Any:
        """Pairs of classes that annotators confuse, the most frequent first.

        label : the true class. answer : the class that is named in its place. rate : fraction of the answers to items
        of the true class. answers : expected number of these answers.
        """
        pooled, rates = self.judged.confusion.sum(axis=0), self.confusion()
        answer, true = np.nonzero(~np.eye(len(pooled), dtype=bool))
        order = np.argsort(-pooled[answer, true], kind="stable")
        answer, true = answer[order], true[order]
        names = ItemNames(len(order), self._values(true), "label", self.names.frame)
        columns = {"answer": self._values(answer), "rate": rates[answer, true], "answers": pooled[answer, true]}
        return names.table(columns, np.arange(len(order)))

    def ask(self, n: int = 50) -> Any:
        """The n items that another answer would help most, and whom to ask; flagged items only.

        Annotators under suspicion are not asked, and no one is asked twice about an item. ``gain`` is the expected
        rise of the probability of the best label.
        """
        unread = self._unread_ranked
        items = unread[self._flag[unread]]
        may = ~self.suspicions.any
        who, gain = next_annotators(self.answers, self.found, items, may_ask=may if may.any() else ~may)
        order = np.argsort(-gain, kind="stable")[: check_count("n", n)]
        items, who, gain = items[order], who[order], gain[order]
        asked = [None if one < 0 else self.annotator_names.tolist()[one] for one in who.tolist()]
        columns = {
            "label": self._values(self._labels[items]),
            "probability": 1 - self._score[items],
            "answers": self.answers.per_item[items],
            "ask": asked,
            "gain": gain,
        }
        return self.names.table(columns, items)

    @property
    def why(self) -> tuple[str, ...]:
        """What was assumed, how far answers and the model are trusted, and who is under suspicion, in sentences."""
        powers, found = self.found.powers, self.found
        stated = [f"{one.what}: {one.value}, {one.why}." for one in self.assumptions]
        said = [*stated, f"An answer counts {percent(powers.answers)} of what independent annotators would say."]
        if self.model_name and not found.uses_model:
            said.append(f"The model ({self.model_name}) does not help to predict held-out answers, and is not used.")
        elif self.model_name:
            said.append(f"The model ({self.model_name}) is used, with the power {powers.model:g}.")
        if found.model_beats_crowd:
            said.append("The model alone predicts held-out answers better than the other answers of the item do.")
        suspects = np.flatnonzero(self.suspicions.any).tolist()
        said += [
            f"Annotator {self.annotator_names[one]}: {words}" for one in suspects for _, words in self._suspicions(one)
        ]
        return (*said, *(() if self.review_update is None else self.review_update.words))

    @cached_property
    def scored(self) -> Scored:
        """The result of the method, before reviews."""
        posterior = self.found.posterior
        rows = np.arange(len(posterior))
        first = posterior.argmax(axis=1)
        others = posterior.copy()
        others[rows, first] = -1.0
        doubt = np.maximum(1 - posterior[rows, first], _TINY)
        log_odds = np.log(doubt) - np.log(np.maximum(posterior[rows, first], _TINY))
        rate = float(doubt.mean())
        spread = Z_95 * float(np.sqrt((doubt * (1 - doubt)).sum())) / len(doubt)
        errors = Estimate(rate, max(0.0, rate - spread), min(1.0, rate + spread))
        return Scored(log_odds, doubt > 1 - self.sure, first, others.argmax(axis=1), errors)

    @property
    def _headline(self) -> str:
        suspects = int(self.suspicions.any.sum())
        accused = f", {suspects} under suspicion" if suspects else ""
        need = f"{self.n_flagged:,} of {len(self):,} items need another answer"
        return f"{len(self.annotator_names):,} annotators{accused}; {need}"

    @property
    def _annotator_names(self) -> ItemNames:
        return ItemNames(len(self.annotator_names), self.annotator_names, "annotator", self.names.frame)

    @property
    def _review_classes(self) -> Sequence[Any]:
        return list(self.class_names.tolist())

    @property
    def _labels(self) -> Labels:
        """The labels, after reviews."""
        labels = np.array(self.scored.given)
        corrected = self.reviews.wrong & self.reviews.known
        labels[self.reviews.rows[corrected]] = self.reviews.true[corrected]
        return labels

    @cached_property
    def _agreement(self) -> tuple[Figures, npt.NDArray[np.int64]]:
        """(n,) fraction of the answers that name the label, and the number of those that do."""
        same = self.answers.labels == self._labels[self.answers.items]
        agreed = np.bincount(self.answers.items[same], minlength=len(self)).astype(np.int64)
        return agreed / np.maximum(self.answers.per_item, 1), agreed

    def _values(self, labels: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.asarray(self.class_names[labels])

    def _suspicions(self, annotator: int) -> list[tuple[str, str]]:
        """Kind and sentence of each."""
        found, judged = self.suspicions, self.judged
        said = []
        if found.constant[annotator]:
            usual = self.class_names[judged.habits[annotator].argmax()]
            said.append(("always the same", f"Almost all answers are {usual}, to items of any class."))
        if found.at_random[annotator]:
            said.append(
                ("at random", f"The answers hardly depend on the item ({percent(judged.quality[annotator])} right).")
            )
        if found.copies[annotator] >= 0:
            source = self.annotator_names[found.copies[annotator]]
            said.append(("copies", f"The answers repeat those of {source}, errors included."))
        if found.hasty[annotator]:
            said.append(("too fast", f"An answer takes {percent(found.pace[annotator])} of the usual time."))
        return said

    def _table(self, positions: Rows) -> Any:
        agreement, agreed = self._agreement
        label, other = self._labels[positions], self.scored.suggested[positions]
        of_answers, of_model = (
            _ahead(evidence, positions, label, other) for evidence in (self.found.from_answers, self.found.from_model)
        )
        probability = 1 - self._score[positions]
        n_answers = self.answers.per_item[positions]
        named = self._values(label)
        columns: Columns = {
            "label": named,
            "probability": probability,
            "runner_up": self._values(other),
            "score": self._score[positions],
            "flag": self._flag[positions],
            "answers": n_answers,
            "agreement": agreement[positions],
            "from_answers": of_answers,
            "from_model": of_model,
            "why": [
                f"{yes} of {n} answers name {name}; it is right with a probability of {percent(chance)}."
                for yes, n, name, chance in zip(
                    agreed[positions].tolist(), n_answers.tolist(), named.tolist(), probability.tolist(), strict=True
                )
            ],
        }
        if not self.found.uses_model:
            del columns["from_model"]
        return self.names.table(columns, positions)


def _ahead(evidence: Probs, rows: Rows, label: Labels, other: Labels) -> npt.NDArray[np.float64]:
    """Log-odds by which some evidence prefers the label to the runner-up."""
    return np.asarray(evidence[rows, label] - evidence[rows, other])
