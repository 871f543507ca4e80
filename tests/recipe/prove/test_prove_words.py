from __future__ import annotations

from types import SimpleNamespace
from typing import cast

from dechaff.methods.proof.paired_interval import Interval
from dechaff.recipe.prove.inputs import Prepared
from dechaff.recipe.prove.words import verdict_in_words
from dechaff.report.words import in_metric


def test_a_difference_on_the_edge_of_rounding_reads_as_it_does_in_the_table() -> None:
    gain = 0.0055 + 1e-9  # a hair more than the 0.0055 of the JSON
    level, difference = Interval(0.99, 0.98, 1.0), Interval(gain, -gain, gain)
    rows = cast(Prepared, SimpleNamespace(same_training=False, test=range(200)))
    words = verdict_in_words("no evidence", "accuracy", [level] * 3, (difference, difference), rows)
    in_table = in_metric(round(gain, 6), "accuracy", signed=True)
    assert f": {in_table} (95 % interval" in words
