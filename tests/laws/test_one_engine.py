"""One engine: the same rows give the same audit, whatever holds them, in whatever order and on however many threads.

Rows are named by a column of ids, so that they can be compared. Learners see the rows in the order of their content, so
scores are the same bits. Of rows that are equal but for their id, the first of the file is kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import dechaff
from dechaff.api import auditing, out_of_core
from dechaff.data.columns.roles import ColumnRoles
from dechaff.data.formats.files import open_files
from dechaff.data.open import open_data
from dechaff.recipe.outcome.row_store import RowStore
from dechaff.recipe.passes.request import ReadRequest
from dechaff.recipe.passes.scan import scan

N = 240
_READING: dict[str, Any] = {"label": "label", "id": "id", "policy": "bold"}


@cache
def table() -> pl.DataFrame:
    """Numbers, a category and short texts; swapped labels from one source, some wrong labels, copies, empty cells."""
    rng = np.random.default_rng(5)
    true = rng.integers(0, 2, N)
    source = rng.choice(["web", "shop", "post"], N)
    given = np.where(source == "web", 1 - true, true)
    given[:6] = 1 - given[:6]
    words = np.array([["low", "small", "little", "minor"], ["top", "large", "great", "major"]])
    noise = np.array([f"word{number}" for number in range(60)])
    rows = [" ".join([*rng.choice(words[t], 2), *rng.choice(noise, 8, replace=False)]) for t in true]
    columns = {
        "x": (rng.normal(size=N) + 3 * true).round(4),
        "y": rng.normal(size=N).round(4),
        "source": source,
        "remark": np.array(rows, dtype=object),
        "label": np.array(["low", "top"])[given],
    }
    for values in columns.values():
        values[200:203] = values[100]  # copies
    columns["y"][50] = 900.0  # an outlier
    columns["label"][202] = "top" if columns["label"][100] == "low" else "low"
    columns["remark"][210] = f"{columns['remark'][110]} indeed"  # a near copy but for one word
    for name in ("x", "y", "source"):
        columns[name][210] = columns[name][110]
    frame = pl.DataFrame({"id": [f"r{number:03d}" for number in range(N)], **columns})
    return frame.with_columns(
        pl.when(pl.col("id").is_in(["r020", "r030"])).then(None).otherwise(pl.col("y")).alias("y")
    )


def marked() -> pl.DataFrame:
    """The same with a label for some of the positives alone."""
    is_top = pl.col("x") > 1.5
    some = pl.col("id").hash(seed=1) % 2 == 0
    return table().with_columns(pl.when(is_top & some).then(pl.lit("yes")).otherwise(None).alias("label"))


def permuted(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows in another order; equal rows follow one another as before, for the first of them is kept."""
    order = np.random.default_rng(8).permutation(N)
    copies = np.flatnonzero(np.isin(order, [100, 200, 201, 202]))
    order[copies] = np.sort(order[copies])
    return frame[order]


@dataclass(frozen=True)
class Way:
    """How rows are handed in, and with what options; columns of types that the container has."""

    hand_in: Callable[[pl.DataFrame, Path], Any]
    options: tuple[tuple[str, Any], ...] = ()
    permuted: bool = False


def csv(frame: pl.DataFrame, folder: Path) -> Path:
    frame.write_csv(folder / "rows.csv")
    return folder / "rows.csv"


def parquet(frame: pl.DataFrame, folder: Path) -> Path:
    frame.write_parquet(folder / "rows.parquet")
    return folder / "rows.parquet"


def files(suffix: str, number: int = 50) -> Callable[[pl.DataFrame, Path], Path]:
    def written(frame: pl.DataFrame, folder: Path) -> Path:
        (folder / "parts").mkdir()
        for place in range(number):
            piece = frame[place * N // number : (place + 1) * N // number]
            path = folder / "parts" / f"part-{place:02d}.{suffix}"
            piece.write_csv(path) if suffix == "csv" else piece.write_parquet(path)
        return folder / "parts"

    return written


def polars(frame: pl.DataFrame, folder: Path) -> pl.DataFrame:
    return frame


def pandas(frame: pl.DataFrame, folder: Path) -> Any:
    return frame.to_pandas()


def arrow(frame: pl.DataFrame, folder: Path) -> Any:
    return frame.to_arrow()


_SLOW = pytest.mark.slow
_CLUSTER = (pytest.mark.slow, pytest.mark.cluster)
WAYS = [
    pytest.param(Way(pandas, permuted=True), id="pandas-permuted"),
    pytest.param(Way(arrow), id="arrow", marks=_SLOW),
    pytest.param(Way(csv, (("threads", 2),)), id="csv-2-threads", marks=_SLOW),
    pytest.param(Way(parquet, (("threads", 7),), permuted=True), id="parquet-7-threads-permuted", marks=_SLOW),
    pytest.param(Way(files("csv"), permuted=True), id="50-csv-files-permuted"),
    pytest.param(Way(files("parquet"), (("threads", 2),)), id="50-parquet-files", marks=_SLOW),
    pytest.param(Way(csv, (("memory", "525MB"),)), id="memory-limit", marks=_SLOW),
    pytest.param(Way(files("parquet"), (("memory", "525MB"),)), id="50-parquet-files-memory-limit", marks=_SLOW),
    pytest.param(Way(polars, (("backend", "dask"), ("threads", 2))), id="dask", marks=_CLUSTER),
    pytest.param(Way(polars, (("backend", "ray"), ("threads", 2))), id="ray", marks=_CLUSTER),
]
VERBS: dict[str, Callable[..., dechaff.Audit]] = {"audit": dechaff.audit, "pu": dechaff.pu}


def run(verb: str, way: Way, folder: Path) -> dict[str, Any]:
    """What a run says, in a form in which the order of rows does not show."""
    frame = {"audit": table, "pu": marked}[verb]()
    source = way.hand_in(permuted(frame) if way.permuted else frame, folder)
    options = {"threads": 1, "out": folder / "run", **_READING, **dict(way.options)}
    found = VERBS[verb](source, **options)
    improved = found.apply(folder / f"improved{source.suffix}" if isinstance(source, Path) else None)
    findings = frame_of(found.findings).with_columns(pl.col("row").fill_null(""))  # pandas: None if about no row
    return {
        "findings": sorted(map(str, findings.drop("finding_id").to_dicts())),
        "scores": frame_of(found.scores).sort("row").drop("key").to_dicts(),
        "decisions": sorted((e.row, e.action, e.code, e.old, e.new, e.score) for e in found.run.decided().values()),
        "improved": sorted(map(str, frame_of(improved).drop("id").to_dicts())),
        "figures": figures(found),
    }


def figures(found: dechaff.Audit) -> str:
    """All figures but for what says where the rows came from."""
    known = {name: value for name, value in found.metrics.to_dict().items() if name not in ("assumptions", "command")}
    known["dataset"] = {
        name: known["dataset"][name] for name in ("rows", "test_rows", "columns", "classes", "class_counts")
    }
    return json.dumps(known, sort_keys=True, default=str)


def frame_of(found: Any) -> pl.DataFrame:
    if isinstance(found, Path):
        paths = sorted(found.glob("*")) if found.is_dir() else [found]
        frames = [pl.read_csv(path) if path.suffix == ".csv" else pl.read_parquet(path) for path in paths]
        return pl.concat([frame for frame in frames if frame.height], how="vertical_relaxed")
    return found if isinstance(found, pl.DataFrame) else pl.DataFrame(found)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, Any]]:
    """The audit of the rows as they are, in memory and on one thread."""
    return cache(lambda verb: run(verb, Way(polars), tmp_path_factory.mktemp(verb)))


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("way", WAYS)
def test_the_same_rows_give_the_same_run(verb: str, way: Way, plain: Any, tmp_path: Path) -> None:
    expected, found = plain(verb), run(verb, way, tmp_path)
    assert found["findings"] == expected["findings"]
    assert found["scores"] == expected["scores"]
    assert found["decisions"] == expected["decisions"]
    assert found["improved"] == expected["improved"]
    assert found["figures"] == expected["figures"]


def test_the_rows_hold_something_of_each_kind(plain: Any) -> None:
    codes = {finding.split("'code': '")[1][:4] for finding in plain("audit")["findings"]}
    assert {"C002", "D001", "D002", "D003", "L001", "L002", "O001"} <= codes


@pytest.mark.parametrize("size", [0.2, 40])
@pytest.mark.parametrize("hand_in", [polars, pandas, arrow, csv, parquet, files("csv"), files("parquet")])
def test_the_same_rows_are_held_out(hand_in: Callable[..., Any], size: float, tmp_path: Path) -> None:
    """As many of each class, and equal rows on one side; of files, in memory and out of core."""
    rows, source = permuted(table()), hand_in(permuted(table()), tmp_path)
    expected = open_data(table(), label="label", id="id", test_size=size)
    found = open_data(source, label="label", id="id", test_size=size)
    assert expected.test is not None
    assert found.test is not None
    held_out = sorted(expected.test.ids)
    assert sorted(found.test.ids) == held_out
    if isinstance(source, Path):
        roles = ColumnRoles(label="label", id="id")
        scanned = scan(ReadRequest(source=open_files(source), roles=roles, test_size=size), RowStore(None, N))
        assert sorted(rows["id"].to_numpy()[scanned.held_out.mask(0, N)]) == held_out
    counts = [np.bincount(data.codes) for data in (expected.test, expected.train)]
    assert (abs(counts[0] / (counts[0] + counts[1]) - len(held_out) / N) < 0.05).all()
    assert len({"r100", "r200", "r201", "r202"} & set(held_out)) in (0, 4)


@pytest.mark.slow
def test_the_same_rows_give_the_same_run_beside_held_out_rows(tmp_path: Path) -> None:
    ways = [Way(polars, (("test_size", 0.2),)), Way(files("csv"), (("test_size", 0.2),), permuted=True)]
    places = [tmp_path / "one", tmp_path / "other"]
    for place in places:
        place.mkdir()
    expected, found = (run("audit", way, place) for way, place in zip(ways, places, strict=True))
    assert found == expected
    assert len(found["scores"]) == N - json.loads(found["figures"])["dataset"]["test_rows"]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    "backend",
    [pytest.param("local", marks=_SLOW), *(pytest.param(name, marks=_CLUSTER) for name in ("dask", "ray"))],
)
def test_an_audit_out_of_core_is_the_same_on_every_backend(
    backend: str, verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "runs_out_of_core", lambda job: True)
    monkeypatch.setattr(out_of_core, "sample_rows", lambda *sizes: N // 2)
    found = {}
    for name, threads in (("local", 1), (backend, 2)):
        folder = tmp_path / f"{name}-{threads}"
        folder.mkdir()
        way = Way(files("csv", 8), (("memory", "3GB"), ("backend", name), ("threads", threads)))
        found[threads] = run(verb, way, folder)
    assert found[1] == found[2]


class Killed(BaseException):
    """What ends a process at once."""


@pytest.mark.parametrize("verb", ["audit", pytest.param("pu", marks=_SLOW)])
@pytest.mark.parametrize("in_memory", [True, False])
def test_an_audit_that_is_killed_goes_on_where_it_stopped(
    in_memory: bool, verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "runs_out_of_core", lambda job: not in_memory)
    monkeypatch.setattr(out_of_core, "sample_rows", lambda *sizes: N // 2)
    step = "positives" if verb == "pu" and in_memory else "training" if verb == "pu" else "noisy slices"
    way, folders = Way(polars if in_memory else csv), [tmp_path / name for name in ("whole", "killed")]
    for folder in folders:
        folder.mkdir()
    whole, passes = run(verb, way, folders[0]), folders[1] / "run" / "passes"
    source = way.hand_in({"audit": table, "pu": marked}[verb](), folders[1])

    def die(name: str, done: int, total: int) -> None:
        if name == step and (done or verb == "pu"):
            raise Killed

    def killed() -> dict[str, int]:
        with pytest.raises(Killed):
            VERBS[verb](source, threads=1, out=folders[1] / "run", progress=die, **_READING)
        return {path.name: path.stat().st_mtime_ns for path in passes.glob("*.npz")}

    finished, again = killed(), killed()
    assert any(name.startswith("baseline") for name in finished)
    assert {name: again[name] for name in finished} == finished
    assert run(verb, way, folders[1]) == whole
    assert not passes.exists()
