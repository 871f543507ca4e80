"""The figures of an audit and of a proof: ``metrics.json`` and ``examples.json`` of a run folder, typed.

The recipe fills these structs in, the run folder stores them, and every report reads them. Everything has a default, so
that a report of an audit that was stopped half-way can still be written. Proportions and scores are in [0, 1].
"""

from __future__ import annotations

import msgspec
import numpy as np
import numpy.typing as npt

from dechaff.records.augmented import AugmentationFacts
from dechaff.records.budget import BudgetStep
from dechaff.records.chosen_features import FeatureFacts
from dechaff.records.crowds import ConsensusFacts
from dechaff.records.curricula import CurriculumFacts
from dechaff.records.drift import Drift
from dechaff.records.failing import FailingPart
from dechaff.records.labelling import LabellingFacts
from dechaff.records.on_test_rows import TestAgreement
from dechaff.records.record import Assumed, DatasetFacts, Estimate, Record, Strip
from dechaff.records.turns import EngineFacts
from dechaff.records.wrong_cells import ValueCount, WrongCells
from dechaff.typing import Json


class Check(Record, frozen=True):
    """The outcome of one check."""

    code: str
    title: str = ""
    status: str = "done"
    findings: int = 0
    why: str = ""


class Candidate(Record, frozen=True):
    """One model that was compared for the baseline."""

    name: str = ""
    accuracy: float | None = None
    log_loss: float | None = None
    chosen: bool = False


class CalibrationBin(Record, frozen=True):
    """Rows of about the same confidence, and how often the model was right about them."""

    confidence: float
    accuracy: float
    rows: int = 0


class BaselineFacts(Record, frozen=True):
    """The model that judged the labels, scored out of sample."""

    name: str = ""
    folds: int | None = None
    candidates: tuple[Candidate, ...] = ()
    accuracy: float | None = None
    accuracy_low: float | None = None
    accuracy_high: float | None = None
    balanced_accuracy: float | None = None
    log_loss: float | None = None
    prior_accuracy: float | None = None
    knn_accuracy: float | None = None
    information: float | None = None
    """Proportion of the uncertainty about the label that the model removes."""
    trusted: bool = True
    reason: str = ""
    calibration: tuple[CalibrationBin, ...] = ()


class Noise(Record, frozen=True):
    """The estimated label noise. ``transition`` and ``joint`` have rows = given class, columns = true class.

    ``kind_sure`` is from 0 (a coin flip) to 1; ``recall`` is the fraction of wrong labels that is flagged, by injected
    errors; ``budget`` is how many errors reviewing the most doubtful rows first would find.
    """

    rate: float | None = None
    low: float | None = None
    high: float | None = None
    kind: str = ""
    kind_sure: float | None = None
    transition: tuple[tuple[float, ...], ...] = ()
    joint: tuple[tuple[float, ...], ...] = ()
    temperature: float | None = None
    recall: Estimate | None = None
    budget: tuple[BudgetStep, ...] = ()


class ClassHealth(Record, frozen=True):
    """How far the labels of one class can be trusted."""

    name: str = msgspec.field(name="class", default="")
    rows: int = 0
    flagged: int = 0
    noise_rate: float | None = None


class Overlap(Record, frozen=True):
    """Two classes that are mixed up."""

    given: str = ""
    true: str = ""
    rows: float = 0
    fraction: float | None = None


class Slice(Record, frozen=True):
    """A part of the data whose labels cannot be trusted."""

    id: str = ""
    condition: str = ""
    rows: int = 0
    agreement_inside: float | None = None
    agreement_outside: float | None = None
    expected_inside: float | None = None
    p_value: float | None = None
    noise_rate: float | None = None
    low: float | None = None
    high: float | None = None
    action: str = "review"
    transition: tuple[tuple[float, ...], ...] | None = None
    why: str = ""


class LabelFacts(Record, frozen=True):
    """The figures of the labels, which are parts of `Metrics`."""

    noise: Noise | None = None
    class_health: tuple[ClassHealth, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    slices: tuple[Slice, ...] = ()
    failing: tuple[FailingPart, ...] = ()


class ScoreHistogram(Record, frozen=True):
    """How many rows have which score, and how many of them were flagged."""

    edges: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()
    flagged: tuple[int, ...] = ()


class DecisionCounts(Record, frozen=True):
    """How many rows each decision concerns; ``by_reviewers`` of them were decided by a reviewer."""

    keep: int = 0
    drop: int = 0
    relabel: int = 0
    review: int = 0
    by_code: dict[str, dict[str, int]] = msgspec.field(default_factory=dict)
    by_reviewers: int = 0


class Round(Record, frozen=True):
    """One round of improving."""

    round: int = 0
    dropped: int = 0
    relabelled: int = 0
    evidence: float | str | None = None
    kept: bool = False
    why: str = ""


class Selected(Record, frozen=True):
    """One model compared on the improved data."""

    name: str = ""
    score: float | None = None
    low: float | None = None
    high: float | None = None
    log_loss: float | None = None
    chosen: bool = False


class ControlEstimate(Estimate, frozen=True):
    """The random control; ``difference`` is after minus control."""

    difference: Estimate | None = None


class McNemar(Record, frozen=True):
    """Test rows on which only one of the two models is right."""

    only_before_right: float = 0
    only_after_right: float = 0
    p_value: float | None = None


class ClassProof(Record, frozen=True):
    """Before and after, for the test rows of one class."""

    name: str = msgspec.field(name="class", default="")
    rows: int = 0
    before: float | None = None
    after: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None


class SealedRows(Record, frozen=True):
    """The sealed rows: used, or left out because the training data hold them or their label is missing.

    ``near_copies`` are leaks whose text only nearly equals that of a training row; ``leaks_from_after`` are leaks that
    only the changed training data hold; ``leaks`` names at most 100 of them all.
    """

    rows: int = 0
    used: int = 0
    leaks_left_out: int = 0
    near_copies: int = 0
    leaks_from_after: int = 0
    unlabelled: int = 0
    sha256: str | None = None
    leaks: tuple[str, ...] = ()


class ChangeCounts(Record, frozen=True):
    """How the training data differ; ``edited`` are rows with changes in other cells than the label."""

    dropped: int = 0
    relabelled: int = 0
    added: int = 0
    edited: int = 0


class HiddenErrors(Record, frozen=True):
    """What errors in the test labels could hide."""

    estimated: float | None = None
    note: str = ""


class SampleFacts(Record, frozen=True):
    """The number of rows that the models were trained on, and the number of all rows."""

    rows: int = 0
    of: int = 0


class ProofFacts(Record, frozen=True):
    """Whether the model got better on sealed rows; ``decisions`` counts those of reviewers by then."""

    verdict: str = ""
    metric: str = "accuracy"
    before: Estimate = Estimate()
    after: Estimate = Estimate()
    difference: Estimate = Estimate()
    control: ControlEstimate | None = None
    mcnemar: McNemar | None = None
    per_class: tuple[ClassProof, ...] = ()
    test: SealedRows = SealedRows()
    changes: ChangeCounts = ChangeCounts()
    seeds: int | tuple[int, ...] | None = None
    model: str = ""
    test_label_errors: HiddenErrors | None = None
    words: str = ""
    notes: tuple[str, ...] = ()
    sample: SampleFacts | None = None
    decisions: int | None = None


class PositiveEstimate(Record, frozen=True):
    """One estimate of c, the fraction of positives that is labelled, and the class prior that follows from it."""

    name: str = ""
    title: str = ""
    c: float | None = None
    c_low: float | None = None
    c_high: float | None = None
    class_prior: float | None = None
    class_prior_low: float | None = None
    class_prior_high: float | None = None
    used: bool = False


class PositiveDiagnosis(Record, frozen=True):
    """One thing that may be wrong; without ``figure`` if unchecked, ``undermines`` if no probability can be trusted."""

    name: str = ""
    wrong: bool = False
    figure: float | None = None
    message: str = ""
    do: str = ""
    undermines: bool = False


class PositivesFacts(Record, frozen=True):
    """The figures of labelled positives and unlabelled rows; ``hidden`` counts positives without a label."""

    positive: str = ""
    other: str = ""
    scheme: str = ""
    labelled: int = 0
    unlabelled: int = 0
    c: float | None = None
    c_low: float | None = None
    c_high: float | None = None
    class_prior: float | None = None
    class_prior_low: float | None = None
    class_prior_high: float | None = None
    hidden: float | None = None
    hidden_low: float | None = None
    hidden_high: float | None = None
    error_rate: float | None = None
    error_rate_low: float | None = None
    error_rate_high: float | None = None
    reliable: bool = True
    estimates: tuple[PositiveEstimate, ...] = ()
    diagnoses: tuple[PositiveDiagnosis, ...] = ()


class Metrics(Record, frozen=True):
    """``metrics.json`` of a run folder."""

    dechaff: str = ""
    dataset: DatasetFacts = DatasetFacts()
    assumptions: tuple[Assumed, ...] = ()
    checks: tuple[Check, ...] = ()
    baseline: BaselineFacts | None = None
    test_agreement: TestAgreement | None = None
    noise: Noise | None = None
    class_health: tuple[ClassHealth, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    slices: tuple[Slice, ...] = ()
    failing: tuple[FailingPart, ...] = ()
    drift: tuple[Drift, ...] = ()
    cells: tuple[WrongCells, ...] = ()
    histograms: dict[str, ScoreHistogram] = msgspec.field(default_factory=dict)
    decisions: DecisionCounts | None = None
    rounds: tuple[Round, ...] = ()
    selection: tuple[Selected, ...] = ()
    proof: ProofFacts | None = None
    positives: PositivesFacts | None = None
    curriculum: CurriculumFacts | None = None
    consensus: ConsensusFacts | None = None
    labelling: LabellingFacts | None = None
    augmentation: AugmentationFacts | None = None
    features: FeatureFacts | None = None
    engine: EngineFacts | None = None
    limits: tuple[str, ...] = ()
    command: str = ""
    sample: SampleFacts | None = None

    def to_dict(self) -> Json:
        """The same as plain values, as in ``metrics.json``: numbers that are not finite are None."""
        plain: Json = msgspec.json.decode(msgspec.json.encode(self))
        return plain


class OtherRow(Record, frozen=True):
    """A row shown as evidence beside a finding: a neighbour, or a member of its group."""

    row: str = ""
    label: str | None = None
    text: str | None = None
    image: str = ""


class Example(Record, frozen=True):
    """One finding with its evidence. A cell is (column, text, the part of the text that matters).

    ``image`` is a thumbnail as a ``data:`` address, '' if there is none; ``more_cells`` counts columns without a cell.
    ``strip`` shows a number among those of its column, ``values`` a wrong cell beside the most frequent values.
    """

    finding_id: str = ""
    row: str = ""
    field: str = ""
    score: float | None = None
    given: str | None = None
    suggested: str | None = None
    why: str = ""
    fix: str = ""
    cells: tuple[tuple[str, str | None, str | None], ...] = ()
    probs: tuple[tuple[str, float], ...] = ()
    neighbours: tuple[OtherRow, ...] = ()
    group: tuple[OtherRow, ...] = ()
    image: str = ""
    more_cells: int = 0
    strip: Strip | None = None
    values: tuple[ValueCount, ...] = ()


Examples = dict[str, tuple[Example, ...]]
"""Code -> its worst findings."""


def rows_of(matrix: npt.NDArray[np.float64]) -> tuple[tuple[float, ...], ...]:
    """A matrix as plain numbers."""
    return tuple(tuple(row) for row in matrix.tolist())
