"""cleanlab's ``Datalab`` over dechaff's checks."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from dechaff.checks import check_labels, check_probs, check_same_length
from dechaff.compat.cleanlab.arguments import Inputs, Issues, chosen
from dechaff.compat.cleanlab.datalab.issue_managers import issues_by_manager
from dechaff.compat.cleanlab.datalab.issue_types import NEIGHBOURS, TASKS, IssueType, issue_type
from dechaff.compat.cleanlab.datalab.saved import Saved, read_findings, save_findings
from dechaff.compat.cleanlab.internal.multilabel_utils import get_onehot_num_classes
from dechaff.compat.cleanlab.label_issues import with_columns
from dechaff.compat.cleanlab.outlier import near_graph, usual_metric
from dechaff.compat.cleanlab.regression.rank import numbers
from dechaff.errors import DataError, InputError
from dechaff.estimators.class_labels import ClassLabels, read_class_labels
from dechaff.models.columns import pandas_frame
from dechaff.typing import Columns


class Datalab:
    """Issues of one data set, each kind with a flag and a score a row; 0 = worst, 1 = fine.

    Parameters
    ----------
    data : dict of columns, list of dicts, data frame, Hugging Face dataset, or path of a CSV, JSON or Parquet file
    task : "classification", "regression" (labels are numbers) or "multilabel" (one list of codes for each row)
    label_name : column of the labels, or None if there is none
    image_key : no effect, but a warning: the images themselves are not looked at
    verbosity : whether ``find_issues`` prints a line with its result; 0 = no

    Examples
    --------
    >>> labels, probs = np.repeat([0, 1], 50), np.repeat([[0.9, 0.1], [0.1, 0.9]], 50, axis=0)
    >>> labels[:5] = 1
    >>> lab = Datalab({"y": labels}, label_name="y", verbosity=0)
    >>> lab.find_issues(pred_probs=probs)
    >>> print(lab.issue_summary.round(2).to_string(index=False))  # the rows stand in the order of their classes
         issue_type  score  num_issues
              label   0.95           5
            outlier   0.46           0
            non_iid   0.01           1
    class_imbalance   0.45           0
    """

    def __init__(
        self,
        data: Any,
        task: str = "classification",
        label_name: str | None = None,
        image_key: str | None = None,
        verbosity: int = 1,
    ) -> None:
        self._kinds = chosen(TASKS, task, "task")
        if image_key is not None:
            checked = "images are not looked at: no dark, blurry, odd or repeated image is found; all other issues are"
            warnings.warn(f"image_key has no effect, because {checked}", UserWarning, stacklevel=2)
        data = _read_file(data) if isinstance(data, str | Path) else data
        self.data = data
        self.task = task
        self.label_name = label_name
        self.verbosity = verbosity
        self._given: ClassLabels | None = None
        self._values: Any = None
        """The labels of tasks other than classification."""
        if label_name is not None and task == "classification":
            self._given = _read_labels(data, label_name)
        elif label_name is not None:
            self._values = _VALUES[task](_column(data, label_name))
        self._index = data.index if hasattr(data, "iloc") else None
        self._found: dict[str, Issues] = {}
        self._near = Inputs()
        """The features, or the graph, that were passed last."""

    @property
    def has_labels(self) -> bool:
        """Whether there is a column of labels."""
        return self.label_name is not None

    @property
    def labels(self) -> Any:
        """(n,) codes of the labels, or the labels; empty if there are none."""
        if self._values is not None:
            return self._values
        return np.empty(0, dtype=np.int64) if self._given is None else self._given.codes

    @property
    def class_names(self) -> list[Any]:
        """The names of the classes, in the order of their codes."""
        return [] if self._given is None else self._given.classes.tolist()

    def find_issues(
        self,
        *,
        pred_probs: Any = None,
        features: Any = None,
        knn_graph: Any = None,
        issue_types: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        """Look for the kinds of issues that are named, with their options, or for all that these inputs allow.

        `pred_probs` of a regression are its predictions.
        Nothing that fails is passed over: a kind that cannot be looked for raises an error.
        """
        rows = self._inputs(pred_probs, features, knn_graph)
        if issue_types is None:
            usual = self.list_default_issue_types()
            issue_types = {name: {} for name in usual if not self._absent(rows, name, {})}
        elif not issue_types:
            warnings.warn("issue_types is empty: nothing is looked for", UserWarning, stacklevel=2)
        options = issue_types.values() if isinstance(issue_types, Mapping) else [issue_types]
        for one in options:
            strange = not isinstance(one, Mapping)
            _refuse(strange, "issue_types", "be a dict of kinds, each with a dict of its options", one)
        kinds = {name: issue_type(name, self.task) for name in issue_types}
        for name, kind in kinds.items():
            kind.refuse_unknown(name, issue_types[name])
            lacking = ", ".join(self._absent(rows, name, issue_types[name]))
            _refuse(bool(lacking), "find_issues", f"be handed what the check {name!r} needs", f"no {lacking}")
        for name, kind in kinds.items():
            self._found[name] = self._issues(kind, rows, issue_types[name])
        if rows.features is not None or rows.knn_graph is not None:
            self._near = Inputs(features=rows.features, knn_graph=rows.knn_graph)
        if self.verbosity:
            print(f"{sum(int(self._found[name].is_issue.sum()) for name in kinds)} issues found.")

    def _issues(self, kind: IssueType, rows: Inputs, options: Mapping[str, Any]) -> Issues:
        if kind.manager is not None:
            return issues_by_manager(kind.manager, self, options)
        return kind.find(self._with_neighbours(rows, kind), **options)

    def _absent(self, rows: Inputs, name: str, options: Mapping[str, Any]) -> list[str]:
        kind = issue_type(name, self.task)
        return kind.absent(self._with_neighbours(rows, kind), options)

    def _with_neighbours(self, rows: Inputs, kind: IssueType) -> Inputs:
        """The inputs of a check; if it needs neighbours and none are passed, those of an earlier call."""
        needed = any(set(NEIGHBOURS) <= set(group) for group in kind.needs)
        if not needed or rows.features is not None or rows.knn_graph is not None:
            return rows
        return replace(rows, features=self._near.features, knn_graph=self._near.knn_graph)

    @property
    def issues(self) -> Any:
        """A pandas frame with two columns a kind, ``is_…_issue`` and ``…_score``."""
        columns: Columns = {}
        for name, found in self._found.items():
            columns |= {f"is_{name}_issue": found.is_issue, f"{name}_score": found.score}
        return pandas_frame(columns, index=self._index)

    @property
    def issue_summary(self) -> Any:
        """A pandas frame of each kind with the score of the data set and its number of issues."""
        return pandas_frame(
            {
                "issue_type": list(self._found),
                "score": np.array([found.summary for found in self._found.values()], dtype=np.float64),
                "num_issues": np.array([found.is_issue.sum() for found in self._found.values()], dtype=np.int64),
            }
        )

    @property
    def info(self) -> dict[str, object]:
        """What else was found, by kind."""
        return {name: dict(found.info) for name, found in self._found.items()}

    def get_issues(self, issue_name: str | None = None) -> Any:
        """The columns of one kind, with all details of each row; of all kinds if no name is given."""
        if issue_name is None:
            return self.issues
        found = self._of(issue_name)
        columns = {f"is_{issue_name}_issue": found.is_issue, f"{issue_name}_score": found.score, **found.more}
        return pandas_frame(columns, index=self._index)

    def get_issue_summary(self, issue_name: str | None = None) -> Any:
        """The line of one kind, or all."""
        summary = self.issue_summary
        if issue_name is None:
            return summary
        self._of(issue_name)
        return summary[summary["issue_type"] == issue_name].reset_index(drop=True)

    def get_info(self, issue_name: str | None = None) -> dict[str, object]:
        """What else was found of one kind, or of all; ``"statistics"`` are those of the data."""
        if issue_name == "statistics":
            return self._statistics()
        return self.info if issue_name is None else dict(self._of(issue_name).info)

    def _statistics(self) -> dict[str, object]:
        near, n = self._near, len(next(iter(self._found.values())).score) if self._found else len(self.labels)
        found: dict[str, object] = {
            "num_examples": n,
            "class_names": self.class_names,
            "multi_label": self.task == "multilabel",
        }
        found |= {"num_classes": len(self.class_names), "multi_label": self.task == "multilabel"}
        if "label" in self._found:
            found["health_score"] = self._found["label"].summary
        if near.features is not None or near.knn_graph is not None:
            found["weighted_knn_graph"] = near_graph(near, None, None)
            found["knn_metric"] = None if near.features is None else usual_metric(near.features)
        return found

    def list_possible_issue_types(self) -> list[str]:
        """The kinds that can be looked for."""
        return list(self._kinds)

    def list_default_issue_types(self) -> list[str]:
        """The kinds that are checked if none is named, as far as the inputs allow."""
        return [name for name, kind in self._kinds.items() if kind.by_default]

    def save(self, path: str | Path, force: bool = False) -> None:
        """Write labels and findings into a folder, without the data; a folder that is there only with `force`."""
        saved = Saved(self.task, self.label_name, self._given, self._values, self._index, self._found)
        save_findings(Path(path), saved, force=force)

    @staticmethod
    def load(path: str | Path, data: Any = None) -> Datalab:
        """What `save` has written; `data`, if passed, must have the same labels."""
        saved = read_findings(Path(path))
        lab = Datalab(data, saved.task, label_name=None if data is None else saved.label_name, verbosity=0)
        same = data is None or saved.given is None or _are_equal(lab._given, saved.given)
        same = same and (data is None or saved.values is None or list(lab._values) == list(saved.values))
        _refuse(not same, "data", "have the labels that were saved", "other labels")
        lab.label_name, lab._given, lab._values = saved.label_name, saved.given, saved.values
        lab._index, lab._found = saved.index, saved.found
        return lab

    def report(
        self,
        *,
        num_examples: int = 5,
        verbosity: int | None = None,
        include_description: bool = True,
        show_summary_score: bool = False,
        show_all_issues: bool = False,
    ) -> None:
        """Print the number of issues of each kind, and the worst rows of those that have some."""
        summary = self.issue_summary
        print(summary.to_string(index=False))
        for name, found in self._found.items():
            if found.is_issue.any() or show_all_issues:
                worst = np.argsort(found.score, kind="stable")[:num_examples]
                doc = f"\n{issue_type(name, self.task).description}" if include_description else ""
                print(f"\n{name}: {int(found.is_issue.sum())} issues{doc}")
                print(self.get_issues(name).iloc[worst].to_string())

    def _inputs(self, pred_probs: Any, features: Any, knn_graph: Any) -> Inputs:
        given, probs, labels, names, expected = self._given, None, self._values, (), None
        if self.task == "regression":
            expected = None if pred_probs is None else numbers(pred_probs, "pred_probs")
        elif self.task == "multilabel":
            probs = None if pred_probs is None else np.asarray(pred_probs)
        elif pred_probs is not None and given is not None:
            given, probs = with_columns(given, pred_probs)
        elif pred_probs is not None:
            probs = check_probs(pred_probs)
        if given is not None:
            labels, names = given.codes, tuple(given.classes.tolist())
        table = None if features is None else np.asarray(features)
        if table is not None:
            flat = table.ndim != 2 or not table.shape[1]
            _refuse(flat, "features", "be a table, one row per example", f"shape {table.shape}")
        given_rows = {"labels": labels, "pred_probs": probs, "predictions": expected, "features": table}
        there = {name: one for name, one in given_rows.items() if one is not None}
        check_same_length(**there)
        if knn_graph is not None:
            _check_graph(knn_graph, next(map(len, there.values()), None))
        return Inputs(labels, names, probs, expected, table, knn_graph)

    def _of(self, issue_name: str) -> Issues:
        issue_type(issue_name, self.task, name_of="issue_name")
        if issue_name not in self._found:
            found = ", ".join(self._found) or "nothing yet"
            fix = f"Call find_issues(issue_types={{{issue_name!r}: {{}}}}) first."
            raise InputError("issue_name", "be a kind that was looked for", f"{issue_name!r}; looked for: {found}", fix)
        return self._found[issue_name]


def _are_equal(one: ClassLabels | None, other: ClassLabels) -> bool:
    return one is not None and bool(np.array_equal(one.classes[one.codes], other.classes[other.codes]))


def _read_file(path: str | Path) -> Any:
    """A table; numbers stay numbers, because the columns of probabilities are in the order of the labels."""
    import polars

    file, readers = Path(path), {".csv": "read_csv", ".jsonl": "read_ndjson", ".parquet": "read_parquet"}
    kinds = f"be a table, or the path of a file that ends in .json, {', '.join(readers)}"
    _refuse(file.suffix not in (".json", *readers), "data", kinds, path)
    if not file.is_file():
        raise DataError(f"the file {path}", "exist", "none", "Pass the path of a file.")
    whole = file.suffix == ".json" and file.read_bytes()[:100].lstrip()[:1] == b"["
    return getattr(polars, "read_json" if whole else readers.get(file.suffix, "read_ndjson"))(file)


def _read_labels(data: Any, name: str) -> ClassLabels:
    """The labels; the codes of a Hugging Face dataset with the names that it has for them."""
    feature = getattr(data, "features", None)
    names = getattr(feature.get(name), "names", None) if isinstance(feature, Mapping) else None
    if names is None:
        return read_class_labels(_column(data, name))
    return ClassLabels(check_labels(np.asarray(_column(data, name)), len(names)), np.array(names, dtype=object))


def _lists(column: Any) -> list[list[int]]:
    rows = [row.tolist() if isinstance(row, np.ndarray) else row for row in column]
    get_onehot_num_classes(rows)
    return [list(row) for row in rows]


_VALUES: dict[str, Callable[[Any], Any]] = {
    "regression": lambda column: numbers(column, "labels"),
    "multilabel": _lists,
}


def _column(data: Any, name: str) -> Any:
    if isinstance(data, list):
        without = next((place for place, row in enumerate(data) if name not in row), None)
        _refuse(without is not None, "label_name", f"be in every row; {name!r} is not", f"none in row {without}")
        return [row[name] for row in data]
    names = list(getattr(data, "columns", getattr(data, "column_names", data)))
    _refuse(name not in names, "label_name", f"be one of {', '.join(map(str, names))}", name)
    return data[name]


def _check_graph(graph: Any, n_rows: int | None) -> None:
    shape: tuple[int, ...] = graph.shape if hasattr(graph, "tocsr") else ()
    square = len(shape) == 2 and shape[0] == shape[1]
    must = f"be a sparse matrix of {'n' if n_rows is None else n_rows} rows and as many columns"
    found = f"shape {shape}" if shape else type(graph).__name__
    _refuse(not square or n_rows not in (None, shape[0]), "knn_graph", must, found)


def _refuse(bad: bool, what: str, must: str, found: Any) -> None:
    if bad:
        raise InputError(what, must, str(found), "docs/coming-from-cleanlab.md lists what there is.")
