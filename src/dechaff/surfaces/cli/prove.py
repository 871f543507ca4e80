"""``dechaff prove``."""

from __future__ import annotations

from pathlib import Path

from dechaff import api
from dechaff.surfaces.cli.arguments import keywords
from dechaff.surfaces.cli.console import print_json, stdout
from dechaff.surfaces.cli.exits import FINE
from dechaff.surfaces.cli.options import Columns, Metric, Output, Place, Reading
from dechaff.surfaces.cli.progress import shown_progress
from dechaff.surfaces.cli.proof_words import print_proof


def prove(
    before: Path,
    after: Path,
    /,
    *,
    test: Path,
    columns: Columns = Columns(),
    reading: Reading = Reading(),
    place: Place = Place(),
    model: str | None = None,
    metric: Metric = "accuracy",
    seeds: int | None = None,
    seed: int = 0,
    output: Output = Output(),
) -> int:
    """Test on sealed rows whether training data got better.

    Trains the same model on both files, over several seeds, and scores it on the test file. The verdict is
    better, no evidence or worse; each of them ends with exit code 0.

    Parameters
    ----------
    before
        The training data as they were.
    after
        The improved training data.
    test
        File of test rows that nothing was fitted, cleaned or chosen on.
    model
        Your own scikit-learn classifier, as module:object.
    metric
        What is measured; for unbalanced labels take another than accuracy.
    seeds
        Number of paired trainings.
    seed
        Seed of everything random.
    """
    given = keywords(columns, reading, place)
    with shown_progress(quiet=output.quiet) as progress:
        proof = api.prove(
            before, after, test, model=model, metric=metric, seeds=seeds, seed=seed, progress=progress, **given
        )
    if output.json:
        print_json(proof.to_dict())
    else:
        print_proof(stdout(), proof.facts)
    return FINE
