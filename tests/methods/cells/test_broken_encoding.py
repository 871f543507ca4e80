"""Broken encodings."""

from __future__ import annotations

import pytest

from dechaff.methods.cells.broken_encoding import decoded_again


@pytest.mark.parametrize("text", ["Müller", "naïve – “quoted”", "Łódź", "東京"])
def test_text_that_was_read_in_the_wrong_encoding_is_restored(text: str) -> None:
    assert decoded_again(text) == text
    assert decoded_again(text.encode().decode("latin-1")) == text
