from __future__ import annotations

from typing import get_args

import pytest

from dechaff.backends.chosen import CLUSTERS
from dechaff.errors import InputError
from dechaff.methods.proof.row_scores import METRICS
from dechaff.recipe.policy import POLICIES
from dechaff.surfaces.cli.arguments import keywords
from dechaff.surfaces.cli.options import BackendName, Columns, Metric, Policy, Sealed


def test_the_choices_of_the_command_line_are_those_that_there_are() -> None:
    assert get_args(Policy) == tuple(POLICIES)
    assert set(get_args(Metric)) == set(METRICS)
    assert get_args(BackendName) == ("local", *CLUSTERS)


def test_the_groups_of_options_become_the_keywords_of_the_public_functions() -> None:
    given = keywords(Columns(label="y", drop=("a",)), Sealed(test_size=0.2))
    assert given["label"] == "y"
    assert given["drop"] == ("a",)
    assert given["test_size"] == 0.2


@pytest.mark.parametrize("size", [0.0, -1.0, 1.5, float("nan"), float("inf")])
def test_a_size_that_is_neither_a_share_nor_a_count_is_refused(size: float) -> None:
    with pytest.raises(InputError, match="--test-size"):
        keywords(Sealed(test_size=size))
