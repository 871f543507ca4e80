"""How often a training unlearnt a row, and whether it ever learnt it."""

from __future__ import annotations

import numpy as np

from dechaff.methods.label_evidence.stages import Stages, rows_of_stage
from dechaff.typing import Labels, Score


def forgetting(labels: Labels, stages: Stages) -> Score:
    """Doubt in each label: the share of the steps of a training at which it was forgotten, or not yet known.

    A forgetting event is a stage that gives another class right after one that gave the given label. Rows that are
    never learnt come first; among the others, those forgotten more often. Many rows tie: it is the coarsest of the
    three scores that look at a training, and needs many stages.

    Parameters as in `cartography`.

    Returns
    -------
    (n,) float in [0, 1]
        1 = never learnt; 0 = learnt at the first stage and never forgotten.

    Source
    ------
    Toneva, Sordoni, Tachet des Combes, Trischler, Bengio, Gordon (2019), An empirical study of example forgetting
    during deep neural network learning, ICLR. Differs: events are divided by their largest possible number, and a
    row not learnt by the last stage adds half an event, so that fewer rows tie.

    Examples
    --------
    Learnt for good; learnt, forgotten and learnt again; never learnt:

    >>> stages = np.array([[[1, 0], [1, 0], [0, 1]], [[1, 0], [0, 1], [0, 1]], [[1, 0], [1, 0], [0, 1]]])
    >>> forgetting(np.array([0, 0, 0]), stages)
    array([0. , 0.4, 1. ])
    """
    knew = np.zeros(len(labels), dtype=bool)
    ever = np.zeros(len(labels), dtype=bool)
    events = np.zeros(len(labels))
    for place in range(len(stages)):
        knows = rows_of_stage(stages, place).argmax(axis=1) == labels
        events += knew & ~knows
        ever |= knows
        knew = knows
    events += 0.5 * ~knew
    return np.where(ever, events / (len(stages) // 2 + 1.5), 1.0)
