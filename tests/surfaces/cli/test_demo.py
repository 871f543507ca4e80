from __future__ import annotations

from pathlib import Path

import polars as pl

from dechaff.surfaces.cli.demo import write_demo_files


def test_the_files_are_the_same_every_time(tmp_path: Path) -> None:
    once, again = write_demo_files(tmp_path / "a"), write_demo_files(tmp_path / "b" / "c")
    assert once.train.read_bytes() == again.train.read_bytes()
    assert once.test.read_bytes() == again.test.read_bytes()


def test_the_test_rows_are_clean_and_stand_in_no_other_file(tmp_path: Path) -> None:
    files = write_demo_files(tmp_path)
    train, test = pl.read_csv(files.train), pl.read_csv(files.test)
    assert (train.height, test.height) == (381, 200)
    assert set(test["diagnosis"]) == {"benign", "malignant"}
    assert train.join(test, on="patient").is_empty()
    assert train.columns == test.columns


def test_the_faults_are_there(tmp_path: Path) -> None:
    train = pl.read_csv(write_demo_files(tmp_path).train)
    assert train.filter(pl.col("diagnosis") == "bening").height == 1
    assert train.filter(pl.col("worst texture") == -999).height >= 24
    assert train.drop("patient").is_duplicated().sum() >= 24
    assert train["unit"].n_unique() == 1
