from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from dechaff.backends.chosen import CLUSTERS
from dechaff.errors import InputError
from dechaff.methods.proof.row_scores import METRICS
from dechaff.recipe.policy import POLICIES
from dechaff.surfaces.cli.arguments import keywords
from dechaff.surfaces.cli.main import main
from dechaff.surfaces.cli.options import BackendName, Columns, Metric, Place, Policy, Sealed


def test_the_choices_of_the_command_line_are_those_that_there_are() -> None:
    assert get_args(Policy) == tuple(POLICIES)
    assert set(get_args(Metric)) == set(METRICS)
    assert get_args(BackendName) == ("local", *CLUSTERS)


def test_the_groups_of_options_become_the_keywords_of_the_public_functions() -> None:
    given = keywords(Columns(label="y", drop=("a",)), Sealed(test_size=0.2))
    assert given["label"] == "y"
    assert given["drop"] == ("a",)
    assert given["test_size"] == 0.2
    assert keywords(Place(backend="ray")) == {"backend": "ray", "address": None}


def test_an_address_without_its_backend_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rows.csv").write_text("x,label\n1,a\n2,b\n", encoding="utf-8")
    assert main(["audit", str(tmp_path / "rows.csv"), "--label", "label", "--address", "tcp://host:8786"]) == 2
    assert "address must come with a backend that has one: dask or ray" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("size", [0.0, -1.0, 1.5, float("nan"), float("inf")])
def test_a_size_that_is_neither_a_share_nor_a_count_is_refused(size: float) -> None:
    with pytest.raises(InputError, match="--test-size"):
        keywords(Sealed(test_size=size))
