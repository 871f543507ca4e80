"""F006 and S002: columns, and rows as a whole, that differ between two samples of a data set."""

from __future__ import annotations

from collections.abc import Sequence

from dechaff.core.words import counted, listed
from dechaff.recipe.explore.two_samples import ROW_ORDER
from dechaff.recipe.explore.view import View
from dechaff.records.drift import Drift
from dechaff.records.findings import Detection, Finding


def drifting_columns(view: View) -> Detection:
    """F006: one finding for each column that differs between two samples."""
    return Detection("F006", column_findings(view.drift))


def different_samples(view: View) -> Detection:
    """S002: one finding for each pair of samples that differ."""
    return Detection("S002", sample_findings(view.drift))


def column_findings(drifts: Sequence[Drift]) -> tuple[Finding, ...]:
    """A finding for each column that differs; the order of the rows alone is no reason to doubt a column."""
    return tuple(
        Finding(
            "F006",
            one.distance,
            f"{_begun(one.words)}{' with the same mix of classes' if drift.label_words else ''}.",
            f"Ask why {one.column} differs. If it was measured or coded differently, bring both to one form; if "
            f"the world has changed, train on rows like those that will be predicted, or do without {one.column}.",
            group=f"drift-{drift.between}",
            field=one.column,
        )
        for drift in drifts
        if drift.between != ROW_ORDER
        for one in drift.columns
    )


def sample_findings(drifts: Sequence[Drift]) -> tuple[Finding, ...]:
    """A finding for each pair of samples that differ."""
    return tuple(
        Finding(
            "S002",
            _score(one),
            drift_in_words(one),
            _FIXES.get(one.between, _FIX),
            group=f"drift-{one.between}",
            field=one.between,
        )
        for one in differing(drifts)
    )


def differing(drifts: Sequence[Drift]) -> tuple[Drift, ...]:
    """Those that the report shows."""
    return tuple(one for one in drifts if one.differs)


_FIX = (
    "A model learns what holds in the one sample and is used on the other. Weigh or collect rows so that the training "
    "data are like those that will be predicted, and measure the model on each sample by itself."
)
_FIXES = {
    ROW_ORDER: (
        "Nothing if the rows were sorted on purpose, for this audit deals its folds at random. Otherwise ask what "
        "changed while the data were collected; shuffle the rows before you split them by their position."
    )
}


def _score(drift: Drift) -> float:
    told = max(0.0, 2 * (drift.auc or 0.5) - 1)
    found = max([told, drift.label_distance, *(one.distance for one in drift.columns)])
    return min(1.0, found * (0.3 if drift.between == ROW_ORDER else 1.0))


def drift_in_words(drift: Drift) -> str:
    """How two samples differ, and by what."""
    said = []
    if drift.label_words:
        said.append(f"The classes are mixed differently: {drift.label_words}.")
    if drift.columns:
        names = listed([one.column for one in drift.columns])
        among = "Among rows with the same mix of classes, they" if drift.label_words else f"{_begun(drift.current)}"
        said.append(f"{among} differ from {drift.reference} most in {names}.")
    elif drift.label_words:
        said.append("Rows of one class do not differ: only the classes do (label shift).")
    if drift.auc is not None and drift.low is not None and drift.high is not None:
        reach = f"an AUC of {drift.auc:.2f} (by chance {drift.low:.2f}–{drift.high:.2f})"
        said.append(f"A classifier tells {drift.current} from {drift.reference} with {reach}.")
    if drift.auc is None and not drift.columns:
        said.append(f"There are too few rows ({counted(min(drift.rows), 'row')}) to compare the columns.")
    return " ".join(said)


def _begun(words: str) -> str:
    return words[:1].upper() + words[1:]
