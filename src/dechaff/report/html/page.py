"""The report as one self-contained HTML file, without script, font or request; and in short, for a notebook cell."""

from __future__ import annotations

import json
import re
from functools import cache

import polars as pl
from jinja2 import Environment
from markupsafe import Markup

from dechaff.records.codes import CODES
from dechaff.records.findings import FINDINGS_SCHEMA
from dechaff.records.metrics import Examples, Metrics
from dechaff.report import headline, words
from dechaff.report.environment import environment
from dechaff.report.html import chapters, made_rows
from dechaff.report.html.chapters import findings_chapter
from dechaff.report.html.charts import augmentation, cells, drift, features, labels, progress, scales
from dechaff.report.html.charts.svg import fraction_bar
from dechaff.report.record import RunRecord, record_of
from dechaff.report.words import Excerpt, content_of, one_line, shorten, visible

CHAPTERS = (
    ("assumed", "What was assumed"),
    ("findings", "Findings"),
    ("labels", "Class health"),
    ("duplicates", "Duplicates and leakage"),
    ("columns", "Columns and cells"),
    ("cells", "Wrong cells"),
    ("drift", "Samples that differ"),
    ("baseline", "The baseline model"),
    ("annotators", "Annotators"),
    ("curriculum", "Curriculum"),
    ("features", "Columns and features for the model"),
    ("labelling", "What to label next"),
    ("augmentation", "Data augmentation"),
    ("engine", "Turns of the data engine"),
    ("review", "Proposed changes"),
    ("proof", "Proof on sealed data"),
    ("reproduce", "How to reproduce this"),
    ("limits", "Limits"),
)
"""Anchor and title of each chapter, in the order of the page."""
_OF_POSITIVES = {"labels": ("positives", "How many are positive"), "baseline": ("baseline", "The model of the label")}
"""Chapters that replace others if rows are labelled positive or unlabelled."""


def render_html(record: RunRecord) -> str:
    """The report as HTML: at most 2 MB for any data, and the same bytes for the same run."""
    return templates().get_template("page.html.jinja").render(record=record, chapters=_chapters(record.metrics))


def _chapters(metrics: Metrics) -> tuple[tuple[str, str], ...]:
    """All chapters that have something to show.

    The proof needs the true class of test rows, which is unknown for labelled positives.
    """
    reviewed = metrics.decisions is not None and metrics.decisions.by_reviewers > 0
    others = {"review": ("review", "After review" if reviewed else "Proposed changes")}
    if metrics.positives is not None:
        others |= _OF_POSITIVES
    chapters = (others.get(anchor, (anchor, title)) for anchor, title in CHAPTERS)
    left_out = {"proof"} if metrics.positives is not None else set()
    left_out |= {"curriculum"} if metrics.curriculum is None else set()
    left_out |= {"features"} if metrics.features is None else set()
    left_out |= {"labelling"} if metrics.labelling is None else set()
    left_out |= {"augmentation"} if metrics.augmentation is None else set()
    left_out |= {"engine"} if metrics.engine is None else set()
    left_out |= {"annotators"} if metrics.consensus is None else set()
    left_out |= {"drift"} if not metrics.drift else set()
    left_out |= {"cells"} if not metrics.cells else set()
    return tuple(one for one in chapters if one[0] not in left_out)


def _as_text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_as_text(one)}" for name, one in value.items())
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


_MOST_ROWS = 5
_DOUBTFUL = ("L001", "P001", "P002")
"""Findings about the label of a row; the first ones are shown."""


def render_fragment(metrics: Metrics, examples: Examples | None = None, *, folder: str = "") -> str:
    """A piece of HTML for ``_repr_html_``: verdict, four numbers, findings by code, the first doubtful rows.

    Parameters
    ----------
    metrics, examples : the contents of ``metrics.json`` and ``examples.json``.
    folder : the run folder, to be shown; '' = not shown.
    """
    record = record_of(metrics, examples or {}, {}, pl.DataFrame(schema=FINDINGS_SCHEMA))
    findings = findings_chapter(record)
    doubtful = [example for block in findings.blocks if block.code.code in _DOUBTFUL for example in block.examples]
    texts = {column.name for column in metrics.dataset.columns if column.kind == "text"}
    shown = [
        (one, content_of(((name, _whole(text)) for name, text in one.cells), texts)) for one in doubtful[:_MOST_ROWS]
    ]
    template = templates().get_template("fragment.html.jinja")
    return template.render(record=record, findings=findings, doubtful=shown, texts=texts, folder=folder)


def _whole(text: Excerpt) -> str:
    return text.before + text.marked + text.after


LONGEST_TEXT = 400
"""Most characters of a single text on the page."""


@cache
def templates() -> Environment:
    """The environment in which all templates of the report are rendered."""
    modules = (words, headline, chapters, made_rows, augmentation, cells, drift, features, labels, progress, scales)
    made = environment("html/templates", *modules, autoescape=True, finalize=_bounded)
    made.filters |= {
        "short": one_line,
        "tied": _tied,
        "breakable": _breakable,
        "picture": _picture,
        "as_text": _as_text,
    }
    made.globals |= {"fraction_bar": fraction_bar, "codes": CODES}
    return made


_ADDRESS = re.compile(r"data:image/jpeg;base64,[A-Za-z0-9+/]+={0,2}")


def _picture(address: str, name: str) -> Markup:
    """A thumbnail whose address is its own content; nothing else is ever loaded."""
    if not _ADDRESS.fullmatch(address):
        return Markup("")
    return Markup('<img class="thumb" src="{}" alt="{}">').format(address, name)


def _bounded(value: object) -> object:
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return shorten(visible(value[: LONGEST_TEXT + 1]), LONGEST_TEXT)


def _breakable(name: str) -> Markup:
    """A name that may be broken at its underscores, rather than anywhere."""
    return Markup("_<wbr>").join(name.split("_"))


def _tied(sentence: str) -> str:
    """The sentence with no line break between a number and its percent sign."""
    return re.sub(r"(?<=\d) (?=%)", "\N{NO-BREAK SPACE}", sentence)
