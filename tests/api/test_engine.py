from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from dechaff.core import files
from dechaff.engine import Engine, new_engine
from dechaff.errors import DataError, InputError, LabelsError, RunError
from dechaff.records.turns import LedgerEntry

CENTRES = {"a": (0, 0), "b": (4, 0), "c": (0, 4)}
LEARNER = "sklearn.linear_model:LogisticRegression"
Turned = tuple[Engine, LedgerEntry, pl.DataFrame, LedgerEntry]


def _rows(rng: np.random.Generator, n: int, classes: str) -> pl.DataFrame:
    labels = rng.choice(list(classes), n)
    x = (np.array([CENTRES[one] for one in labels]) + rng.normal(size=(n, 2)) / 2).round(6)
    return pl.DataFrame({"u": x[:, 0], "v": x[:, 1], "y": labels})


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Training rows without the class c, which sealed, served and pool rows have."""
    here, rng = tmp_path_factory.mktemp("engine"), np.random.default_rng(0)
    for name, n, classes in (("train", 160, "ab"), ("test", 160, "abc"), ("served", 240, "abc"), ("pool", 200, "abc")):
        _rows(rng, n, classes).write_csv(here / f"{name}.csv")
    pl.read_csv(here / "pool.csv").drop("y").write_csv(here / "unlabelled.csv")
    new_engine(here / "run", here / "train.csv", label="y", test=here / "test.csv", model=LEARNER, threads=1)
    return here


@pytest.fixture(scope="module")
def turned(place: Path) -> Turned:
    """An engine after one turn: what was mined, asked and learnt."""
    engine = Engine(place / "run")
    mined = engine.mine(place / "served.csv")
    asked = engine.ask(place / "unlabelled.csv", n=24)
    empty = pl.read_csv(asked.output)
    filled = empty.drop("y").join(pl.read_csv(place / "pool.csv"), on=["u", "v"], how="left")
    filled.write_csv(place / "labelled.csv")
    return engine, mined, filled, engine.learn(place / "labelled.csv", seeds=3, threads=1)


def test_a_class_that_training_lacks_is_a_failing_slice(turned: Turned):
    mined = turned[1]
    worst = mined.slices[0]
    assert worst.rate > 0.9
    assert worst.outside < 0.3
    assert worst.low <= worst.rate <= worst.high
    assert worst.condition == "y is 'c'"
    assert mined.drift is not None
    assert mined.drift.differs


def test_the_pool_rows_that_are_asked_for_are_like_the_failing_ones(turned: Turned):
    assert (turned[2]["y"] == "c").mean() > 0.9
    assert len(turned[2].unique(["u", "v"])) == 24


def test_a_better_model_is_kept_and_can_be_made_again_and_taken_back(place: Path, turned: Turned) -> None:
    engine, _, _, learnt = turned
    assert learnt.kept
    assert learnt.added == 24
    whole, *parts = learnt.changes
    assert whole.slice == ""
    assert whole.difference.low is not None
    assert whole.difference.low > 0.1
    assert parts
    assert all(one.after > one.before for one in parts)
    assert engine.turns()["state"].to_list() == ["kept", "holds"]
    assert engine.reproduce(1) == learnt.model != engine.reproduce(0)
    assert set(engine.predict(place / "pool.csv")["prediction"]) == {"a", "b", "c"}
    engine.back()
    assert engine.turns()["state"].to_list() == ["holds", "taken back"]
    with pytest.raises(RunError, match="nothing comes before"):
        engine.back()


@pytest.mark.parametrize(
    ("name", "change", "error"),
    [
        ("sealed", None, "sealed or kept for proofs"),
        ("columns", pl.lit(1).alias("w"), "w in addition"),
        ("labels", pl.lit("d").alias("y"), "be classes"),
        ("empty", pl.lit(None, pl.String).alias("y"), "no label"),
    ],
)
def test_labelled_rows_that_do_not_fit_are_refused(
    place: Path, turned: Turned, name: str, change: pl.Expr, error: str
) -> None:
    rows = pl.read_csv(place / "test.csv") if change is None else pl.read_csv(place / "pool.csv").with_columns(change)
    rows.write_csv(place / f"{name}.csv")
    before = (place / "run" / "ledger.jsonl").read_bytes()
    with pytest.raises((DataError, LabelsError), match=error):
        turned[0].learn(place / f"{name}.csv")
    assert (place / "run" / "ledger.jsonl").read_bytes() == before
    assert {one.name for one in (place / "run" / "turns").iterdir()} == {"0", "1"}


def test_rows_that_are_sealed_or_labelled_are_never_asked_for(place: Path, turned: Turned) -> None:
    known = pl.concat([pl.read_csv(place / f"{name}.csv").drop("y") for name in ("train", "test")])
    known.write_csv(place / "known.csv")
    with pytest.raises(DataError, match="labelled, sealed or learnt"):
        turned[0].ask(place / "known.csv")
    assert not (place / "known_to_label.csv").exists()


def test_without_outcomes_slices_are_those_that_the_model_doubts(tmp_path: Path, place: Path) -> None:
    rng = np.random.default_rng(1)
    between = pl.DataFrame({"u": rng.normal(2, 0.1, 60).round(6), "v": rng.normal(0, 0.4, 60).round(6)})
    usual = _rows(rng, 200, "ab").drop("y")
    pl.concat([usual, between]).write_csv(tmp_path / "served.csv")
    engine = new_engine(
        tmp_path / "run", place / "train.csv", label="y", test=place / "test.csv", model=LEARNER, threads=1
    )
    found = engine.mine(tmp_path / "served.csv")
    assert "u" in found.slices[0].condition
    assert not found.slices[0].of_errors
    assert found.notes == ("too few outcomes are known, so slices are those that the model doubts",)


def test_an_engine_needs_sealed_rows_and_an_empty_folder(tmp_path: Path, place: Path) -> None:
    with pytest.raises(InputError, match="sealed rows"):
        new_engine(tmp_path / "run", place / "train.csv", label="y")
    with pytest.raises(RunError, match="Cannot write the data engine"):
        new_engine(place / "run", place / "train.csv", label="y", test=place / "test.csv")
    with pytest.raises(RunError, match="no data engine"):
        Engine(tmp_path)
    assert not (tmp_path / "run").exists()


def test_a_prediction_that_is_no_class_is_refused(place: Path, turned: Turned):
    served = pl.read_csv(place / "served.csv").with_columns(pl.lit("zebra").alias("prediction"))
    served.write_csv(place / "odd.csv")
    with pytest.raises(DataError, match="zebra"):
        turned[0].mine(place / "odd.csv")


def test_the_report_of_a_turn_draws_the_accuracy_of_all_turns(place: Path, turned: Turned) -> None:
    page = (place / "run" / "turns" / "1" / "audit" / "report.html").read_text()
    assert "Turns of the data engine" in page
    assert "Accuracy by turn" in page
    assert [one.slice for one in turned[0].facts.curves][:2] == ["", "0.1"]


@pytest.fixture(scope="module")
def small(place: Path) -> Engine:
    """A new engine of the same rows that has mined served rows with eight of the class that it does not know."""
    engine = new_engine(
        place / "small", place / "train.csv", label="y", test=place / "test.csv", model=LEARNER, threads=1
    )
    served = pl.read_csv(place / "served.csv")
    few = pl.concat([served.filter(pl.col("y") != "c"), served.filter(pl.col("y") == "c").head(12)])
    few.write_csv(place / "few.csv")
    engine.mine(place / "few.csv")
    return engine


def test_a_class_of_a_dozen_served_rows_that_training_lacks_is_a_slice(small: Engine):
    (found,) = small.files.last_mined()[0].slices
    assert (found.condition, found.rows, found.rate) == ("y is 'c'", 12, 1.0)
    assert found.outside < 0.1


@pytest.fixture
def no_audit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns without their audit and report, which take most of the time."""
    nothing = pl.DataFrame(schema={"code": pl.String, "row": pl.String})
    monkeypatch.setattr("dechaff.api.engine.turn.audit", lambda *_, **__: SimpleNamespace(findings=nothing))
    for module in ("turn", "engine"):
        monkeypatch.setattr(f"dechaff.api.engine.{module}.report_turns", lambda _: None)


@pytest.mark.usefixtures("no_audit")
def test_rows_of_a_turn_that_proved_nothing_are_learnt_with_the_next_ones(place: Path, small: Engine) -> None:
    pool = pl.read_csv(place / "pool.csv")
    first = pool.filter(pl.col("y") == "a").head(1)
    first.write_csv(place / "first.csv")
    unproved = small.learn(place / "first.csv", seeds=2, threads=1)
    assert not unproved.kept
    assert "the new rows wait: they are learnt together with the next ones" in unproved.notes
    asked = pl.read_csv(small.ask(place / "unlabelled.csv", n=199).output)
    assert len(asked) == len(pool) - 1
    assert not asked["u"].is_in(first["u"].implode()).any()
    pool.filter(pl.col("y") == "c").head(20).write_csv(place / "second.csv")
    learnt = small.learn(place / "second.csv", seeds=2, threads=1)
    assert (learnt.kept, learnt.added) == (True, 21)
    assert "1 row of turn 1, which was not kept, learnt again" in learnt.notes
    rows = pl.read_csv(place / "small" / "turns" / "2" / "train.csv")
    assert rows["y"][-21:].to_list() == ["a", *["c"] * 20]


def _embeddings(rng: np.random.Generator, n: int, classes: str) -> pl.DataFrame:
    rows = _rows(rng, n, classes)
    return rows.select(pl.concat_list("u", "v").alias("emb"), "y")


def _texts(rng: np.random.Generator, n: int, classes: str) -> pl.DataFrame:
    words = {"a": "river lake water swim boat", "b": "stone hill rock climb peak", "c": "train rail ticket track seat"}
    labels = rng.choice(list(classes), n).tolist()
    texts = [f"note {number} of " + " ".join(rng.choice(words[one].split(), 4)) for number, one in enumerate(labels)]
    return pl.DataFrame({"text": texts, "y": labels})


@pytest.mark.usefixtures("no_audit")
@pytest.mark.parametrize(("made", "model", "known"), [(_embeddings, LEARNER, "emb_0"), (_texts, None, "text")])
def test_parquet_of_embeddings_and_of_texts_goes_through_a_turn(
    tmp_path: Path, made: Callable[..., pl.DataFrame], model: str | None, known: str
) -> None:
    rng = np.random.default_rng(0)
    for name, n, classes in (("train", 80, "ab"), ("test", 90, "abc"), ("served", 120, "abc"), ("pool", 90, "abc")):
        made(rng, n, classes).write_parquet(tmp_path / f"{name}.parquet")
    pool = pl.read_parquet(tmp_path / "pool.parquet")
    pool.drop("y").write_parquet(tmp_path / "unlabelled.parquet")
    engine = new_engine(
        tmp_path / "run", tmp_path / "train.parquet", label="y", test=tmp_path / "test.parquet", model=model, threads=1
    )
    assert engine.mine(tmp_path / "served.parquet").slices[0].condition == "y is 'c'"
    asked = pl.read_csv(engine.ask(tmp_path / "unlabelled.parquet", n=10).output)
    shown = pool.with_columns(pl.col("emb").list.get(0).alias("emb_0")) if known == "emb_0" else pool
    filled = asked.drop("y").join(shown.select(known, "y"), on=known)
    assert (filled["y"] == "c").mean() > 0.6
    filled.write_parquet(tmp_path / "labelled.parquet")
    assert engine.learn(tmp_path / "labelled.parquet", seeds=2, threads=1).kept
    assert set(engine.predict(tmp_path / "pool.parquet")["prediction"]) == {"a", "b", "c"}


def test_lists_of_different_lengths_and_arrays_are_refused(tmp_path: Path):
    pl.DataFrame({"emb": [[1.0, 2.0], [3.0]], "y": ["a", "b"]}).write_parquet(tmp_path / "odd.parquet")
    with pytest.raises(DataError, match="lists of 1 and of 2 numbers"):
        new_engine(tmp_path / "run", tmp_path / "odd.parquet", label="y", test_size=0.3)
    np.savez(tmp_path / "arrays.npz", features=np.eye(4), labels=np.arange(4) % 2)
    with pytest.raises(RunError, match="list column of Parquet"):
        new_engine(tmp_path / "run", tmp_path / "arrays.npz", label="labels", test_size=0.3)
    assert not (tmp_path / "run").exists()


@pytest.mark.usefixtures("no_audit")
@pytest.mark.parametrize("renamed", [0, 1, 2])
def test_a_mining_that_is_killed_between_its_files_leaves_the_one_before(
    place: Path, small: Engine, monkeypatch: pytest.MonkeyPatch, renamed: int
) -> None:
    small.mine(place / "few.csv")
    kept, turn = small.files, small.facts.current
    before, place_of_turn = (place / "small" / "ledger.jsonl").read_bytes(), kept.turn(turn)
    pl.read_csv(place / "served.csv").head(150).write_csv(place / "other.csv")
    taken, names = files._take_name, list[str]()

    def killed(name: str, target: Path) -> None:
        if len(names) == renamed:
            raise KeyboardInterrupt
        names.append(name)
        taken(name, target)

    with monkeypatch.context() as patched:
        patched.setattr(files, "_take_name", killed)
        with pytest.raises(KeyboardInterrupt):
            small.mine(place / "other.csv")
    assert (place / "small" / "ledger.jsonl").read_bytes() == before
    entry = kept.last_mined()[turn]
    assert len(kept.served(entry, kept.schema())) == kept.mined(entry).inside.shape[1] == entry.rows
    again = small.mine(place / "other.csv")
    assert kept.mined(again).inside.shape[1] == again.rows == 150
    assert len(list(place_of_turn.glob("served-*"))) == len(list(place_of_turn.glob("slices-*"))) == 1


def test_a_large_file_in_parts_gives_the_rows_of_the_whole_file(
    place: Path, turned: Turned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(place / "run", tmp_path / "run")
    engine, rng = Engine(tmp_path / "run"), np.random.default_rng(4)
    served, pool = _rows(rng, 900, "abc"), _rows(rng, 900, "abc").drop("y")
    served = served.with_columns(pl.when(pl.int_range(pl.len()) % 2 == 0).then("y"))
    served.write_parquet(tmp_path / "served.parquet")
    pl.concat([pool, pool.head(50)]).write_parquet(tmp_path / "pool.parquet")
    monkeypatch.setattr("dechaff.api.engine.met.MOST_MET", 200)
    monkeypatch.setattr("dechaff.api.engine.engine.report_turns", lambda _: None)
    if engine.facts.current:
        engine.back()
    found = []
    for rows in (10_000, 64):
        monkeypatch.setattr("dechaff.data.formats.parquet.PART_ROWS", rows)
        mined = engine.mine(tmp_path / "served.parquet")
        asked = engine.ask(tmp_path / "pool.parquet", n=20)
        found.append((mined, asked.table(), pl.read_csv(asked.output)))
    (mined, table, rows), (in_parts, table_in_parts, rows_in_parts) = found
    assert mined == in_parts
    assert mined.rows == 400
    assert "400 rows were drawn at random from 900" in mined.notes
    assert table.equals(table_in_parts)
    assert rows.equals(rows_in_parts)
    assert len(rows.unique(["u", "v"])) == 20
