from __future__ import annotations

from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from dechaff.backends.chosen import CLUSTERS
from dechaff.errors import InputError
from dechaff.methods.proof.row_scores import METRICS
from dechaff.methods.pu.scheme import Scheme
from dechaff.records.options import AuditOptions, Metric, PUOptions, options_of, plain
from dechaff.records.policies import POLICIES
from dechaff.surfaces.cli.main import main
from dechaff.surfaces.cli.options import AuditFlags, read_flags


def test_the_choices_of_the_command_line_are_those_that_there_are() -> None:
    options = options_of(AuditOptions)
    assert get_args(options["policy"].flag) == tuple(POLICIES)
    assert set(get_args(Metric)) == set(METRICS)
    assert get_args(options["backend"].flag) == ("local", *CLUSTERS)
    assert get_args(get_type_hints(PUOptions)["scheme"]) == get_args(Scheme)


def test_what_is_typed_becomes_the_record_that_python_builds_of_keywords() -> None:
    given = read_flags(AuditFlags(label="y", drop=("a",), test_size=0.2))
    assert given == read_flags(AuditFlags(**{"label": "y", "drop": ("a",), "test_size": 0.2}))
    assert isinstance(given, AuditOptions)
    assert (given.label, given.drop, given.test_size, given.seed) == ("y", ("a",), 0.2, 0)
    assert read_flags(AuditFlags(test_size=500.0)).test_size == 500
    assert plain(given) == plain(AuditOptions(label="y", drop=("a",), test_size=0.2))


def test_an_address_without_its_backend_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rows.csv").write_text("x,label\n1,a\n2,b\n", encoding="utf-8")
    assert main(["audit", str(tmp_path / "rows.csv"), "--label", "label", "--address", "tcp://host:8786"]) == 2
    assert "address must be left out unless backend is dask or ray" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("size", [0.0, -1.0, 1.5, float("nan"), float("inf")])
def test_a_size_that_is_neither_a_share_nor_a_count_is_refused(size: float) -> None:
    with pytest.raises(InputError, match="--test-size"):
        read_flags(AuditFlags(test_size=size))
