"""``find_curriculum``: how hard the rows are, which pacing suits them, and whether a curriculum helps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from dechaff.api.auditing import run_task
from dechaff.api.out_of_core import reads_out_of_core
from dechaff.api.reading import chosen_model
from dechaff.api.results import Audit
from dechaff.errors import InputError
from dechaff.estimators.curriculum.stepwise import trees_of
from dechaff.recipe.tasks.curriculum import CurriculumTask
from dechaff.records.curricula import CurriculumFacts, CurriculumOptions
from dechaff.records.keywords import takes
from dechaff.report.headline import arms_of, effects_of

_OWN_TEST = 0.2
_OWN_TEST_NOTE = (
    "The test rows are a random fifth of the data, so their labels may be wrong too. That lowers all accuracies; the "
    "differences are right if the errors do not depend on the columns. Pass verified rows with --test."
)


@dataclass(frozen=True, repr=False)
class CurriculumAudit(Audit):
    """An audit with the study of a curriculum. A notebook shows both.

    Examples
    --------
    See `find_curriculum`, which returns one.
    """

    @property
    def curriculum(self) -> CurriculumFacts:
        """The hardest and easiest rows, the pacings, and the comparison."""
        return self.metrics.curriculum or CurriculumFacts()

    def table(self) -> pl.DataFrame:
        """Accuracy of the four trainings and the three effects, with 95 % intervals; empty if none was compared."""
        found = self.curriculum.compared
        rows = {} if found is None else {**arms_of(found), **effects_of(found)}
        figures = [{"what": words, "mean": one.mean, "low": one.low, "high": one.high} for words, one in rows.items()]
        return pl.DataFrame(figures, {"what": pl.String, "mean": pl.Float64, "low": pl.Float64, "high": pl.Float64})


@takes(CurriculumOptions)
def find_curriculum(source: Any, options: CurriculumOptions) -> CurriculumAudit:
    """Find out how hard the rows are, which pacing suits them, and whether a curriculum helps.

    Audits the data. Rows are ordered by the probability that their label is wrong, out of sample. The pacing is the one
    whose model agrees most with the labels of held-out training rows. On the test rows, the curriculum is compared
    with the same pacing in random order, hard rows first, and plain training, at equally many steps.

    Parameters
    ----------
    source : as for ``audit``
        Without test rows, a random fifth of the rows is held out. A model of your own must train by steps, as for
        `CurriculumClassifier`.
    **options

    Returns
    -------
    CurriculumAudit
        ``curriculum`` holds the rows, pacings and comparison, ``table()`` the figures. H001 are hard rows whose label
        is probably right.

    Raises
    ------
    InputError
        If the source or an option cannot be used, the model cannot train by steps, or the data exceed the memory.
    RunError
        If the run folder cannot be written.

    Source
    ------
    Bengio, Louradour, Collobert, Weston (2009), Curriculum learning, ICML; the controls: Wu, Dyer, Neyshabur (2021),
    When do curricula work?, ICLR.

    Examples
    --------
    >>> import numpy as np
    >>> random = np.random.default_rng(0)
    >>> y = random.integers(0, 2, 150)
    >>> table = {"a": random.normal(size=150) + 3 * y, "b": random.normal(size=150), "y": np.array(["no", "yes"])[y]}
    >>> found = find_curriculum(table, label="y", seeds=2)
    >>> found.table()["what"].to_list()[:2], found.curriculum.compared.n_test
    (['curriculum', 'random order, same pacing'], 30)
    >>> found.curriculum.hardest[0].hardness >= found.curriculum.easiest[0].hardness
    True
    """
    if options.seeds < 2:
        fix = "Write --seeds 10, or seeds=10 in Python."
        raise InputError("--seeds", "be at least 2, because the interval needs their spread", str(options.seeds), fix)
    model = chosen_model(options.model)
    if model is not None and not hasattr(model, "bind"):
        trees_of(model)
    if reads_out_of_core(source, options.memory):
        fix = "Allow more with --memory, or pass a sample of the rows."
        raise InputError("the data", "fit into memory, because rows are trained on again and again", "too many", fix)
    note = ""
    if options.test is None and options.test_size is None and options.split is None:
        options, note = replace(options, test_size=_OWN_TEST), _OWN_TEST_NOTE
    done = run_task(source, options, CurriculumTask(n_seeds=options.seeds, note=note), "curriculum")
    return CurriculumAudit(done.run, done.data, done.source)
