"""Table of all estimates of c and of the class prior."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from dechaff.methods.pu.binned_scores import BinnedScores
from dechaff.methods.pu.class_prior.estimates import PUEstimate, estimates
from dechaff.methods.pu.scheme import Scheme
from dechaff.models.single_threaded import single_threaded


class Named(Protocol):
    """A record with a name."""

    @property
    def name(self) -> str:
        """Unique among the rows."""


R = TypeVar("R", bound=Named)


@dataclass(frozen=True, repr=False)
class NamedRows(Generic[R]):
    """Named rows, accessed by position or by name; ``KIND`` names them in errors."""

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


_HEAD = ("estimator", "c", "95 % interval", "class prior", "95 % interval", "")


@dataclass(frozen=True, repr=False)
class PUEstimates(NamedRows[PUEstimate]):
    """Estimates, one per row: printed as a table, accessed by name or position, exported as records or a data frame.

    Examples
    --------
    >>> row = PUEstimate("e1", 0.25, 0.24, 0.26, 0.6, 0.58, 0.62, used=True)
    >>> table = PUEstimates((row,))
    >>> print(table)
    estimator  c      95 % interval   class prior  95 % interval
    e1         0.250  0.240 to 0.260  0.600        0.580 to 0.620  used by predict
    >>> table["e1"].c, len(table), table.records()[0]["class_prior"]
    (0.25, 1, 0.6)
    """

    KIND = "estimates"

    def __repr__(self) -> str:
        cells = [_HEAD, *(row.cells() for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in cells]
        return "\n".join(lines)

    def records(self) -> list[dict[str, Any]]:
        """One dictionary per row, for ``pandas.DataFrame`` and others."""
        return [asdict(row) for row in self.rows]

    def frame(self) -> Any:
        """The estimates as a polars data frame."""
        import polars

        return polars.DataFrame(self.records())


def pu_estimates(
    binned: BinnedScores, *, scheme: Scheme, used: str | None, n_bootstraps: int, seed: int
) -> PUEstimates:
    """The `estimates` of c and of the class prior as a table.

    Examples
    --------
    >>> f = np.array([0.99, 0.9, 0.5, 0.1, 0.01])
    >>> binned = BinnedScores(0.4 * f, 1000 * 0.4 * f, 1000 * (1 - 0.4 * f))
    >>> table = pu_estimates(binned, scheme="case-control", used="e1", n_bootstraps=20, seed=0)
    >>> [row.name for row in table if row.used], table["e1"].class_prior_low < table["e1"].class_prior
    (['e1'], True)
    """
    # Fits of three parameters: on a busy machine, threads that wait for each other cost many times the work.
    with single_threaded():
        return PUEstimates(estimates(binned, scheme=scheme, used=used, n_bootstraps=n_bootstraps, seed=seed))
