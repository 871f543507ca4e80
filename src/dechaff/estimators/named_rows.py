"""A result of several lines: gone through in order, had by place or by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Generic, Protocol, TypeVar


class Named(Protocol):
    """What has a name."""

    @property
    def name(self) -> str:
        """Another one than its neighbours have."""


R = TypeVar("R", bound=Named)


@dataclass(frozen=True, repr=False)
class NamedRows(Generic[R]):
    """Rows in order; ``KIND`` says what they are where a name is none of them."""

    KIND: ClassVar[str] = "rows"
    rows: tuple[R, ...]

    def __iter__(self) -> Iterator[R]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, which: int | str) -> R:
        if isinstance(which, int):
            return self.rows[which]
        found = {row.name: row for row in self.rows}
        if which not in found:
            raise KeyError(f"{which!r} is none of the {self.KIND}: {', '.join(found)}")
        return found[which]
