"""``dechaff prove``."""

from __future__ import annotations

from pathlib import Path

from dechaff.surfaces.cli.console import print_json, stdout
from dechaff.surfaces.cli.exits import FINE
from dechaff.surfaces.cli.options import Output, ProveFlags, read_flags
from dechaff.surfaces.cli.progress import shown_progress
from dechaff.surfaces.cli.proof_words import print_proof


def prove(
    before: Path,
    after: Path,
    /,
    *,
    test: Path,
    options: ProveFlags = ProveFlags(),
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
    """
    from dechaff.api.proving import run_prove  # loads what the work needs, which --help does not

    with shown_progress(quiet=output.quiet) as progress:
        proof = run_prove(before, after, test, read_flags(options, progress=progress))
    if output.json:
        print_json(proof.to_dict())
    else:
        print_proof(stdout(), proof.facts)
    return FINE
