"""The same results in the same order, on one process and on several."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dechaff.recipe.passes.part_pool import over_parts


@dataclass(frozen=True)
class Times:
    factor: Any

    def __call__(self, part: Any) -> Any:
        return part * (self.factor() if callable(self.factor) else self.factor)


@pytest.mark.slow
@pytest.mark.parametrize("factor", [3, lambda: 3], ids=["travels", "does not travel"])
def test_results_come_in_the_order_of_the_parts(factor: Any, tmp_path: Path) -> None:
    parts: Any = list(range(20))
    found = list(over_parts(Times(factor), parts, tmp_path, processes=2))
    assert found == list(over_parts(Times(factor), parts, tmp_path, processes=1))
    assert found == [(part, 3 * part) for part in parts]
    assert not list(tmp_path.iterdir())
