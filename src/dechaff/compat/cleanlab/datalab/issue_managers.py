"""cleanlab's ``IssueManager``, the base of kinds of issues that users define, and where they are registered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

import numpy as np

from dechaff.compat.cleanlab.arguments import Issues, chosen
from dechaff.compat.cleanlab.datalab.issue_types import TASKS, IssueType
from dechaff.errors import InputError
from dechaff.models.columns import pandas_frame

T = TypeVar("T", bound="type[IssueManager]")


class IssueManager:
    """Base of a kind of issues: ``find_issues`` sets the frames ``issues`` and ``summary`` and the dict ``info``.

    Subclasses have an ``issue_name``, and columns ``is_…_issue`` and ``…_score`` of that name in ``issues``.
    """

    issue_name: ClassVar[str]
    issue_score_key: ClassVar[str]
    description: ClassVar[str] = ""
    verbosity_levels: ClassVar[dict[int, list[str]]] = {0: [], 1: [], 2: [], 3: []}

    def __init_subclass__(cls) -> None:
        """Names the column of the scores."""
        if not hasattr(cls, "issue_name"):
            raise InputError(cls.__name__, "have an issue_name", "none", "Set it in the class.")
        cls.issue_score_key = f"{cls.issue_name}_score"

    def __init__(self, datalab: Any, **_: Any) -> None:
        self.datalab = datalab
        self.info: dict[str, Any] = {}
        self.issues = self.summary = pandas_frame({})

    def find_issues(self, *args: Any, **kwargs: Any) -> None:
        """Set ``issues``, ``summary`` and ``info``; the arguments are the options in ``issue_types``."""
        raise NotImplementedError

    def collect_info(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """What else was found, for ``info``."""
        raise NotImplementedError

    @classmethod
    def make_summary(cls, score: float) -> Any:
        """A pandas frame of one line: the score of the data set, from 0 to 1."""
        if not 0 <= score <= 1:
            raise InputError("score", "be from 0 to 1", str(score), "0 is the worst data set, 1 the best.")
        return pandas_frame({"issue_type": [cls.issue_name], "score": [score]})


def register(cls: T, task: str = "classification") -> T:
    """Make a kind of issues known to ``Datalab``, by the name of its class attribute ``issue_name``."""
    if not (isinstance(cls, type) and issubclass(cls, IssueManager)):
        raise InputError("cls", "be a subclass of IssueManager", repr(cls), "Derive it from IssueManager.")
    chosen(TASKS, task, "task")[cls.issue_name] = IssueType(issues_by_manager, (), by_default=False, manager=cls)
    return cls


def issues_by_manager(manager: Any, datalab: Any, options: Mapping[str, Any]) -> Issues:
    """What a user's class finds."""
    one = manager(datalab=datalab, **options)
    one.find_issues(**options)
    name = manager.issue_name
    columns = {str(column): np.asarray(one.issues[column]) for column in one.issues.columns}
    flag, score = columns.pop(f"is_{name}_issue").astype(bool), columns.pop(manager.issue_score_key)
    return Issues(flag, score, float(one.summary["score"].iloc[0]), one.info, columns)
