"""Wrong labels from probabilities, on the command line."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dechaff.surfaces.cli.main import main

NAMES = np.array(["ant", "bee", "cat"])


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with labels of 600 rows, a fifth of them wrong, and the probabilities of a model."""
    random = np.random.default_rng(0)
    true = random.integers(0, 3, 600)
    given = np.where(random.random(600) < 0.2, (true + 1) % 3, true)
    probs = np.eye(3)[true] * 0.6 + np.roll(np.eye(3), 1, axis=1)[true] * 0.2 + 0.2 / 3
    probs = probs * random.uniform(0.8, 1.2, (600, 3))
    probs /= probs.sum(axis=1, keepdims=True)
    np.savez(tmp_path / "probs.npz", labels=given, pred_probs=probs, class_names=NAMES)
    frame = pl.DataFrame(dict(zip(NAMES.tolist(), probs.T, strict=True)))
    frame.write_csv(tmp_path / "probs.csv")
    pl.DataFrame({"y": NAMES[given], "true": NAMES[true]}).write_csv(tmp_path / "labels.csv")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_from_the_file_to_reviews_and_back(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["labels", "probs.npz", "--sheet", "review.csv", "--sheet-rows", "80", "-o", "scores.csv"]) == 0
    captured = capsys.readouterr()
    words = " ".join(captured.out.split())
    assert "of 600 labels are wrong" in words
    assert "The most doubtful rows" in words
    assert "Reviewing 10 rows finds" in words
    assert captured.err.startswith("Next: dechaff labels probs.npz --reviews review.csv")
    scores = pl.read_csv(here / "scores.csv")
    assert scores.columns == ["row", "given", "suggested", "score", "flag", "why"]
    assert len(scores) == 600
    sheet = pl.read_csv(here / "review.csv")
    assert sheet.columns == ["row", "given", "suggested", "label"]
    true = pl.read_csv(here / "labels.csv")["true"]
    read = [true[row] if place < 70 else None for place, row in enumerate(sheet["row"])]
    sheet.with_columns(label=pl.Series(read)).write_csv(here / "review.csv")
    assert main(["labels", "probs.npz", "--reviews", "review.csv", "--quiet"]) == 0
    captured = capsys.readouterr()
    words = " ".join(captured.out.split())
    assert "70 reviews" in words
    assert "Reviews:" in words
    assert captured.err == ""


def test_columns_files_and_ensembles_say_the_same(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = []
    for arguments in (
        ["probs.npz"],
        ["probs.csv", "--labels", "labels.csv", "--label", "y"],
        ["probs.npz", "probs.npz"],
        ["probs.npz", "--class-names", "x", "--class-names", "y", "--class-names", "z"],
    ):
        if "--class-names" in arguments:
            frame = np.load(here / "probs.npz")
            np.savez(here / "probs.npz", labels=frame["labels"], pred_probs=frame["pred_probs"])
        assert main(["labels", *arguments, "--json", "--quiet"]) == 0
        printed.append(json.loads(capsys.readouterr().out))
    assert len({one["flagged"] for one in printed}) == 1
    assert printed[0]["worst"][0]["suggested"] in NAMES
    assert printed[3]["worst"][0]["suggested"] in {"x", "y", "z"}
    assert printed[0]["review_budget"][-1]["rows"] == 600
    assert printed[0]["noise_rate"]["low"] < 0.2 < printed[0]["noise_rate"]["high"]
    assert printed[0]["expected_precision"] is None


def test_a_parquet_file_of_scores_keeps_types(here: Path) -> None:
    assert main(["labels", "probs.npz", "-o", "scores.parquet", "--quiet"]) == 0
    assert pl.read_parquet(here / "scores.parquet").schema["flag"] == pl.Boolean


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "be given a file of probabilities"),
        (["none.npz"], "No such file"),
        (["probs.csv"], "beside the probabilities"),
        (["probs.csv", "--labels", "labels.csv"], "Pass --label COLUMN; the columns are y, true"),
        (["probs.csv", "--label", "z"], "z"),
        (["probs.csv", "--id", "z"], "the column 'z' must be one of the columns"),
        (["probs.npz", "--reviews", "labels.csv"], "have the columns row and label"),
        (["probs.npz", "--class-names", "x"], "name each of the 3 columns"),
        (["labels.csv", "--label", "y"], "contain the probability of a class"),
        (["probs.npz", "--blind"], "--blind must be used with a sheet"),
        (["probs.npz", "--sheet-rows", "5"], "Add --sheet FILE"),
        (["probs.npz", "--wrong"], "List the options with: dechaff labels --help"),
    ],
)
def test_what_cannot_be_used_ends_with_code_2_and_what_to_do(
    arguments: list[str], words: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["labels", *arguments]) == 2
    assert words in " ".join(capsys.readouterr().err.split())


def test_the_hint_repeats_the_options_that_the_next_call_needs(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["labels", "probs.csv", "--labels", "labels.csv", "--label", "y", "--sheet", "to read.csv"]) == 0
    words = " ".join(capsys.readouterr().err.split())
    assert "dechaff labels probs.csv --labels labels.csv --label y --reviews 'to read.csv'" in words
    # Rows that were drawn with another seed are no sample of which precision could be told.
    assert main(["labels", "probs.npz", "--sheet", "read.csv", "--seed", "3"]) == 0
    assert "dechaff labels probs.npz --seed 3 --reviews read.csv" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("option", ["--worst", "--sheet-rows", "--seed"])
def test_numbers_below_zero_end_with_code_2(here: Path, capsys: pytest.CaptureFixture[str], option: str) -> None:
    assert main(["labels", "probs.npz", "--sheet", "review.csv", option, "-1"]) == 2
    assert "be a whole number, 0 or more" in " ".join(capsys.readouterr().err.split())
    assert not (here / "review.csv").exists() or option == "--worst"


def test_classes_that_are_dates_are_written_as_text(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    held = np.load(here / "probs.npz")
    days = np.array(["2020-01-01", "2020-01-02", "2020-01-03"], dtype="M8[D]")
    np.savez(here / "days.npz", labels=days[held["labels"]], pred_probs=held["pred_probs"])
    assert main(["labels", "days.npz", "--json", "-q"]) == 0
    assert json.loads(capsys.readouterr().out)["worst"][0]["given"].startswith("2020-01-0")


@pytest.fixture
def files(here: Path) -> Path:
    """The same rows in a folder of three Parquet files, and as npy."""
    held = np.load(here / "probs.npz")
    (here / "many").mkdir()
    frame = pl.DataFrame(dict(zip(NAMES.tolist(), held["pred_probs"].T, strict=True)))
    frame = frame.with_columns(y=pl.Series(NAMES[held["labels"]]), name=pl.format("r{}", pl.int_range(pl.len())))
    for place in range(3):
        frame[place * 200 : (place + 1) * 200].write_parquet(here / "many" / f"{place}.parquet")
    np.save(here / "probs.npy", held["pred_probs"])
    np.savez_compressed(here / "packed.npz", **held)
    np.save(here / "labels.npy", held["labels"])
    return here


@pytest.mark.parametrize("name", ["many", "many/*.parquet", "rows.csv.gz", "rows.jsonl", "rows.txt"])
@pytest.mark.parametrize("out", [[], ["--out", "scores"]], ids=["in memory", "streamed"])
def test_labels_are_read_from_whatever_an_audit_reads(
    name: str, out: list[str], files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = pl.concat([pl.read_parquet(file) for file in sorted((files / "many").iterdir())])
    frame = frame.with_columns(name=pl.format("é{}", "name"))
    frame.write_ndjson(files / "rows.jsonl")
    text = frame.write_csv(separator=";")
    (files / "rows.csv.gz").write_bytes(gzip.compress(f"sep=;\n{text}".encode("latin-1")))
    (files / "rows.txt").write_bytes(text.replace(";", "\t").encode("utf-16"))
    assert main(["labels", name, "--label", "y", "--id", "name", "--json", "-q", *out]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 600


def test_a_folder_is_streamed_into_a_folder(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["labels", "many", "--label", "y", "--id", "name", "--out", "scores", "--worst", "3"]) == 0
    captured = capsys.readouterr()
    assert "of 600 labels are wrong" in " ".join(captured.out.split())
    assert "The most doubtful rows" in captured.out
    assert "Scoring the rows …" in captured.err
    step = " ".join(captured.err.split()).partition("Next: ")[2]
    assert step == "python -c 'import dechaff; print(dechaff.labels.LabelScores.open(\"scores\").worst(50))'"
    columns = ["row", "name", "given", "suggested", "score", "log_odds", "flag"]
    assert pl.read_parquet(files / "scores" / "*.parquet").columns == columns
    assert main(["labels", "many", "--label", "y", "--id", "name", "--out", "scores", "--json", "-q"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert len(json.loads(captured.out)["worst"]) == 10
    assert main(["labels", "many", "--label", "y", "--id", "name", "--out", "scores", "-q"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "source", [["many/*.parquet"], ["many/0.parquet", "many/1.parquet", "many/2.parquet"], ["probs.npy"]]
)
def test_whatever_names_the_rows_they_are_scored_alike(
    source: list[str], files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = ["--labels", "labels.npy"] if source == ["probs.npy"] else ["--label", "y", "--id", "name"]
    assert main(["labels", *source, *labels, "--out", "scores/", "--json", "-q", "--threads", "2"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert main(["labels", "probs.npz", "--json", "-q"]) == 0
    expected = json.loads(capsys.readouterr().out)
    assert found["noise_rate"] == expected["noise_rate"]
    assert [line["row"] for line in found["worst"]] == [line["row"] for line in expected["worst"]]


def test_arrays_in_npy_files_are_read_into_memory_too(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["labels", "probs.npy", "--labels", "labels.npy", "--json", "-q"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 600


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["many"], "the column 'name' of probs must contain the probability of a class"),
        (["probs.npy"], "beside the probabilities"),
        (["many", "--label", "y", "--out", "scores", "--reviews", "labels.csv"], "be left out if the rows"),
        (["probs.npz", "--backend", "dask"], "come with a folder as --out"),
        (["--out", "scores"], "be given a file of probabilities"),
        (["packed.npz", "--out", "scores"], "be uncompressed, to be streamed"),
        (["none*.parquet", "--out", "scores"], "No file matches the pattern: none*.parquet"),
        (["many", "--label", "y", "--id", "name", "--out", "many"], "which holds the data"),
    ],
)
def test_what_cannot_be_streamed_ends_with_code_2_and_what_to_do(
    arguments: list[str], words: str, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["labels", *arguments]) == 2
    assert words in " ".join(capsys.readouterr().err.split())


def test_semicolons_between_fields_need_no_word(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pl.read_csv(here / "probs.csv").write_csv(here / "semi.csv", separator=";")
    assert main(["labels", "semi.csv", "--labels", "labels.csv", "--label", "y", "--json", "-q"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 600


def test_a_wrong_number_of_rows_is_refused_before_the_work(here: Path, monkeypatch, capsys) -> None:
    monkeypatch.setattr("dechaff.api.labels.single.find_label_errors", None)
    assert main(["labels", "probs.npz", "--worst", "-1"]) == 2
    assert "--worst must be a whole number, 0 or more" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("out", ["scores.csv", "scores"])
def test_text_files_are_read_as_the_flags_say(here: Path, out: str, capsys: pytest.CaptureFixture[str]) -> None:
    probs, labels = pl.read_csv(here / "probs.csv"), pl.read_csv(here / "labels.csv")["y"]
    table = (
        probs.with_columns(label=labels)
        .rename({"ant": "caf\xe9;"})
        .with_columns(pl.col("label").replace("ant", "caf\xe9;"))
    )
    (here / "all.csv").write_bytes(table.write_csv(separator="|").encode("latin-1"))
    given = ["--label", "label", "--delimiter", "|", "--encoding", "latin-1"]
    assert main(["labels", "all.csv", *given, "-o", out]) == 0
    captured = capsys.readouterr()
    if out == "scores.csv":
        assert "--delimiter '|' --encoding latin-1" in captured.err
    found = pl.read_csv(here / out) if out == "scores.csv" else pl.read_parquet(here / out / "*.parquet")
    assert "caf\xe9;" in found["given"].unique().to_list()


def test_the_sheet_holds_what_stands_beside_the_labels_and_can_be_blind(here: Path) -> None:
    n = 60
    rng = np.random.default_rng(0)
    sure = np.where(rng.random(n) < 0.5, 0.9, 0.1)
    pl.DataFrame({"cat": sure, "dog": 1 - sure}).write_csv("two.csv")
    label = np.where(sure > 0.5, "cat", "dog")
    label[:3] = np.where(sure[:3] > 0.5, "dog", "cat")
    texts = [f"=text {row}" for row in range(n)]
    pl.DataFrame({"y": label, "row": texts, "length": range(n)}).write_csv("beside.csv")
    call = ["labels", "two.csv", "--labels", "beside.csv", "--label", "y", "--quiet", "--sheet-rows", "9"]
    assert main([*call, "--sheet", "seen.csv"]) == 0
    assert main([*call, "--sheet", "blind.csv", "--blind"]) == 0
    seen, blind = pl.read_csv("seen.csv"), pl.read_csv("blind.csv")
    assert seen.columns == ["row", "given", "suggested", "label", "row (data)", "length"]
    assert blind.columns == ["row", "label", "row (data)", "length"]
    assert seen["row"].to_list() == seen["length"].to_list()
    assert seen["row (data)"].to_list() == [f"'=text {row}" for row in seen["row"]]
    blind.with_columns(label=pl.lit("cat")).write_csv("blind.csv")
    assert main([*call, "--reviews", "blind.csv"]) == 0


def test_names_of_rows_that_look_like_formulas_come_back_from_the_sheet(here: Path) -> None:
    sure = np.tile([[0.9, 0.1], [0.1, 0.9]], (20, 1))
    names = [f"=row {number}" for number in range(40)]
    np.savez("named.npz", labels=[0, 1] * 20, pred_probs=sure, class_names=["cat", "dog"], ids=names)
    assert main(["labels", "named.npz", "--sheet", "sheet.csv", "--sheet-rows", "5", "--quiet"]) == 0
    sheet = pl.read_csv("sheet.csv")
    assert sheet["row"].str.starts_with("'=row ").all()
    sheet.with_columns(label=pl.col("given")).write_csv("sheet.csv")
    assert main(["labels", "named.npz", "--reviews", "sheet.csv", "--quiet"]) == 0
