"""JSON Lines as a table: what its first records say of it."""

from __future__ import annotations

import json
from pathlib import Path

from dechaff.data.streams.jsonl_stream import open_jsonl


def test_fields_of_long_records_keep_their_order(tmp_path: Path) -> None:
    names = [f"c{place}" for place in range(200)][::-1]
    first, second = dict.fromkeys(names, 0.5), {"late": "a", "c7": 1, "later": True}
    path = tmp_path / "a.jsonl"
    path.write_text(f"\n{json.dumps(first)}\n\n{json.dumps(second)}\n")
    assert list(open_jsonl([path]).schema) == [*names, "late", "later"]
