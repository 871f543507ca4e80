"""An index of the findings of a run, for a queue that answers at once: derived from the run, made anew at any time.

Columns that are filtered, counted and sorted by are arrays in memory (some 30 bytes per finding); texts, and the lists
of findings by word, stay in an SQLite file in the run folder, which is written once and only read.
"""

from __future__ import annotations

import json
import re
import sqlite3
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl
from msgspec import structs

from dechaff.core.files import temporary_name
from dechaff.core.progress import Progress, silent
from dechaff.errors import RunError
from dechaff.records.codes import CODES
from dechaff.records.review import QueueItem
from dechaff.records.run import INDEX
from dechaff.typing import Columns, Mask, Rows

_FORM = 4
_STEP, _LINES = 20_000, 100_000
"""Findings, and rows, that are handled at a time."""
_SHOWN = 240
"""Characters of a row's content that a list shows."""
_SEARCHED = 10_000
"""Characters of a row's content that can be searched."""
_WORD = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]|\\w+")
"""A word; where words are not separated, each character counts as one."""
FIXES = ("", "keep", "drop", "relabel", "edit")
"""What accepting a finding may do; '' for one that leaves it to the reviewer."""
_ITEM = ("finding_id", "code", "row", "key", "grp", "field", "score", "given", "suggested", "why", "fix")
Contents: TypeAlias = Callable[[Rows], Iterable[tuple[int, str]]]
"""Gives the content of rows, in the order of their places in the table of scores; rows may be missing."""


def no_contents(places: Rows) -> Iterable[tuple[int, str]]:
    """For data that cannot be read: the queue then knows labels and reasons only."""
    return ()


def words_of(text: str) -> list[str]:
    """The words of a text, as they are searched.

    Examples
    --------
    >>> words_of("Don't SHOUT, 東京")
    ['don', 't', 'shout', '東', '京']
    """
    return _WORD.findall(text.casefold())


@dataclass(frozen=True)
class ReviewIndex:
    """n findings in the order of ``findings.parquet``; a finding is named by its place in it."""

    path: Path
    identity: str
    names: dict[str, list[str]] = field(repr=False)
    """Codes, pairs, the suggested class of each pair, and slices, in the order of their numbers."""
    code: npt.NDArray[np.uint8] = field(repr=False)
    pair: npt.NDArray[np.int32] = field(repr=False)
    """-1 for a finding that is about no pair of classes."""
    slice: npt.NDArray[np.int32] = field(repr=False)
    score: npt.NDArray[np.float64] = field(repr=False)
    place: Rows = field(repr=False)
    """The line of the row in the table of scores, -1 for a finding about no row."""
    fix: npt.NDArray[np.uint8] = field(repr=False)
    """The place in `FIXES` of what accepting the finding does."""
    offsets: bytes = field(default=b"", repr=False)
    """Where rows are in their files, kept for those who read them."""
    _orders: dict[str, Rows] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.code)

    def items(self, numbers: Sequence[int]) -> list[QueueItem]:
        """Some findings, in the order asked for."""
        query = f"SELECT {', '.join(_ITEM)}, text FROM findings WHERE n = ?"
        with self._reading() as connection:
            rows = [connection.execute(query, (int(n),)).fetchone() for n in numbers]
        return [structs.replace(QueueItem(*row[:-1]), text=row[-1]) for row in rows]

    def by_id(self, finding_ids: Sequence[str]) -> list[int]:
        """The numbers of findings by their ids, -1 for an unknown one."""
        return self._numbers("finding_id = ?", [(one,) for one in finding_ids])

    def suggested(self, numbers: Rows) -> list[str]:
        """The suggested class of some findings about labels; '' for none."""
        names = [*self.names["suggested"], ""]
        return [names[pair] for pair in self.pair[numbers].tolist()]

    def row_of(self, number: int) -> tuple[int, str, str, str]:
        """Place, id, key and given label of the row of a finding."""
        with self._reading() as connection:
            query = "SELECT place, row, key, label FROM findings WHERE n = ?"
            place, row, key, label = connection.execute(query, (number,)).fetchone()
        return place, row, key, label

    def of_keys(self, keys: Iterable[str]) -> Iterator[tuple[str, int, str, str]]:
        """Key, number, code and field of the findings about rows."""
        query = "SELECT n, code, field FROM findings WHERE key = ? ORDER BY n"
        with self._reading() as connection:
            for key in keys:
                for n, code, name in connection.execute(query, (key,)):
                    yield key, n, code, name

    def of_row(self, row: str) -> list[int]:
        """The findings about a row, by its id or its key."""
        return self._all("key = ? OR (row = ? AND row <> '')", (row, row))

    def of_group(self, code: str, group: str) -> list[int]:
        """The findings of a group."""
        return self._all("grp = ? AND code = ?", (group, code))

    def groups(self, code: str) -> list[tuple[str, int]]:
        """Names and sizes of the groups of a code, the highest score first."""
        query = """SELECT grp, count(*) FROM findings WHERE code = ? AND grp <> '' AND key NOT LIKE code || ':%'
            GROUP BY grp ORDER BY max(score) DESC, min(n)"""
        with self._reading() as connection:
            return list(connection.execute(query, (code,)))

    def order(self, sort: str) -> Rows:
        """(n,) findings in an order: by score, code, row, pair, or random."""
        if sort not in self._orders:
            self._orders[sort] = self._sorted(sort)
        return self._orders[sort]

    def search(self, text: str) -> Mask:
        """(n,) findings that have all the words of a text; the beginning of a word is enough."""
        found: Mask = np.ones(len(self), dtype=np.bool_)
        with self._reading() as connection:
            for word in dict.fromkeys(words_of(text)):
                mask = np.zeros(len(self), dtype=np.bool_)
                spans = (word, word + "\U0010ffff")
                for (rows,) in connection.execute("SELECT rows FROM words WHERE word >= ? AND word < ?", spans):
                    mask[np.frombuffer(rows, dtype=np.uint32)] = True
                found &= mask
        return found

    def _sorted(self, sort: str) -> Rows:
        by_score = -self.score
        if sort == "random":
            return np.random.default_rng(len(self)).permutation(len(self))
        keys = {
            "score": (by_score,),
            "code": (by_score, self.code),
            "row": (self.code, self.place, self.place < 0),  # findings about no row come last
            "pair": (by_score, self.pair),
        }
        return np.lexsort(keys[sort]).astype(np.int64)

    def _numbers(self, where: str, values: Sequence[tuple[str, ...]]) -> list[int]:
        with self._reading() as connection:
            rows = [connection.execute(f"SELECT n FROM findings WHERE {where}", one).fetchone() for one in values]
        return [-1 if row is None else row[0] for row in rows]

    def _all(self, where: str, values: tuple[str, ...]) -> list[int]:
        with self._reading() as connection:
            return [n for (n,) in connection.execute(f"SELECT n FROM findings WHERE {where} ORDER BY n", values)]

    def _reading(self) -> Any:
        return closing(sqlite3.connect(f"{self.path.resolve().as_uri()}?mode=ro&immutable=1", uri=True))

    @cached_property
    def numbers(self) -> dict[str, dict[str, int]]:
        """Number of each code, pair and slice."""
        return {kind: {name: number for number, name in enumerate(names)} for kind, names in self.names.items()}


def pair_name(given: str, suggested: str) -> str:
    """How a pair of classes is written."""
    return f"{given} → {suggested}"


def identity_of(folder: Path) -> str:
    """What the index of a run depends on."""
    stats = [(folder / name).stat() for name in ("findings.parquet", "scores.parquet")]
    return json.dumps([_FORM, *((one.st_size, one.st_mtime_ns) for one in stats)])


def review_index(
    folder: Path,
    contents: Contents = no_contents,
    offsets: Callable[[], bytes] = bytes,
    *,
    progress: Progress = silent,
) -> ReviewIndex:
    """The index of the run in a folder: the one that is there, if it is of these findings, or else a new one.

    Parameters
    ----------
    folder : the run folder.
    contents : the content of rows, for lists and for the search.
    offsets : where rows are in their files, to be kept.
    progress : called with the number of findings that are done.
    """
    path, identity = folder / INDEX, identity_of(folder)
    found = _loaded(path, identity)
    if found is not None:
        return found
    building = temporary_name(path)
    try:
        with closing(sqlite3.connect(building, isolation_level=None)) as connection:
            _build(connection, folder, contents, progress)
            kept = (("identity", identity.encode()), ("offsets", offsets()))
            connection.executemany("INSERT INTO columns VALUES (?, ?)", kept)
            connection.execute("COMMIT")
        building.replace(path)
    except (FileNotFoundError, pl.exceptions.PolarsError) as error:
        raise RunError(
            f"Cannot read the findings and scores that an audit wrote to {folder}: {error}.",
            fix="Audit again, or restore the files from a copy.",
        ) from error
    finally:
        building.unlink(missing_ok=True)
    loaded = _loaded(path, identity)
    assert loaded is not None
    return loaded


def _loaded(path: Path, identity: str) -> ReviewIndex | None:
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            blobs = dict(connection.execute("SELECT name, data FROM columns"))
    except sqlite3.DatabaseError:
        return None  # half of a file, or one of another version: it is built again
    if blobs.get("identity") != identity.encode():
        return None

    def values(name: str, kind: str) -> npt.NDArray[Any]:
        return np.frombuffer(blobs[name], dtype=kind)

    return ReviewIndex(
        path,
        identity,
        json.loads(blobs["names"]),
        values("code", "u1"),
        values("pair", "i4"),
        values("slice", "i4"),
        values("score", "f8"),
        values("place", "i8"),
        values("fix", "u1"),
        blobs["offsets"],
    )


_OF_VALUE = (pl.col("row") == "") & (pl.col("code") == "C002") & (pl.col("given") != "")
_REPLACED = (pl.col("suggested") != "") | pl.col("fix").str.starts_with("Replace")
_FIX = (
    pl.when(_OF_VALUE)  # about all cells of a column that hold it
    .then(pl.when(_REPLACED).then(FIXES.index("edit")).otherwise(0))
    .when(pl.col("row") == "")
    .then(FIXES.index("keep"))  # of other findings about a column, class or slice nothing is changed
    .when(pl.col("code").str.starts_with("D") & (pl.col("code") != "D003"))
    .then(pl.when(pl.col("fix").str.starts_with("Keep ")).then(FIXES.index("keep")).otherwise(FIXES.index("drop")))
    .when(pl.col("fix").str.starts_with("Drop the row"))
    .then(FIXES.index("drop"))
    .when(pl.col("suggested") == "")
    .then(0)
    .when(pl.col("code").str.starts_with("C"))
    .then(FIXES.index("edit"))
    .otherwise(FIXES.index("relabel"))
    .alias("fix")
)
"""What accepting a finding does, but for what slices and proposals suggest."""
_COLUMN = pl.concat_str("field", pl.lit(":"), "given", pl.lit(" → "), "suggested").str.strip_suffix(": → ")
_ITSELF = pl.concat_str("code", pl.lit(":"), pl.when(pl.col("group") != "").then("group").otherwise(_COLUMN))
"""What stands for the row in a finding about none: its group, or its column and what is given and suggested there."""
_TABLES = (
    "PRAGMA synchronous = OFF",
    "PRAGMA journal_mode = OFF",
    f"CREATE TABLE findings (n INTEGER PRIMARY KEY, place INTEGER, label, {', '.join(_ITEM)}, text DEFAULT '')",
    "CREATE TABLE words (word, chunk, rows, PRIMARY KEY (word, chunk)) WITHOUT ROWID",
    "CREATE TABLE columns (name PRIMARY KEY, data)",
    "BEGIN",
)
_LATER = (
    "CREATE INDEX by_key ON findings (key)",
    "CREATE INDEX by_row ON findings (row) WHERE row <> ''",
    "CREATE INDEX by_id ON findings (finding_id)",
    "CREATE INDEX by_group ON findings (code, grp) WHERE grp <> ''",
    "CREATE INDEX by_place ON findings (place, n) WHERE place >= 0",
)


def _build(connection: sqlite3.Connection, folder: Path, contents: Contents, progress: Progress) -> None:
    for line in _TABLES:
        connection.execute(line)
    table = pl.scan_parquet(folder / "findings.parquet")
    n = int(table.select(pl.len()).collect().item())
    rows = _rows_of_findings(folder, n)
    place = rows["place"].to_numpy()
    columns: Columns = {"code": np.zeros(n, "u1"), "pair": np.full(n, -1, "i4"), "slice": np.full(n, -1, "i4")}
    columns |= {"score": np.zeros(n), "place": place, "fix": np.zeros(n, "u1")}
    names: dict[str, dict[str, int]] = {"codes": {code: at for at, code in enumerate(CODES)}, "pairs": {}, "slices": {}}
    suggested: list[str] = []
    insert = f"INSERT INTO findings (n, place, label, {', '.join(_ITEM)}) VALUES ({', '.join('?' * (3 + len(_ITEM)))})"
    for start in range(0, n, _STEP):
        progress("indexing the findings", start, n)
        part = table.slice(start, _STEP).with_columns(pl.col(pl.String).fill_null("")).collect()
        span = slice(start, start + part.height)
        _number_columns(part, span, columns, names, suggested)
        about = rows.slice(start, part.height)
        key = about["key"].zip_with(about["place"] >= 0, part.select(_ITSELF).to_series())
        lines = [range(span.start, span.stop), place[span].tolist(), about["given"].to_list()]
        texts = part.rename({"group": "grp"}).with_columns(key.alias("key"), pl.col("score").fill_null(0.0))
        connection.executemany(insert, zip(*lines, *(texts[name].to_list() for name in _ITEM), strict=True))
    for line in _LATER:
        connection.execute(line)
    _add_words(connection, place, contents, progress)
    blobs = {name: values.tobytes() for name, values in columns.items()}
    lists = {kind: list(known) for kind, known in names.items()} | {"suggested": suggested}
    blobs["names"] = json.dumps(lists).encode()
    connection.executemany("INSERT INTO columns VALUES (?, ?)", blobs.items())
    progress("indexing the findings", n, n)


def _rows_of_findings(folder: Path, n: int) -> pl.DataFrame:
    """Place in the table of scores, key and given label of the row of each finding; -1 and '' for a finding of none."""
    about = pl.scan_parquet(folder / "findings.parquet").select("row").with_row_index("n")
    rows = about.filter(pl.col("row").fill_null("") != "").collect()
    scores = pl.scan_parquet(folder / "scores.parquet").select("row", "key", "given")
    n_lines = int(scores.select(pl.len()).collect().item())
    found = []
    for start in range(0, n_lines, _LINES):
        lines = scores.slice(start, _LINES).collect().with_row_index("place", offset=start)
        found.append(
            rows.join(lines, on="row", how="inner").select("n", pl.col("place").cast(pl.Int64), "key", "given")
        )
    every = pl.DataFrame({"n": pl.int_range(n, dtype=pl.UInt32, eager=True)})
    joined = every.join(pl.concat(found), on="n", how="left", maintain_order="left") if found else every
    empty = {"place": pl.lit(-1, pl.Int64), "key": pl.lit(""), "given": pl.lit("")}
    if not found:
        return joined.with_columns(**empty)
    return joined.with_columns(pl.col("place").fill_null(-1), pl.col("key", "given").fill_null(""))


def _number_columns(
    part: pl.DataFrame, span: slice, columns: Columns, names: dict[str, dict[str, int]], suggested: list[str]
) -> None:
    """Fill in the columns of some findings; new pairs and slices get the next numbers."""
    columns["score"][span] = part["score"].fill_null(0.0).to_numpy()
    columns["code"][span] = [names["codes"][code] for code in part["code"].to_list()]
    columns["fix"][span] = part.select(_FIX)["fix"].to_numpy()
    pairs, slices = names["pairs"], names["slices"]
    labelled = part["code"].str.contains("^[LP]00|D003").to_list()
    texts = (part[name].to_list() for name in ("given", "suggested", "code", "group"))
    for at, (about, given, other, code, group) in enumerate(zip(labelled, *texts, strict=True), start=span.start):
        if about and other:
            columns["pair"][at] = pairs.setdefault(pair_name(given, other), len(pairs))
            suggested += [other] if len(pairs) > len(suggested) else []
        if code == "L002" and group:
            columns["slice"][at] = slices.setdefault(group, len(slices))


def _add_words(connection: sqlite3.Connection, place: Rows, contents: Contents, progress: Progress) -> None:
    """The words of each finding's row, id and labels, and the beginning of the row's content."""
    about = np.unique(place[place >= 0])
    content = iter(contents(about))
    at, text = next(content, (-1, ""))
    waiting: dict[str, array[int]] = {}
    shown: list[tuple[str, int]] = []
    chunk, n = 0, len(place)
    found = connection.cursor()
    found.execute("SELECT n, place, row, given, suggested, field FROM findings ORDER BY place, n")
    for done, (number, line, *own) in enumerate(found, start=1):
        while 0 <= at < line:
            at, text = next(content, (-1, ""))
        here = text if at == line and line >= 0 else ""
        if here:
            shown.append((here[:_SHOWN], number))
        for word in {*words_of(" ".join(own)), *words_of(here[:_SEARCHED])}:
            waiting.setdefault(word, array("I")).append(number)
        if done % _STEP == 0 or done == n:
            _flush(connection, waiting, shown, chunk)
            waiting, shown, chunk = {}, [], chunk + 1
            progress("indexing the words", done, n)


def _flush(
    connection: sqlite3.Connection, waiting: dict[str, array[int]], shown: Sequence[tuple[str, int]], chunk: int
) -> None:
    lists = ((word, chunk, rows.tobytes()) for word, rows in sorted(waiting.items()))
    connection.executemany("INSERT INTO words VALUES (?, ?, ?)", lists)
    connection.executemany("UPDATE findings SET text = ? WHERE n = ?", shown)
