"""``dechaff predict``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from dechaff import api
from dechaff.surfaces.cli.exits import FINE


def predict(
    run: Path,
    source: Path,
    /,
    *,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
) -> int:
    """Predict the labels of new rows with the model that a recipe kept.

    Parameters
    ----------
    run
        Folder that a recipe wrote.
    source
        File of new rows, with the columns of the training file; a label column is not needed.
    output
        CSV to write; without it the predictions go to stdout.
    """
    predictions = api.predict(run, source, output=output)
    print(predictions.write_csv().rstrip("\n") if output is None else output)
    return FINE
