"""Every error that dechaff raises, in one tree.

    DechaffError
    ├── InputError (ValueError)         an argument, array or option is not what it must be
    │   ├── DataError                   a file or frame cannot be read as a data set
    │   ├── LabelsError                 the label column cannot be used
    │   └── ProbsError                  probabilities that were passed cannot be used
    ├── RunError (RuntimeError)         a run folder cannot be written, read or used
    │   └── SourceChangedError          the data have changed since they were audited
    └── MissingExtraError (ImportError) an optional package is needed and absent

A message about an argument has four parts in this order: *what · must be · is (first bad place) · what to do*. A
message about the world (a missing file, a full disk, a dead worker) is a sentence and what to do.
"""

from __future__ import annotations

from typing import Self, overload


class DechaffError(Exception):
    """Root of the tree. The message says what is wrong, and `fix` on a line of its own what to do.

    Parameters
    ----------
    message : for an argument that is wrong the name of the argument; else the whole message, as a sentence.
    must : what the argument must be, as a clause after "must".
    found : what it is, with the first bad place.
    fix : what to do, as a sentence.

    Examples
    --------
    >>> print(InputError("labels", "be integers from 0 to 2, because probs has 3 columns",
    ...                  "3 in row 17 (4 rows in all)", "Renumber them from 0."))
    labels must be integers from 0 to 2, because probs has 3 columns; found 3 in row 17 (4 rows in all).
    Renumber them from 0.
    >>> print(RunError("No space left while writing scores.parquet.", fix="Free some space and run it again."))
    No space left while writing scores.parquet.
    Free some space and run it again.
    """

    @overload
    def __init__(self, message: str, must: str, found: str, fix: str) -> None: ...
    @overload
    def __init__(self, message: str, *, fix: str) -> None: ...
    def __init__(self, message: str, must: str = "", found: str = "", fix: str = "") -> None:
        super().__init__(message, must, found, fix)  # with all of them it can be pickled
        self.what, self.must, self.found, self.fix = message, must, found, fix

    def __str__(self) -> str:
        sentence = f"{self.what} must {self.must}; found {self.found}." if self.must else self.what
        return f"{sentence}\n{self.fix}"

    def about(self, place: str) -> Self:
        """The same error, with the place in the data added."""
        if self.must:
            return type(self)(f"{self.what} of {place}", self.must, self.found, self.fix)
        return type(self)(f"{place}: {self.what}", fix=self.fix)


class InputError(DechaffError, ValueError):
    """An argument, array or option is not what it must be."""


class DataError(InputError):
    """A file or frame cannot be read as a data set."""


class LabelsError(InputError):
    """The label column cannot be used."""


class ProbsError(InputError):
    """Probabilities that were passed cannot be used."""


class RunError(DechaffError, RuntimeError):
    """A run folder cannot be written, read or used."""


class SourceChangedError(RunError):
    """The data have changed since they were audited."""


class MissingExtraError(DechaffError, ImportError):
    """An optional package is needed and absent."""

    @classmethod
    def of(cls, package: str, extra: str, purpose: str) -> MissingExtraError:
        """The error for one package of one extra."""
        message = f"The package {package}, which is needed {purpose}, is not installed."
        return cls(message, fix=f"Install it with: pip install 'dechaff[{extra}]'")
