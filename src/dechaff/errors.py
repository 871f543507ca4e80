"""Every error that dechaff raises, in one tree.

    DechaffError
    ├── InputError (ValueError)         an argument, array or option is not what it must be
    │   ├── DataError                   a file or frame cannot be read as a data set
    │   ├── LabelsError                 the label column cannot be used
    │   └── ProbsError                  probabilities that were handed in cannot be used
    ├── RunError (RuntimeError)         a run folder cannot be written, read or used
    │   └── SourceChangedError          the data have changed since they were audited
    └── MissingExtraError (ImportError) an optional package is needed and absent

Each message has four parts in this order: *what · must be · is (first bad place) · what to do*.
"""

from __future__ import annotations


class DechaffError(Exception):
    """Root of the tree. Built from four parts; ``str()`` is the message that people read.

    Parameters
    ----------
    what : name of the thing that is wrong.
    must : what it must be, as a clause after "must".
    found : what it is, with the first bad place.
    fix : what to do, as a sentence.

    Examples
    --------
    >>> print(InputError("labels", "be integers from 0 to 2, because probs has 3 columns",
    ...                  "3 in row 17 (4 rows in all)", "Renumber them from 0."))
    labels must be integers from 0 to 2, because probs has 3 columns; found 3 in row 17 (4 rows in all).
    Renumber them from 0.
    """

    def __init__(self, what: str, must: str, found: str, fix: str) -> None:
        self.what, self.must, self.found, self.fix = what, must, found, fix
        super().__init__(f"{what} must {must}; found {found}.\n{fix}")

    def __reduce__(self) -> tuple[type[DechaffError], tuple[str, str, str, str]]:
        return type(self), (self.what, self.must, self.found, self.fix)


class InputError(DechaffError, ValueError):
    """An argument, array or option is not what it must be."""


class DataError(InputError):
    """A file or frame cannot be read as a data set."""


class LabelsError(InputError):
    """The label column cannot be used."""


class ProbsError(InputError):
    """Probabilities that were handed in cannot be used."""


class RunError(DechaffError, RuntimeError):
    """A run folder cannot be written, read or used."""


class SourceChangedError(RunError):
    """The data have changed since they were audited."""


class MissingExtraError(DechaffError, ImportError):
    """An optional package is needed and absent."""

    @classmethod
    def of(cls, package: str, extra: str, purpose: str) -> MissingExtraError:
        """The error for one package of one extra."""
        return cls(
            f"the package {package}",
            f"be installed {purpose}",
            "that it is not",
            f"Install it with: pip install 'dechaff[{extra}]'",
        )
