"""Decisions about rows, some rows at a time."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dechaff.records import decided_rows
from dechaff.records.decided_rows import decided_pieces, row_names
from dechaff.records.decision_log import append_events, undo, write_first_events
from dechaff.records.decisions import Event
from dechaff.records.run import Run

N_ROWS = 50


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Rules about every third row and one that is gone, reviewers about others too; one decision was undone."""
    keys = [f"k{row}:0" for row in range(N_ROWS)]
    rows = pl.DataFrame({"row": list(map(str, range(N_ROWS))), "key": keys, "given": ["a"] * N_ROWS})
    rows.write_parquet(tmp_path / "scores.parquet")
    log = tmp_path / "decisions.sqlite"
    write_first_events(log, [Event(keys[row], str(row), "drop", "L001") for row in range(0, N_ROWS, 3)])
    append_events(log, [Event("gone:0", "999", "drop", "L001")])
    append_events(log, [Event(keys[row], str(row), "relabel", new="b", source="human") for row in range(0, N_ROWS, 7)])
    append_events(log, [Event(keys[4], "4", "drop", source="human", actor="me")])
    undo(log, actor="me", time="", version="")
    return Run(tmp_path)


@pytest.mark.parametrize("piece_rows", [1, 7, N_ROWS, 99])
def test_pieces_have_the_decisions_that_the_whole_log_has(run: Run, piece_rows: int):
    pieces = list(decided_pieces(run.scores_path, run.decisions_path, piece_rows=piece_rows))
    found = {key: event for piece in pieces for key, event in piece.decided().items()}
    assert found == {key: event for key, event in run.decided().items() if key != "gone:0"}
    assert np.concatenate([piece.lines["place"] for piece in pieces]).tolist() == list(range(N_ROWS))


def test_keys_that_share_a_hash_are_not_confused(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(decided_rows, "_hashes", lambda keys: np.zeros(len(keys), dtype=np.uint64))
    pieces = decided_pieces(run.scores_path, run.decisions_path, piece_rows=7)
    assert {key for piece in pieces for key in piece.decided()} == {*run.decided()} - {"gone:0"}


def test_events_come_in_the_order_of_the_log(run: Run):
    for piece in decided_pieces(run.scores_path, run.decisions_path, piece_rows=20):
        assert all(one.id < other.id for one, other in pairwise(piece.events))


def test_without_a_log_nothing_is_decided(run: Run):
    run.decisions_path.unlink()
    assert [piece.decided() for piece in run.pieces()] == [{}]


def test_rows_are_found_by_id_or_key_and_shown_with_their_place(run: Run):
    found = row_names(run.scores_path, ["9", "absent"], ["k3:0"], first=2)
    assert found["place"].to_list() == [0, 1, 3, 9]
    assert found["row"].to_list() == ["0", "1", "3", "9"]
