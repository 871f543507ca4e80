"""Every estimate of c, and of the class prior that follows from it, in one table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from dechaff.methods.pu.binned_scores import BinnedScores
from dechaff.methods.pu.class_prior.consensus import Estimate, estimates
from dechaff.methods.pu.scheme import Scheme, class_prior
from dechaff.models.single_threaded import single_threaded


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


_HEAD = ("estimator", "c", "95 % interval", "class prior", "95 % interval", "")


@dataclass(frozen=True)
class PUEstimate:
    """One estimator's c = p(s = 1 | y = 1) and class prior, each with a 95 % interval."""

    name: str
    """Of the function in ``dechaff.methods.pu.class_prior``."""
    c: float
    c_low: float
    c_high: float
    class_prior: float
    class_prior_low: float
    class_prior_high: float
    used: bool
    """Whether ``predict`` uses this c."""

    def cells(self) -> tuple[str, ...]:
        """The row as it is printed."""
        return (
            self.name,
            f"{self.c:.3f}",
            f"{self.c_low:.3f} to {self.c_high:.3f}",
            f"{self.class_prior:.3f}",
            f"{self.class_prior_low:.3f} to {self.class_prior_high:.3f}",
            "used by predict" if self.used else "",
        )


@dataclass(frozen=True, repr=False)
class PUEstimates(NamedRows[PUEstimate]):
    """Estimates, one a row; printed as a table, had by name or place, and given as records or a frame.

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
        """One dictionary a row, as ``pandas.DataFrame`` and others take them."""
        return [asdict(row) for row in self.rows]

    def frame(self) -> Any:
        """The same as a polars data frame; ``.to_pandas()`` turns it into one of pandas."""
        import polars

        return polars.DataFrame(self.records())


def pu_estimates(
    binned: BinnedScores, *, scheme: Scheme, used: str | None, n_bootstraps: int, seed: int
) -> PUEstimates:
    """All estimates of c, the priors that follow from them, and their intervals by bootstrap.

    Parameters
    ----------
    binned : BinnedScores of out-of-fold g
    scheme : how the rows were drawn.
    used : name of the estimate that ``predict`` uses; None where it is none of these.
    n_bootstraps : at least 1
    seed : decides the bootstraps.

    Examples
    --------
    >>> from dechaff.methods.pu.binned_scores import BinnedScores
    >>> f = np.array([0.99, 0.9, 0.5, 0.1, 0.01])
    >>> binned = BinnedScores(0.4 * f, 1000 * 0.4 * f, 1000 * (1 - 0.4 * f))
    >>> table = pu_estimates(binned, scheme="case-control", used="e1", n_bootstraps=20, seed=0)
    >>> [row.name for row in table if row.used], table["e1"].class_prior_low < table["e1"].class_prior
    (['e1'], True)
    """
    # Fits of three numbers: threads that wait for each other cost many times the work where the machine is busy.
    with single_threaded():
        found = estimates(binned, n_bootstraps=n_bootstraps, seed=seed)
    return PUEstimates(tuple(_with_prior(one, binned, scheme, used) for one in found))


def _with_prior(one: Estimate, binned: BinnedScores, scheme: Scheme, used: str | None) -> PUEstimate:
    """The prior falls where c rises, so that its lower end is that of the upper c."""
    prior, low, high = (
        class_prior(c, binned.n_labelled, binned.n_unlabelled, scheme) for c in (one.c, one.high, one.low)
    )
    return PUEstimate(one.name, one.c, one.low, one.high, prior, low, high, used=one.name == used)
