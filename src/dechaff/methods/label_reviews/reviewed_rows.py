"""Names of the arrays that hold what people said: r rows were read."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import numpy.typing as npt

from dechaff.typing import Axes

Reviewed = Annotated[npt.NDArray[np.int64], Axes("r")]
"""Positions of the rows that were read, each once."""
Wrong = Annotated[npt.NDArray[np.bool_], Axes("r")]
"""Whether the given label was wrong."""
TrueCodes = Annotated[npt.NDArray[np.int64], Axes("r")]
"""True classes, -1 = none of them."""
