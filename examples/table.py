"""A table: audit a data frame, apply the proposed fixes, and test on held-out rows whether they help.

The data are the wines of scikit-learn with 20 % of the training labels swapped, so that the true errors are known.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from sklearn.datasets import load_wine

import dechaff


def main() -> None:
    """Audit, apply, prove."""
    wine = load_wine()
    rows = np.random.default_rng(0).permutation(len(wine.data))
    frame = pl.DataFrame(wine.data[rows], schema=wine.feature_names)
    cultivar = wine.target_names[wine.target[rows]]
    train, test = frame[:120], frame[120:].with_columns(cultivar=pl.Series(cultivar[120:].tolist()))

    given = cultivar[:120].copy()
    swapped = np.arange(0, 120, 5)
    given[swapped] = np.roll(wine.target_names, 1)[wine.target[rows][swapped]]
    noisy = train.with_columns(cultivar=pl.Series(given.tolist()))

    audit = dechaff.audit(noisy, label="cultivar")
    flagged = {int(row) for row in audit.findings.filter(pl.col("code") == "L001")["row"]}
    print(
        f"{len(swapped)} labels are wrong; {len(flagged)} were flagged, {len(flagged & set(swapped))} of them correctly"
    )

    proof = dechaff.prove(noisy, audit.apply(), test, label="cultivar")
    print(proof.words)


if __name__ == "__main__":
    main()
