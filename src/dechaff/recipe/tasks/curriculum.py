"""Audits that also study a curriculum: how hard the rows are, which pacing suits them, and whether it helps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import numpy as np
from msgspec import structs
from scipy.sparse import issparse

from dechaff.core.words import percent
from dechaff.data.dataset import Dataset, Opened
from dechaff.errors import LabelsError
from dechaff.estimators.clean.label_treatments import row_label_errors
from dechaff.estimators.curriculum.choose_pacing import TriedPacings, choose_pacing
from dechaff.estimators.curriculum.compare_curricula import Comparison, KnownHardness, compare_curricula
from dechaff.estimators.curriculum.curriculum_classifier import CurriculumClassifier
from dechaff.estimators.curriculum.stepwise import BATCH, EPOCHS, trees_of
from dechaff.methods.curriculum.curriculum import Budget, Curriculum
from dechaff.methods.curriculum.pacing.polynomial import Polynomial
from dechaff.methods.label_errors.label_scores import margin_doubt
from dechaff.methods.proof.paired_interval import Interval
from dechaff.models.choose import candidate_models
from dechaff.models.estimator import as_model
from dechaff.models.model import EncodedModel, Encoding, Matrix, take_rows
from dechaff.recipe.baseline.baseline import refuse_one_class
from dechaff.recipe.explore.explore import STOPPED
from dechaff.recipe.improve.improve import Fitted, Improved
from dechaff.recipe.passes.request import AuditSettings
from dechaff.recipe.tasks.classification import ClassificationTask
from dechaff.records.curricula import CurriculaCompared, CurriculumFacts, CurriculumRow, PacingFacts
from dechaff.records.findings import Detection, Finding
from dechaff.records.options import AuditOptions
from dechaff.records.record import Estimate
from dechaff.typing import Labels, Mask, Numbers, Probs

HARD = "H001"
FEWEST = 10
"""Fewest labelled rows to learn from; two for each fold."""
MOST_STEPS = 5000
"""Steps of one training; with more rows, batches are larger instead."""
_SHOWN = 10
_HARDLY_NOISY = 0.99
"""From this expected fraction of right labels on, no pacing leaves rows out."""


@dataclass(frozen=True)
class CurriculumTask(ClassificationTask):
    """An audit of classes, and the study of the curriculum.

    ``n_seeds`` is the number of paired trainings. ``note`` is what to keep in mind about the test rows.
    """

    checks: tuple[str, ...] = (*ClassificationTask.checks, HARD)
    n_seeds: int = 10
    note: str = ""

    def opened(self, source: Any, options: AuditOptions) -> Opened:
        """Labels as classes; a LabelsError if there are too few to learn from."""
        opened = super().opened(source, options)
        refuse_one_class(opened.train)
        labelled = int((opened.train.codes >= 0).sum())
        if labelled < FEWEST:
            must = f"have at least {FEWEST} rows with labels to learn from"
            raise LabelsError("the data set", must, str(labelled), "Add rows, or hold out fewer with --test-size.")
        return opened

    def improve(self, fitted: Fitted, settings: AuditSettings) -> Improved:
        """The audit, hard rows, and the study. What fails, or what Ctrl-C stops, is reported as not run."""
        improved, facts = super().improve(fitted, settings), None
        if not settings.checks.wants(HARD):
            return improved
        try:
            detection = hard_rows(fitted, improved)
            facts = Study.of(fitted, settings, self.n_seeds).facts(self.note)
        except KeyboardInterrupt:
            detection = Detection(HARD, not_run=STOPPED)
        except Exception as error:  # the audit stands, and the reason goes into the report
            detection = Detection(HARD, not_run=f"{type(error).__name__}: {error}")
        return replace(improved, detections=(*improved.detections, detection), curriculum=facts)


def hard_rows(fitted: Fitted, improved: Improved) -> Detection:
    """Rows whose label is probably right, although models that have not seen them prefer another class."""
    train, base = fitted.train, fitted.base
    if not base.trusted:
        return Detection(HARD, not_run=base.reason)
    labelled, score = train.codes >= 0, np.zeros(len(train))
    score[labelled] = margin_doubt(train.codes[labelled], base.pooled[labelled])
    flag = (score > 0.5) & ~_flagged(improved, len(train))
    return Detection(
        HARD, tuple(_finding(train, base.pooled, row, score) for row in np.flatnonzero(flag).tolist()), score, flag
    )


def _flagged(improved: Improved, n_rows: int) -> Mask:
    """Rows whose label is in doubt, for which there is a finding already."""
    doubted = [one.flag for one in improved.detections if one.code in ("L001", "L002") and one.flag is not None]
    return np.asarray(np.logical_or.reduce([np.zeros(n_rows, dtype=np.bool_), *doubted]), dtype=np.bool_)


def _finding(train: Dataset, probs: Probs, row: int, score: Numbers) -> Finding:
    given, likely = train.class_names[train.codes[row]], train.class_names[int(probs[row].argmax())]
    why = (
        f"Models that have not seen the row predict '{likely}' with {percent(float(probs[row].max()))}, its label "
        f"'{given}' with {percent(float(probs[row, train.codes[row]]))}; yet the label is probably right."
    )
    fix = "Look at the row: add similar ones if it is typical, and describe the border between the two classes."
    return Finding(HARD, float(score[row]), why, fix, row=row, field=train.label_name, given=given)


@dataclass(frozen=True)
class Study:
    """The labelled training rows as numbers, how hard each is, and what was measured on them."""

    rows: Dataset
    probs: Probs
    """(n, k) out of fold."""
    hardness: Numbers
    """(n,) probability that the label is wrong."""
    name: str
    budget: Budget
    n_held_out: int
    pacings: list[Polynomial]
    tried: TriedPacings
    compared: Comparison | None

    @classmethod
    def of(cls, fitted: Fitted, settings: AuditSettings, n_seeds: int) -> Study:
        """Chooses the pacing by held-out training rows, and compares the curriculum on the test rows."""
        labelled = np.flatnonzero(fitted.train.codes >= 0)
        rows, probs, folds = fitted.train.take(labelled), fitted.base.pooled[labelled], fitted.base.folds[labelled]
        hardness = row_label_errors(rows.codes, probs, None).score
        learnt = _Learnt.of(fitted.train, settings)
        X, y, held_out, budget = take_rows(learnt.X, labelled), rows.codes, folds == folds.max(), learnt.budget
        known = held_out & np.isin(y, y[~held_out])
        model = CurriculumClassifier(learnt.estimator, budget=budget)
        pacings = _pacings(1 - float(hardness.mean()))
        settings.progress("pacings", 0, 1)
        tried = choose_pacing(
            _with(model, hardness[~held_out]),
            (take_rows(X, np.flatnonzero(~held_out)), y[~held_out]),
            (take_rows(X, np.flatnonzero(known)), y[known]),
            pacings,
            seed=settings.seed,
        )
        settings.progress("pacings", 1, 1)
        model = _with(model, hardness, Curriculum(pacing=pacings[tried.best]))
        test = _test_rows(fitted.opened.test, y)
        compared = None
        if test is not None:
            given = (learnt.encoding.transform(test.table, test.features), test.codes)
            options = {"n_seeds": n_seeds, "seed": settings.seed}
            compared = compare_curricula(model, (X, y), given, **options, progress=settings.progress)
        return cls(rows, probs, hardness, learnt.name, budget, int(known.sum()), pacings, tried, compared)

    def facts(self, note: str) -> CurriculumFacts:
        """The figures for reports."""
        order = np.argsort(self.hardness, kind="stable")
        pairs = zip(self.pacings, self.tried.agreement, strict=True)
        pacings = [
            PacingFacts(pacing_in_words(one), _estimate(agreed), chosen=place == self.tried.best)
            for place, (one, agreed) in enumerate(pairs)
        ]
        return CurriculumFacts(
            hardest=tuple(map(self._row, order[::-1][:_SHOWN].tolist())),
            easiest=tuple(map(self._row, order[:_SHOWN].tolist())),
            clean_share=1 - float(self.hardness.mean()),
            pacings=(*pacings, PacingFacts("no pacing: all rows from the first step on", _estimate(self.tried.plain))),
            held_out=self.n_held_out,
            model=self.name,
            steps=self.budget.n_steps,
            compared=None if self.compared is None else _compared(self.compared),
            note=note if self.compared is not None else "There are no test rows, so the curriculum was not compared.",
        )

    def _row(self, row: int) -> CurriculumRow:
        names, likely = self.rows.class_names, int(self.probs[row].argmax())
        label, prob = names[self.rows.codes[row]], float(self.probs[row, likely])
        return CurriculumRow(str(self.rows.ids[row]), label, float(self.hardness[row]), names[likely], prob)


@dataclass(frozen=True)
class _Learnt:
    """What is trained by steps: the user's model, or logistic regression on the columns as numbers."""

    name: str
    estimator: Any
    encoding: Encoding
    X: Matrix
    budget: Budget

    @classmethod
    def of(cls, train: Dataset, settings: AuditSettings) -> _Learnt:
        k = len(train.class_names)
        own = settings.model is not None and not hasattr(settings.model, "bind")
        model = as_model(settings.model) if own else candidate_models(train.table, train.features, n_classes=k)[0]
        assert isinstance(model, EncodedModel)
        encoding, X = model.encoder.fit(train.table, train.features, k, seed=settings.seed)
        estimator = settings.model if own else _linear(X)
        name = model.name if own else f"{model.name}, by stochastic gradient descent"
        return cls(name, estimator, encoding, X, _budget(estimator, int((train.codes >= 0).sum())))


def _budget(estimator: Any, n_rows: int) -> Budget:
    """Twenty epochs, or as many trees as the model is set to."""
    trees = trees_of(estimator)
    if trees is not None:
        return Budget(trees, None)
    steps = min(MOST_STEPS, ceil(EPOCHS * n_rows / BATCH))
    return Budget(steps, ceil(EPOCHS * n_rows / steps))


def _linear(X: Matrix) -> Any:
    """Logistic regression whose rate suits the length of the rows, which are scaled but not standardised."""
    from sklearn.linear_model import SGDClassifier

    squares = X.multiply(X).sum() if issparse(X) else float(np.square(np.asarray(X, dtype=np.float64)).sum())
    rate = 0.1 / max(squares / max(X.shape[0], 1), 1.0)
    return SGDClassifier(loss="log_loss", learning_rate="constant", eta0=rate)


def _pacings(clean_share: float) -> list[Polynomial]:
    """Few pacings of different kinds: fast, slow, and those that end with the rows whose labels are probably right.

    The first of equals is chosen, so the one that differs least from plain training comes first.
    """
    whole = [Polynomial(start=0.5, full=0.5), Polynomial(start=0.2, full=0.8)]
    if clean_share >= _HARDLY_NOISY:
        return whole
    end = max(clean_share, 0.2)
    return [*whole, Polynomial(start=min(0.2, end), full=0.5, end=end), Polynomial(start=end, full=1.0, end=end)]


def pacing_in_words(pacing: Polynomial) -> str:
    """A pacing as a reader of the report sees it.

    Examples
    --------
    >>> pacing_in_words(Polynomial(start=0.2, full=0.5, end=0.6))
    '20 % of the rows at first, 60 % from 50 % of the steps on'
    >>> pacing_in_words(Polynomial(start=0.6, end=0.6))
    '60 % of the rows from the first step on'
    """
    if pacing.start == pacing.end:
        return f"{pacing.end:.0%} of the rows from the first step on".replace("%", " %")
    last = "all" if pacing.end == 1 else f"{pacing.end:.0%}"
    return f"{pacing.start:.0%} of the rows at first, {last} from {pacing.full:.0%} of the steps on".replace("%", " %")


def _with(model: CurriculumClassifier, hardness: Numbers, curriculum: Curriculum | None = None) -> CurriculumClassifier:
    return replace(model, hardness=KnownHardness(hardness), curriculum=curriculum)


def _test_rows(test: Dataset | None, train_labels: Labels) -> Dataset | None:
    """Test rows whose class has training rows; None if there are none."""
    if test is None:
        return None
    known = np.isin(test.codes, train_labels)
    return test.take(known) if known.any() else None


def _estimate(found: Interval) -> Estimate:
    return Estimate(found.mean, found.low, found.high)


def _compared(found: Comparison) -> CurriculaCompared:
    names = CurriculaCompared.__struct_fields__
    intervals = {name: _estimate(one) for name in names if isinstance(one := getattr(found, name), Interval)}
    return structs.replace(
        CurriculaCompared(n_seeds=found.n_seeds, n_test=found.n_test, words=found.words), **intervals
    )
