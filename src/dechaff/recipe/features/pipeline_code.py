"""A selection of columns as Python code: a scikit-learn Pipeline that reads these columns alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from dechaff.core.table import Column
from dechaff.recipe.features.created_code import CreatedCode

_CODE = '''\
"""A scikit-learn Pipeline of the columns that dechaff features selected; written by dechaff, yours to change.

Run this file to cross-validate it. It needs pandas and scikit-learn.
"""

{imports}import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

PATH = {path}
LABEL = {label}
NUMBERS = {numeric}
CATEGORIES = {categorical}
DATES = {datetime}
TEXTS = {text}


def to_numbers(frame):
    """Numbers; NaN for cells that are none."""
    return frame.apply(pd.to_numeric, errors="coerce")


def to_categories(frame):
    """Names of categories; empty cells are a category, too."""
    return frame.astype(object).where(frame.notna(), "").astype(str)


def to_days(frame):
    """Days since 1970; NaN for cells that are no dates."""
    return frame.apply(lambda cells: (to_dates(cells) - pd.Timestamp(0)) / pd.Timedelta(days=1))


def to_dates(cells):
    """Moments without a time zone."""
    return pd.to_datetime(cells, errors="coerce", format="mixed", utc=True).dt.tz_localize(None)


def to_texts(cells):
    """Texts; empty cells are empty texts."""
    return cells.fillna("").astype(str)


def scaled(read):
    """Numbers with their gaps filled and marked, in units of their spread."""
    filled = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    return make_pipeline(FunctionTransformer(read), filled, StandardScaler())
{functions}

def make_features():
    """The selected columns as features."""
    levels = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=5)
    steps = [
        ("numbers", scaled(to_numbers), NUMBERS),
        ("categories", make_pipeline(FunctionTransformer(to_categories), levels), CATEGORIES),
        ("dates", scaled(to_days), DATES),
{steps}    ]
    words = make_pipeline(FunctionTransformer(to_texts), TfidfVectorizer())
    texts = [(f"words of {{name}}", words, name) for name in TEXTS]
    return ColumnTransformer([step for step in steps if step[2]] + texts, remainder="drop")


def make_model():
    """The Pipeline; put your own classifier in place of the last step."""
    return Pipeline([("features", make_features()), ("classifier", LogisticRegression(max_iter=1000))])


def read_rows():
    """The rows that have a label."""
    frame = {read}
    return frame[frame[LABEL].notna()]


if __name__ == "__main__":
    rows = read_rows()
    scores = cross_val_score(make_model(), rows, rows[LABEL].astype(str), error_score="raise")
    print(f"accuracy {{scores.mean():.3f}} in {{len(scores)}} folds")
'''


_NOTHING_CREATED = CreatedCode()


def pipeline_code(
    columns: Sequence[Column],
    source: Path,
    label: str,
    *,
    created: CreatedCode = _NOTHING_CREATED,
    delimiter: str | None = None,
) -> str:
    """The code of a Pipeline that reads these columns of a file, and makes created features of them.

    Parameters
    ----------
    columns : those that stay; images are left out.
    source : the file.
    label : its column of labels.
    created : the code of created features.
    delimiter : of a CSV, if it is known.
    """
    of_kind = {
        kind: [one.name for one in columns if one.kind == kind]
        for kind in ("numeric", "categorical", "datetime", "text")
    }
    lists = {kind: repr(names) for kind, names in of_kind.items()}
    made = {
        "imports": "".join(f"{line}\n" for line in created.imports),
        "functions": created.functions + ("\n" if created.functions else ""),
        "steps": "".join(f"        {line}\n" for line in created.steps),
    }
    path = repr(os.fspath(source.resolve()))
    return _CODE.format(path=path, label=repr(label), read=_reading(source, delimiter), **lists, **made)


def _reading(source: Path, delimiter: str | None) -> str:
    name = source.name.lower()
    if name.endswith(".parquet"):
        return "pd.read_parquet(PATH)"
    if name.endswith((".jsonl", ".jsonl.gz", ".ndjson")):
        return "pd.read_json(PATH, lines=True, dtype=False)"
    given = "\t" if delimiter is None and ".tsv" in name else delimiter
    return f"pd.read_csv(PATH, dtype=str, {'' if given is None else f'sep={given!r}'})".replace(", )", ")")
