"""Rows that operations of data augmentation changed, cut to the place of the change."""

from __future__ import annotations

from dataclasses import dataclass

from dechaff.records.augmented import AugmentationFacts, MadeRow
from dechaff.report.words import ELLIPSIS, Excerpt, escaped_size, one_line, shorten, visible

_ROOM, _MOST_OPERATIONS = 40_000, 20
"""Bytes of HTML that all examples may take, and the operations that have some."""
_ROWS, _CELLS, _NAME, _AROUND, _CHANGED, _TAGS = 6, 5, 40, 40, 80, 400


@dataclass(frozen=True)
class ShownRow:
    """A row before and after; a cell is its column and both texts."""

    row: str
    label: str
    cells: tuple[tuple[str, Excerpt, Excerpt], ...]
    more_cells: int

    @property
    def size(self) -> int:
        """Bytes in an HTML file, at most."""
        texts = [self.row, self.label]
        for name, *both in self.cells:
            texts += [name, *(part for one in both for part in (one.before, one.marked, one.after))]
        return _TAGS * (1 + len(self.cells)) + sum(map(escaped_size, texts))


def made_rows_chapter(facts: AugmentationFacts) -> list[tuple[str, list[ShownRow]]]:
    """Each operation with up to six examples; fewer operations if the rows are long."""
    found: list[tuple[str, list[ShownRow]]] = []
    room = _ROOM
    for one in [tried for tried in facts.tried if tried.examples][:_MOST_OPERATIONS]:
        shown = [_shown(row) for row in one.examples[:_ROWS]]
        room -= sum(row.size for row in shown)
        if room < 0:
            break
        found.append((one_line(one.operation, 80), shown))
    return found


def _shown(made: MadeRow) -> ShownRow:
    cells = tuple((one_line(name, _NAME), *changed(old, new)) for name, old, new in made.cells[:_CELLS])
    hidden = max(0, len(made.cells) - _CELLS) + made.more_cells
    return ShownRow(one_line(made.row, _NAME), one_line(made.label, _NAME), cells, hidden)


def changed(old: str, new: str) -> tuple[Excerpt, Excerpt]:
    """Both texts around the place where they differ, which is marked.

    Examples
    --------
    >>> old, new = changed("a good film", "a fine film")
    >>> old.marked, new.marked, new.before
    ('good', 'fine', 'a ')
    """
    shorter = min(len(old), len(new))
    first = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    last = next((at for at in range(shorter - first) if old[-1 - at] != new[-1 - at]), shorter - first)
    return _around(old, first, len(old) - last), _around(new, first, len(new) - last)


def _around(text: str, first: int, end: int) -> Excerpt:
    start = max(0, first - _AROUND)
    before = (ELLIPSIS if start else "") + visible(text[start:first])
    marked = shorten(visible(text[first:end][: _CHANGED + 1]), _CHANGED)
    after = shorten(visible(text[end : end + _AROUND + 1]), _AROUND)
    return Excerpt(before, marked, after)
