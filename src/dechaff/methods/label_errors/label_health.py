"""One number for a whole data set: how many of its labels are right."""

from __future__ import annotations

import numpy as np

from dechaff.typing import ClassMatrix


def label_health(joint: ClassMatrix) -> float:
    """Share of all labels that are right, in [0, 1]: the diagonal of the joint.

    Parameters
    ----------
    joint : (k, k) float
        Of `posterior_joint`, or a calibrated confident joint.

    Returns
    -------
    float
        1 where every label is right, and where there is none.

    Source
    ------
    cleanlab 2.9, ``overall_label_health_score`` of a joint.

    Examples
    --------
    >>> import numpy as np
    >>> label_health(np.array([[3.0, 1.0], [2.0, 4.0]]))
    0.7
    """
    total = float(joint.sum())
    return float(np.trace(joint)) / total if total > 0 else 1.0
