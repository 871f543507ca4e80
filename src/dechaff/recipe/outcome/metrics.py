"""The figures of an audit: ``metrics.json`` of a run folder."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from msgspec import structs

from dechaff.data.dataset import Dataset
from dechaff.records.codes import CODES
from dechaff.records.metrics import Check, LabelFacts, Metrics
from dechaff.records.record import Assumed, Column, DatasetFacts
from dechaff.typing import Labels


def audit_metrics(
    dataset: DatasetFacts,
    data: Dataset,
    checks: Collection[str],
    counts: Mapping[str, int],
    not_run: Mapping[str, str],
    labels: LabelFacts,
    **figures: Any,
) -> Metrics:
    """The figures of an audit that do not depend on how its rows are written.

    Parameters
    ----------
    dataset, data : the facts about all rows; these rows, or a sample of them.
    checks, counts, not_run : codes of the checks, findings by code, and why some checks could not be run.
    labels : what is known of the labels.
    **figures : further fields of `Metrics`.
    """
    return Metrics(
        dataset=dataset,
        assumptions=tuple(Assumed(**vars(one)) for one in data.assumptions),
        checks=tuple(_check(code, counts.get(code, 0), not_run.get(code, "")) for code in CODES if code in checks),
        **structs.asdict(labels),
        **figures,
    )


def _check(code: str, findings: int, not_run: str) -> Check:
    """The outcome of one check; `not_run` is the reason why it could not be run, or empty."""
    return Check(code, CODES[code].title, "not run" if not_run else "done", findings, not_run)


def dataset_facts(
    data: Dataset, rows: int, test_rows: int, columns: tuple[Column, ...], counts: Labels
) -> DatasetFacts:
    """What a report says of the data: all rows, or those of which `data` is a sample."""
    return DatasetFacts(
        # The file's name, or what kind of thing was passed.
        name=data.source.path.name if data.source.path is not None else data.source.format,
        format=data.source.format,
        rows=rows,
        test_rows=test_rows,
        label=data.label_name,
        id=data.id_name,
        sha256=data.source.sha256,
        columns=columns,
        classes=tuple(data.class_names),
        class_counts=tuple(counts.tolist()),
    )
