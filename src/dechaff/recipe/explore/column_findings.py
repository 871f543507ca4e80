"""What is said of columns: the rules of the sample, with the counts of all rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from dechaff.recipe.explore.cells import artefact_everywhere, empty_cells, placeholder_finding
from dechaff.recipe.explore.labels import rare_class_detection
from dechaff.recipe.explore.look import ColumnCount
from dechaff.recipe.passes.read_plan import ReadPlan
from dechaff.recipe.passes.sample_fit import SampleFit
from dechaff.records.findings import Finding


def column_findings(read_plan: ReadPlan, sample_fit: SampleFit, counts: Mapping[str, ColumnCount]) -> Iterator[Finding]:
    """C002 and F001 to F003, and columns full of text artefacts (C003)."""
    n = read_plan.n_rows - read_plan.n_test
    by_name = {column.name: column for column in read_plan.sample.table.columns}
    for name in by_name:
        yield from empty_cells(name, counts[name].empty, n)
    for name, placeholder in sample_fit.placeholders:
        found = counts[name].placeholders[placeholder.value]
        yield placeholder_finding(by_name[name], replace(placeholder, count=found))
    for name, kinds in sample_fit.everywhere.items():
        for kind, share in kinds.items():
            yield artefact_everywhere(name, kind, share)
    yield from (one for one in sample_fit.findings if one.code != "F003" or counts[one.field].is_constant(n))


def class_findings(read_plan: ReadPlan) -> tuple[Finding, ...]:
    """L004: classes with few rows."""
    return rare_class_detection(read_plan.sample.class_names, read_plan.class_counts).findings
