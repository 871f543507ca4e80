"""The study of a curriculum: its options, and its figures in ``metrics.json``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from dechaff.records.option import Option
from dechaff.records.options import AuditOptions
from dechaff.records.record import Estimate, Record


@dataclass(frozen=True, kw_only=True)
class CurriculumOptions(AuditOptions):
    """The options of `find_curriculum`."""

    seeds: Annotated[int, Option("Number of paired trainings of each curriculum.", "int, 2 or more")] = 10


class CurriculumRow(Record, frozen=True):
    """One of the hardest or easiest rows: ``likely`` is its most probable class, by models that have not seen it."""

    row: str = ""
    label: str = ""
    hardness: float = 0.0
    likely: str = ""
    prob: float = 0.0


class PacingFacts(Record, frozen=True):
    """A pacing in words, and the fraction of held-out labels that a model trained by it predicts."""

    words: str = ""
    agreement: Estimate = Estimate()
    chosen: bool = False


class CurriculaCompared(Record, frozen=True):
    """Accuracy on test rows by curriculum and by its controls, and the effects of its order and of its pacing."""

    curriculum: Estimate = Estimate()
    random: Estimate = Estimate()
    hard_first: Estimate = Estimate()
    plain: Estimate = Estimate()
    order_effect: Estimate = Estimate()
    pacing_effect: Estimate = Estimate()
    effect: Estimate = Estimate()
    hard_first_effect: Estimate = Estimate()
    n_seeds: int = 0
    n_test: int = 0
    words: str = ""


class CurriculumFacts(Record, frozen=True):
    """The figures of a curriculum; ``clean_share`` is the expected fraction of right labels.

    ``compared`` is None without test rows, and ``note`` is what to keep in mind about them.
    """

    hardest: tuple[CurriculumRow, ...] = ()
    easiest: tuple[CurriculumRow, ...] = ()
    clean_share: float | None = None
    pacings: tuple[PacingFacts, ...] = ()
    held_out: int = 0
    model: str = ""
    steps: int = 0
    compared: CurriculaCompared | None = None
    note: str = ""
