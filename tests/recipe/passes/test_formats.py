from __future__ import annotations

from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

import dechaff
from dechaff.data.open import open_data
from dechaff.errors import DataError, InputError, LabelsError, RunError
from dechaff.recipe.outcome.apply import changes_of, improved_rows
from tests.recipe.passes.reviews import LEAST, folder, in_memory, out_of_core, rows, write_csv, write_jsonl


@pytest.fixture(scope="module")
def made() -> list[dict[str, str]]:
    return rows()[0]


def write_parquet(path: Path, made: list[dict[str, str]], **options: int) -> Path:
    frame = pl.DataFrame(made).with_columns(pl.col("label").replace("", None))
    pq.write_table(frame.to_arrow().cast(frame.to_arrow().schema), path, **options)
    return path


@pytest.mark.slow
@pytest.mark.parametrize("memory", [LEAST, None], ids=["out of core", "in memory"])
@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_a_folder_is_one_data_set_with_the_findings_of_one_file(
    form: str, memory: str | None, made: list[dict[str, str]], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    write = {"csv": write_csv, "jsonl": write_jsonl, "parquet": write_parquet}[form]
    for place in range(3):
        write(data / f"part-{place}.{form}", made[place * 300 : (place + 1) * 300])
    audit = dechaff.audit(data, label="label", out=tmp_path / "run", threads=1, memory=memory)
    assert audit.metrics.dataset.rows == len(made)
    one, other = (_by_row(some) for some in (audit, in_memory() if memory is None else out_of_core()))
    # Pieces of words are added up in single precision, in the order in which a block has them.
    assert one.drop("score").equals(other.drop("score"))
    assert (one["score"] - other["score"]).abs().max() < 1e-5
    with pytest.raises(DataError, match=rf"must be a folder, .*; found the name of a file, new\.{form}"):
        audit.apply(tmp_path / f"new.{form}")
    with pytest.raises(DataError, match="the output must be outside the audited folder"):
        audit.apply(data / "new")
    audit.apply(tmp_path / "new")
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [f"part-{place}.{form}" for place in range(3)]
    changed = audit.changes["change"].value_counts().rows_by_key("change")
    assert _n_rows(tmp_path / "new", form) == len(made) - changed["dropped"][0][0]


@pytest.mark.parametrize("kind", [pl.Categorical(), pl.Enum(["bad", "good"])])
def test_labels_that_are_stored_as_categories_are_classes(
    kind: pl.DataType, made: list[dict[str, str]], tmp_path: Path
) -> None:
    frame = pl.DataFrame(made).with_columns(pl.col("label").replace("", None).cast(kind))
    frame.write_parquet(tmp_path / "a.parquet")
    audit = dechaff.audit(tmp_path / "a.parquet", label="label", memory=LEAST, out=tmp_path / "run", threads=1)
    assert audit.metrics.dataset.classes == ("bad", "good")
    audit.apply(tmp_path / "new.parquet")
    assert pl.read_parquet(tmp_path / "new.parquet").schema == frame.schema


def test_labels_that_are_all_missing_are_counted(made: list[dict[str, str]], tmp_path: Path) -> None:
    source = write_csv(tmp_path / "a.csv", [{**row, "label": ""} for row in made])
    with pytest.raises(LabelsError, match=f"found that all {len(made)} labels are missing"):
        dechaff.audit(source, label="label", memory=LEAST, out=tmp_path / "run", threads=1)


@pytest.mark.parametrize("name", ["a", "z"])
def test_a_parquet_file_without_rows_stays_one_of_the_folder(
    name: str, made: list[dict[str, str]], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    write_parquet(data / "m.parquet", made)
    schema = pq.read_schema(data / "m.parquet")
    pq.ParquetWriter(data / f"{name}.parquet", schema).close()
    audit = dechaff.audit(data, label="label", out=tmp_path / "run", threads=1)
    audit.apply(tmp_path / "new")
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted([f"{name}.parquet", "m.parquet"])
    assert pq.read_table(tmp_path / "new" / f"{name}.parquet").equals(schema.empty_table())
    assert pq.read_metadata(tmp_path / "new" / "m.parquet").num_rows > 0


@pytest.mark.slow
def test_files_of_one_name_in_two_folders_are_both_written(made: list[dict[str, str]], tmp_path: Path) -> None:
    for place in range(2):
        (tmp_path / f"month-{place}").mkdir()
        write_csv(tmp_path / f"month-{place}" / "data.csv", made[place * 450 : (place + 1) * 450])
    audit = dechaff.audit(str(tmp_path / "month-*" / "data.csv"), label="label", out=tmp_path / "run", threads=1)
    with pytest.raises(RunError, match="it holds month-0, which is not dechaff's"):
        audit.apply(tmp_path)
    audit.apply(tmp_path / "new")
    written = sorted((tmp_path / "new").rglob("*.csv"))
    assert [path.relative_to(tmp_path / "new").as_posix() for path in written] == [
        "month-0/data.csv", "month-1/data.csv",
    ]  # fmt: skip
    dropped = int((audit.changes["change"] == "dropped").sum())
    assert sum(len(path.read_text().splitlines()) - 1 for path in written) == len(made) - dropped


def _by_row(audit: dechaff.Audit) -> pl.DataFrame:
    return audit.findings.select("code", "row", "group", "given", "suggested", "score").sort("code", "row", "given")


def _n_rows(data: Path, form: str) -> int:
    if form == "parquet":
        return sum(pq.read_metadata(path).num_rows for path in data.iterdir())
    return sum(len(path.read_text().splitlines()) - (form == "csv") for path in data.iterdir())


@pytest.mark.slow
def test_a_parquet_file_keeps_its_schema_and_its_row_groups(made: list[dict[str, str]], tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "one.parquet", made, row_group_size=250)
    audit = dechaff.audit(str(tmp_path / "one.parque?"), label="label", out=tmp_path / "run", threads=1)
    audit.apply(tmp_path / "new")
    new = pq.ParquetFile(tmp_path / "new" / "one.parquet")
    assert new.schema_arrow.equals(pq.ParquetFile(path).schema_arrow, check_metadata=True)
    assert new.metadata.num_row_groups == 4


@pytest.mark.slow
def test_the_same_decisions_give_the_bytes_of_memory_for_json_lines(made: list[dict[str, str]], tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "one.jsonl", made)
    audit = dechaff.audit(str(tmp_path / "one.json?"), label="label", out=tmp_path / "run", threads=1)
    audit.apply(tmp_path / "new")
    train = open_data(path, label="label").train
    applied = improved_rows(audit.run, changes_of(audit.run, lambda name: iter(())), train.positions, len(train))
    assert (tmp_path / "new" / "one.jsonl").read_bytes() == train.source.improved(applied.keep, applied.labels)


def test_a_file_that_is_cut_off_in_the_middle_of_a_folder_is_named(made: list[dict[str, str]], tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for place in range(3):
        write_parquet(data / f"{place}.parquet", made[place * 300 : (place + 1) * 300])
    whole = (data / "1.parquet").read_bytes()
    (data / "1.parquet").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=r"1\.parquet: the Parquet file is truncated or damaged"):
        dechaff.audit(data, label="label", out=tmp_path / "run")
    assert not (tmp_path / "run" / "options.json").exists()


def test_a_column_that_changes_its_type_between_files_is_named(tmp_path: Path) -> None:
    pl.DataFrame({"x": [1, 2], "label": ["a", "b"]}).write_parquet(tmp_path / "a.parquet")
    pl.DataFrame({"x": ["1", "2"], "label": ["a", "b"]}).write_parquet(tmp_path / "b.parquet")
    with pytest.raises(DataError, match=r"b\.parquet must contain int64 in the column 'x'"):
        dechaff.audit(tmp_path, label="label", out=tmp_path / "run")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "a.jsonl").write_text('{"x": 1, "label": "a"}\n')
    (tmp_path / "c" / "b.jsonl").write_text('{"x": "one", "label": "b"}\n')
    with pytest.raises(DataError, match=r"'x' of .*b\.jsonl must contain numbers, as in a\.jsonl; found texts"):
        dechaff.audit(tmp_path / "c", label="label", out=tmp_path / "run")


def test_formats_are_not_mixed(made: list[dict[str, str]], tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", made[:50])
    write_jsonl(tmp_path / "b.jsonl", made[50:100])
    with pytest.raises(DataError, match=r"a\.csv is csv, but b\.jsonl is jsonl"):
        dechaff.audit(tmp_path, label="label", out=tmp_path / "run")


def test_the_folder_of_the_input_is_never_written_to() -> None:
    with pytest.raises(InputError, match="one of the files that were read"):
        out_of_core().apply(folder() / "reviews.csv")
