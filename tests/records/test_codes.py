from __future__ import annotations

from dechaff.records.codes import CODES


def test_what_is_shown_of_a_code_holds_no_markdown() -> None:
    for code in CODES.values():
        assert not set("`*#") & {*code.title, *code.meaning, *code.remedy}, code.code
