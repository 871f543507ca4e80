"""Columns of rows, in memory and in files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dechaff.recipe.outcome.row_store import RowStore, rows_by_hash

_PASSES = """
import sys
from pathlib import Path
import numpy as np
from dechaff.recipe.outcome.row_store import RowStore, spans_of

def in_files():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssFile:"))

store, before, most = RowStore(Path(sys.argv[1]), 2**22), in_files(), 0
columns = {name: store.make(name, np.uint64, 7) for name in "abcd"}
for span in store.releasing(spans_of(store.n_rows)):  # as a pass that writes what it finds in each part
    for column in columns.values():
        column[span] += np.uint64(1)
    most = max(most, in_files() - before)
for chunk in store.chunks({name: name for name in columns}):
    assert all((chunk[name] == 8).all() for name in columns)
    most = max(most, in_files() - before)
print(most)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not say what a process holds")
def test_a_pass_holds_a_part_of_the_columns_however_many_rows_there_are(tmp_path: Path) -> None:
    found = subprocess.run([sys.executable, "-c", _PASSES, tmp_path], capture_output=True, text=True, check=True)
    of_all_rows = 4 * 8 * 2**22
    assert int(found.stdout) < of_all_rows / 2


@pytest.mark.parametrize("in_files", [False, True])
def test_columns_keep_what_was_written(in_files: bool, tmp_path: Path) -> None:
    store = RowStore(tmp_path if in_files else None, 5)
    store.make("x", np.int64, -1)[[1, 3]] = [7, 8]
    assert [span.stop for span in store.spans()] == [5]
    assert store.open("x").tolist() == [-1, 7, -1, 8, -1]
    assert RowStore(tmp_path, 5).has("x") == in_files


def test_rows_come_by_hash_and_then_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dechaff.recipe.outcome.row_store._STEP", 2)
    hashes = np.array([4, 1, 4, 6, 3], dtype=np.uint64)
    # In three shares: hashes that leave 0, 1 and 2 if divided by three.
    shares = [rows.tolist() for rows in rows_by_hash(hashes, lambda span: hashes[span] != 6)]
    assert shares == [[4], [1, 0, 2], []]
